//! `/console/notifications`: where operational events go: listing, creating, changing and deleting targets.

use serde_json::{Map, Value};
use shared::{
    api::{
        common::FieldError,
        operations::{OperationsFailure, Places, TargetBody, TargetQuery, TargetRequest, new_target_key},
    },
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
    store::Creation,
};

use super::{done, only_for_writers};
use crate::{
    failure::Failure,
    form::Fields,
    reply::{page, shown},
    view::{self, Notice, Section, target::Typed},
    visit::{Visit, filters},
};

/// Lists the targets.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, None).await?;
    list(app, request, &visit, &Typed::default(), Vec::new()).await
}

/// Creates a target from the form, or shows the form again with what is wrong.
pub(crate) async fn create(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, None).await?;
    let (caller, places) = (&visit.caller, Places::of(request, &visit.caller.organization));
    let mut body = members(&fields);
    body.insert("kind".to_owned(), fields.text("kind").into());
    let new = match TargetRequest::parse_new(&Value::Object(body), &places) {
        Ok(new) => new,
        Err(failure) => {
            let errors = Failure::from(failure).into_errors()?;
            return list(app, request, &visit, &typed(&fields), errors).await;
        }
    };
    let (store, organization) = (&app.store, caller.organization.id.clone());
    let target = new.target(organization, new_target_key(store), store.random(), store.clock().now())?;
    match app.create_webhook(request, caller, &target).await? {
        Creation::Created => {}
        Creation::LimitReached(limit) => return Err(OperationsFailure::too_many(limit).into()),
        // Several targets may have one URL.
        Creation::DuplicateUrl => return Err(OperationsFailure::Internal.into()),
    }
    match TargetBody::created(&target).signing_secret {
        None => Ok(done(&visit.frame, "/notifications", Notice::Created)),
        Some(secret) => {
            let content = view::target::created(&visit.frame, &target.name, secret.expose());
            Ok(shown(&visit.frame, Section::Notifications, "Created", &content))
        }
    }
}

/// Shows the form that changes a target.
pub(crate) async fn show_one(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    only_for_writers(&visit.frame)?;
    let (target, queue) = visit.webhook()?;
    let content = view::target::content(&visit.frame, &key.id, &Typed::from(&TargetBody::new(target, queue)), &[]);
    Ok(shown(&visit.frame, Section::Notifications, &target.name, &content))
}

/// Changes a target, or shows the form again with what is wrong.
pub(crate) async fn change(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (target, _) = visit.webhook()?;
    let mut body = members(&fields);
    body.insert("active".to_owned(), (fields.text("active") == "true").into());
    match app.change_target(request, &visit.caller.organization, target, &Value::Object(body)).await {
        Ok(_) => Ok(done(&visit.frame, "/notifications", Notice::Saved)),
        Err(failure) => {
            let errors = Failure::from(failure).into_errors()?;
            let content = view::target::content(&visit.frame, &key.id, &typed(&fields), &errors);
            Ok(page(400, view::layout::page(&visit.frame, Section::Notifications, &target.name, &content)))
        }
    }
}

/// Deletes a target, after asking.
pub(crate) async fn delete(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (target, _) = visit.webhook()?;
    if fields.text("sure").is_empty() {
        let question = format!("Delete the target {}?", target.name);
        let path = format!("/notifications/{}/delete", key.id);
        let content = view::confirm::page(&visit.frame, &question, "Delete", &path, "/notifications");
        return Ok(shown(&visit.frame, Section::Notifications, &question, &content));
    }
    if !app.store.delete_webhook(&target.organization, key, |_| true).await? {
        return Err(Failure::NOT_FOUND);
    }
    Ok(done(&visit.frame, "/notifications", Notice::Deleted))
}

async fn list(
    app: &App,
    request: &Request,
    visit: &Visit,
    form: &Typed,
    errors: Vec<FieldError>,
) -> Result<Reply, Failure> {
    let query = TargetQuery::parse(&visit.caller.organization.id, &filters(request))?;
    let targets = app.target_page(&visit.caller.organization.id, &query).await?;
    let content = view::targets::content(&visit.frame, &targets, form, &errors);
    let status = if errors.is_empty() { 200 } else { 400 };
    Ok(page(status, view::layout::page(&visit.frame, Section::Notifications, "Notifications", &content)))
}

/// The members that a new and a changed target have.
fn members(fields: &Fields) -> Map<String, Value> {
    let mut body = Map::new();
    for name in ["name", "url"] {
        body.insert(name.to_owned(), fields.text(name).into());
    }
    body.insert("event_types".to_owned(), fields.all("event_types").into());
    body
}

/// What was typed, for the form that is shown again.
fn typed(fields: &Fields) -> Typed {
    let text = |name| fields.text(name).to_owned();
    let event_types = Some(fields.all("event_types").into_iter().map(str::to_owned).collect());
    let active = fields.text("active") == "true";
    Typed { kind: text("kind"), name: text("name"), url: text("url"), event_types, active }
}
