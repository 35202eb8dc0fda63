//! Requests and replies as the API modules see them, and the loop that serves them on Lambda.

mod app;
mod audit;
mod caller;
mod change;
mod event;
mod gateway;
#[cfg(test)]
mod odd_events;
mod own_hosts;
mod reply;
mod request;

pub use app::{App, Defect, Handle, ReplyFuture, run};
pub use audit::Audit;
pub use own_hosts::OwnHosts;
pub use reply::Reply;
pub use request::Request;
