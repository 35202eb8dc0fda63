//! `PATCH /operations/notifications/{target_id}`: changes a notification target.

use shared::{
    api::operations::{OperationsFailure, Permitted, Places, TargetRequest, parse_body},
    app::App,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, target) = app.webhook(request, Permitted::Writer).await?;
    let places = Places::of(request, &caller.organization);
    let change = TargetRequest::parse_change(&parse_body(request)?, &target, &places)?;
    let now = app.store.clock().now();
    let changed = app.change_webhook(&caller.organization.id, &target.key, |target| {
        change.apply(target, now);
        Ok::<_, OperationsFailure>(())
    });
    let target = changed.await?.ok_or(OperationsFailure::NotFound)?;
    Ok(Reply::json(200, &app.target_body(&target).await?))
}

shared::serve!(update);
