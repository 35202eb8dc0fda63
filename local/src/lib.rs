//! The local stack: the whole product on one machine, from `template.yaml` and the real function binaries.
//!
//! A development tool and the tests' stage, never deployed: DynamoDB embedded, the routes served as API Gateway would, the
//! stream pumped by the event source mapping's rules, invocations and schedules carried out, and a stand-in for Slack.

mod database;
pub mod demo;
mod filter;
mod functions;
mod gateway;
mod lambda_api;
mod mapping;
mod routes;
mod schedule;
mod seed;
mod slack;
mod stack;
mod stream;
mod template;

pub use database::TableError;
pub use functions::Log;
pub use seed::{Ready, Tokens};
pub use stack::{Error, Options, Stack};
pub use template::TemplateError;

/// A client for the addresses of a stack.
///
/// # Errors
///
/// When the system's certificates cannot be read.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Somebody else in the process may have been first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build()
}
