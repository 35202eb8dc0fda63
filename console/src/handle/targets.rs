//! `/console/notifications`: where operational events go: listing, creating, changing and deleting targets.

use serde_json::{Map, Value};
use shared::{
    api::{
        common::FieldError,
        operations::{TargetBody, TargetQuery},
    },
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use super::{done, only_for_writers};
use crate::{
    failure::Failure,
    form::Fields,
    reply::{form, shown},
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
    let mut body = members(&fields);
    body.insert("kind".to_owned(), fields.text("kind").into());
    let target = match app.create_target(request, &visit.caller, &Value::Object(body)).await {
        Ok(target) => target,
        Err(failure) => {
            let errors = Failure::from(failure).into_errors()?;
            return list(app, request, &visit, &typed(&fields), errors).await;
        }
    };
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
            Ok(form(&visit.frame, Section::Notifications, &target.name, &content, &errors))
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
    typed: &Typed,
    errors: Vec<FieldError>,
) -> Result<Reply, Failure> {
    let query = TargetQuery::parse(&visit.caller.organization.id, &filters(request))?;
    let targets = app.target_page(&visit.caller.organization.id, &query).await?;
    let content = view::targets::content(&visit.frame, &targets, typed, &errors);
    Ok(form(&visit.frame, Section::Notifications, "Notifications", &content, &errors))
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
