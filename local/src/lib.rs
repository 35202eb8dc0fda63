//! The local stack: the whole product on one machine, from `template.yaml` and the real function binaries.
//!
//! A development tool and the tests' stage, never deployed: DynamoDB embedded, the routes served as API Gateway would, the
//! stream pumped by the event source mapping's rules, invocations and schedules carried out, and a stand-in for Slack.

mod account;
pub mod binaries;
pub mod cargo;
mod client;
mod clock;
mod database;
pub mod demo;
pub mod derived;
pub mod docs;
mod environment;
mod failure;
mod files;
mod filter;
mod forward;
mod front;
mod functions;
mod gateway;
mod guard;
pub mod introduction;
mod lambda_api;
mod later;
mod limits;
mod lock;
mod log_lines;
mod mapping;
mod memory;
pub mod openapi;
mod places;
mod process;
mod question;
mod resolve;
mod routes;
mod runtime_api;
mod schedule;
mod seed;
mod settings;
mod shown_path;
mod slack;
mod stack;
mod stop;
mod stream;
mod template;

pub use client::client;
pub use clock::{now, now_ms};
pub use database::{TableError, client as dynamodb_client};
pub use files::write_whole;
pub use later::{Later, Progress};
pub use limits::MOST_SYNCHRONOUS;
pub use lock::lock;
pub use log_lines::short as short_log_line;
pub use seed::{Addresses, Ready, Tokens, organization, tables};
pub use settings::Log;
pub use stack::{Error, Options, Stack};
pub use stop::Stopped;
pub use template::{Function, Template, TemplateError};

/// Makes the tables of a template in a DynamoDB, as far as they are not there.
///
/// # Errors
///
/// When the template cannot be read, or DynamoDB refuses a table.
pub async fn create_tables(client: &aws_sdk_dynamodb::Client, template: &std::path::Path) -> Result<(), Error> {
    let template = template::Template::read(template)?;
    Ok(database::create_tables(client, &template).await?)
}

/// Serves nothing but the stand-in for Slack and every other receiver, for functions that run elsewhere and have
/// `OUTHOOK_LOCAL_RECEIVER` lead to it.
///
/// # Errors
///
/// When nothing can be accepted any more.
pub async fn serve_receiver(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    let bound = listener.local_addr()?;
    axum::serve(listener, guard::guarded(slack::router(slack::Surroundings::default()), bound)).await
}
