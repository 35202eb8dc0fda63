//! Everything that no other function answers: OPTIONS and methods that a path does not take, and unknown paths.

use shared::{
    api,
    http::{App, Reply, Request},
};

async fn fallback(app: &App, request: &Request) -> Result<Reply, Reply> {
    Ok(api::fallback(app, request).await)
}

shared::serve!(fallback);
