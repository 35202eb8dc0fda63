//! The local stack: the whole product on one machine, from `template.yaml` and the real function binaries.
//!
//! A development tool and the tests' stage, never deployed: DynamoDB embedded, the routes served as API Gateway would, the
//! stream pumped by the event source mapping's rules, invocations and schedules carried out, and a stand-in for Slack.

mod account;
pub mod bench;
pub mod cargo;
mod database;
pub mod demo;
mod environment;
mod failure;
mod filter;
mod front;
mod functions;
mod gateway;
mod guard;
pub mod introduction;
mod lambda_api;
mod mapping;
mod memory;
pub mod openapi;
mod places;
mod resolve;
mod routes;
mod runtime_api;
mod schedule;
mod seed;
mod slack;
mod stack;
mod stream;
mod template;

pub use database::{TableError, client as dynamodb_client};
pub use functions::Log;
pub use seed::{Addresses, Ready, Tokens, organization};
pub use stack::{Error, Options, Stack};
pub use template::TemplateError;

/// Writes a file so that nobody ever sees half of it, not even after a crash. Only its owner can read it.
///
/// # Errors
///
/// When the file system says no.
pub fn write_whole(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};

    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    // One that a crash left behind may have been made with another mode.
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(fresh, path)
}

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
    axum::serve(listener, guard::guarded(slack::router(), bound)).await
}

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
