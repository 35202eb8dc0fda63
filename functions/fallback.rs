//! Everything that no other function answers: OPTIONS and methods that a path does not take, and unknown paths.

use shared::{
    api::{
        routes::{Route, not_found},
        sdelements::{Failure, caller, metadata, super_user},
        socotra,
    },
    http::{App, Reply, Request},
};

async fn fallback(app: &App, request: &Request) -> Result<Reply, Failure> {
    if socotra::is_path(request) {
        return Ok(socotra::fallback(app, request).await.unwrap_or_else(Reply::from));
    }
    let Some(route) = Route::of(request) else { return Ok(not_found()) };
    // As DRF has it, who may not use a view is not told its methods.
    if route.path.starts_with("/api/v2/") {
        super_user(app, request).await?;
    } else {
        caller(app, request).await?;
    }
    if request.method == "OPTIONS" {
        return Ok(Reply::json(200, &metadata(route.name)).with_header("Allow", route.allowed().join(", ")));
    }
    Err(Failure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}

shared::serve!(fallback);
