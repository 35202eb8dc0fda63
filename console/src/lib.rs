//! The console: the pages on which people see what is delivered and what is not, and steer it.
//!
//! - `router` has the table of pages. `visit` knows who asks, by the session's cookie, and guards what changes anything.
//! - `handle` has a file for each page: it reads what the page shows, or does what its form asks for, through
//!   [`shared::app::App`].
//! - `draft` reads the form of a new webhook by the rules of its API.
//! - `view` has a file for each page too: a pure function of what was read. No view knows a request or a table.
//! - `picture` and `slack` draw pictures, and messages as Slack shows them. They know nothing of this service.

mod asset;
mod draft;
mod failure;
mod form;
mod handle;
pub mod picture;
mod place;
mod reply;
mod router;
pub mod slack;
pub mod time;
mod view;
mod visit;

pub use reply::defect;
pub use router::answer;
