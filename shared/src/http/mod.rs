//! Requests and replies as the API modules see them, the table of routes, and the conversion from and to API Gateway.

mod audit;
mod event;
mod gateway;
mod log_line;
mod own_hosts;
mod path;
mod reply;
mod request;
mod routes;

pub use audit::{Audit, is_id};
pub(crate) use event::Event;
pub(crate) use gateway::{Answer, read};
pub(crate) use log_line::write as write_log_line;
pub use own_hosts::OwnHosts;
pub use path::Path;
pub use reply::Reply;
pub use request::Request;
pub use routes::{ROUTES, Route};
