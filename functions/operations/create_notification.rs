//! `POST /operations/notifications`: creates a notification target, to which operational events go.

use shared::{
    api::operations::{OperationsFailure, Permitted, Places, TargetBody, TargetRequest, new_target_key, parse_body},
    app::App,
    http::{Reply, Request},
    store::Creation,
};

async fn create(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let new = TargetRequest::parse_new(&parse_body(request)?, &Places::of(request, &caller.organization))?;
    let (store, organization) = (&app.store, caller.organization.id.clone());
    let target = new.target(organization, new_target_key(store), store.random(), store.clock().now())?;
    match app.create_webhook(request, &caller, &target).await? {
        Creation::Created => Ok(Reply::json(201, &TargetBody::created(&target))),
        Creation::LimitReached(limit) => Err(OperationsFailure::too_many(limit)),
        // Several targets may have one URL.
        Creation::DuplicateUrl => Err(OperationsFailure::Internal),
    }
}

shared::serve!(create);
