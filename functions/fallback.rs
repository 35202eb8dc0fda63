//! Everything that no other function answers: OPTIONS and methods that a path does not take, and unknown paths.

use shared::{
    app::{self, App},
    http::{Reply, Request},
};

async fn fallback(app: &App, request: &Request) -> Result<Reply, Reply> {
    Ok(app::fallback(app, request).await)
}

shared::serve!(fallback);
