//! Requests and replies as the API modules see them, and the loop that serves them on Lambda.

mod reply;
mod request;

pub use reply::Reply;
pub use request::Request;
