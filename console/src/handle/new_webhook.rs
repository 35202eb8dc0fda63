//! `/console/webhooks/new`: makes a webhook of any API that is deployed; shows what it would get, sends a test, stores it.

use std::collections::BTreeSet;

use shared::{
    api::{
        common::FieldError,
        operations::{OperationsFailure, SentRequest, TestBody},
    },
    app::{App, deployed_apis},
    domain::{Api, Event, EventId, EventSource, JsonText, Webhook},
    http::{Reply, Request},
    store::{Creation, EventSpan, NewConfiguration},
};

use super::{done, events::TEST_TYPE, page_of};
use crate::{
    draft::{self, Maker, Wrong},
    failure::Failure,
    form::Fields,
    reply::{self, shown},
    view::{
        self, Notice, Section,
        new_webhook::{Content, Typed},
    },
    visit::Visit,
};

/// How many of today's events are looked at for types to offer.
const LOOKED_AT: usize = 100;

/// The most types that are offered for ticking.
const MOST_OFFERED: usize = 20;

/// Shows the choice of an API, or the form of the chosen one.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, None).await?;
    let open = open(&visit);
    let chosen = request.parameter("api").and_then(Api::parse).filter(|api| open.contains(api));
    match (chosen, open.as_slice()) {
        (Some(api), _) | (None, &[api]) => form(app, &visit, api, &Answer::default()).await,
        (None, _) => {
            let content = view::new_webhook::choice(&visit.frame, &open);
            Ok(shown(&visit.frame, Section::Webhooks, "New webhook", &content))
        }
    }
}

/// Does what the form's button says: `preview`, `test` or `create`.
pub(crate) async fn take(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, None).await?;
    let api = Api::parse(fields.text("api")).filter(|api| open(&visit).contains(api)).ok_or(Failure::NOT_FOUND)?;
    let maker = Maker { store: &app.store, request, caller: &visit.caller };
    let mut answer = Answer { typed: typed(&fields), ..Answer::default() };
    let webhook = match draft::webhook(&maker, api, &fields) {
        Ok(webhook) => webhook,
        Err(Wrong::Failure(failure)) => return Err(failure),
        Err(Wrong::Fields(errors)) => {
            answer.errors = errors;
            return form(app, &visit, api, &answer).await;
        }
    };
    match fields.text("do") {
        "create" => return create(app, request, &visit, webhook).await,
        "test" => {
            if let Some(seconds) = app.too_many_trials(&webhook.organization).await? {
                return Err(OperationsFailure::TooSoon(seconds).into());
            }
            answer.test = Some(app.try_out(&webhook).await.map_err(OperationsFailure::from)?);
        }
        _ => {}
    }
    answer.preview = preview(app, &webhook);
    form(app, &visit, api, &answer).await
}

/// What the form shows besides its fields.
#[derive(Default)]
struct Answer {
    typed: Typed,
    errors: Vec<FieldError>,
    preview: Option<SentRequest>,
    test: Option<TestBody>,
}

fn open(visit: &Visit) -> Vec<Api> {
    draft::open_to(&visit.caller, deployed_apis().as_deref())
}

async fn form(app: &App, visit: &Visit, api: Api, answer: &Answer) -> Result<Reply, Failure> {
    let mut offered: Vec<_> = draft::known_types(api).into_iter().map(str::to_owned).collect();
    if offered.is_empty() {
        offered = seen_today(app, visit).await?;
    }
    let Answer { typed, errors, preview, test } = answer;
    let content = Content { api, typed, offered: &offered, errors, preview: preview.as_ref(), test: test.as_ref() };
    let content = view::new_webhook::content(&visit.frame, &content);
    Ok(reply::form(&visit.frame, Section::Webhooks, "New webhook", &content, errors))
}

/// The types of today's newest events, except those that tell about webhooks.
async fn seen_today(app: &App, visit: &Visit) -> Result<Vec<String>, Failure> {
    let (from, to) = EventId::span(Some(visit.frame.now.start_of_day()), None);
    let span = EventSpan { from, to, event_type: None };
    let found = app.store.newest_events(&visit.caller.organization, &span, None, LOOKED_AT).await?;
    let types: BTreeSet<_> = found.events.into_iter().map(|event| event.event_type).collect();
    Ok(types.into_iter().filter(|kind| !kind.starts_with("outhook.") && kind != TEST_TYPE).take(MOST_OFFERED).collect())
}

/// What the webhook would get of an event that it subscribes to.
fn preview(app: &App, webhook: &Webhook) -> Option<SentRequest> {
    let kind = webhook.subscriptions.first().map_or("example", |subscription| subscription.pattern.as_str());
    let data = if kind == EventSource::CreatedProjectActivity.as_str() {
        serde_json::json!({"project": {"id": 11, "name": "Payments"}, "user": {"name": "Ann"}, "name": "Payments was created"})
    } else {
        serde_json::json!({"example": true})
    };
    let (now, data) = (app.store.clock().now(), JsonText::of(&data).ok()?);
    let event = Event::new(app.store.new_ulid(), webhook.organization.clone(), kind.to_owned(), now, data);
    app.preview(webhook, &Event { project: webhook.project.clone().or(Some("11".to_owned())), ..event })
}

async fn create(app: &App, request: &Request, visit: &Visit, mut webhook: Webhook) -> Result<Reply, Failure> {
    let mut configured = Vec::new();
    if webhook.key.api == Api::SdElements {
        webhook.key.id = app.store.next_webhook_id(&webhook.organization, Api::SdElements).await?.to_string();
        // Its subscriptions are resources of their own, which are made after the webhook.
        configured = std::mem::take(&mut webhook.subscriptions);
    }
    match app.create_webhook(request, &visit.caller, &webhook).await? {
        Creation::Created => {}
        Creation::LimitReached(limit) => {
            let message = format!("The organization has {limit} webhooks of this API, the most it may have.");
            return Err(OperationsFailure::Conflict(message).into());
        }
        Creation::DuplicateUrl => {
            let message = "Another webhook of the organization has this URL.".to_owned();
            return Err(OperationsFailure::Conflict(message).into());
        }
    }
    for subscription in configured {
        match app.store.create_configuration(&webhook.organization, &webhook.key, subscription).await? {
            NewConfiguration::Created(_) | NewConfiguration::Duplicate => {}
            NewConfiguration::Missing | NewConfiguration::TooManyProjects => {
                return Err(OperationsFailure::Internal.into());
            }
        }
    }
    match webhook.endpoint.signing_secrets.first() {
        Some(secret) if webhook.endpoint.signs() => {
            let content = view::new_webhook::created(&visit.frame, &page_of(&webhook), secret.expose());
            Ok(shown(&visit.frame, Section::Webhooks, "The webhook is created", &content))
        }
        _ => Ok(done(&visit.frame, &page_of(&webhook), Notice::Created)),
    }
}

/// What was typed, for the form that is shown again.
fn typed(fields: &Fields) -> Typed {
    let text = |name| fields.text(name).to_owned();
    Typed {
        name: text("name"),
        url: text("url"),
        description: text("description"),
        project: text("project"),
        ticked: fields.all("ticked").into_iter().map(str::to_owned).collect(),
        types: text("types"),
    }
}
