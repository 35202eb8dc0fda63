//! The table of pages.

use http::Method;
use shared::{
    api::operations::{target_key, webhook_key},
    app::App,
    domain::{EventId, WebhookKey},
    http::{Reply, Request},
};

use crate::{
    asset::Asset,
    failure::Failure,
    handle::{self, state::StateChange},
    place::segments,
    reply::failed,
};

/// A page, or what a form does.
#[derive(Debug)]
pub(crate) enum Page {
    /// `/assets/{file}`: the style and the script.
    Asset(String),
    /// `/enter`: entering with a key or a ticket.
    Enter,
    /// `/leave`: ending the session.
    Leave,
    /// The first page: how everything is doing.
    Overview,
    /// `/webhooks`
    Webhooks,
    /// `/webhooks/new`
    NewWebhook,
    /// `/webhooks/{id}`
    Webhook(WebhookKey),
    /// `/webhooks/{id}/pause`, `/unpause` and `/unsuspend`.
    State(WebhookKey, StateChange),
    /// `/webhooks/{id}/test`: sends a test and shows what came of it.
    Test(WebhookKey),
    /// `/webhooks/{id}/url`: changes the URL.
    Url(WebhookKey),
    /// `/webhooks/{id}/rotate-secret`
    Rotate(WebhookKey),
    /// `/webhooks/{id}/resend`: counts what a span has, and resends it.
    Resend(WebhookKey),
    /// `/webhooks/{id}/deliveries/{event}`
    Delivery(WebhookKey, EventId),
    /// `/webhooks/{id}/deliveries/{event}/resend`
    ResendDelivery(WebhookKey, EventId),
    /// `/webhooks/{id}/deliveries/{event}/delete`
    DeleteDelivery(WebhookKey, EventId),
    /// `/events`
    Events,
    /// `/events/test`: publishes a test event.
    PublishTest,
    /// `/events/{id}`
    Event(EventId),
    /// `/notifications`
    Targets,
    /// `/notifications/{id}`: changes a target.
    Target(WebhookKey),
    /// `/notifications/{id}/delete`
    DeleteTarget(WebhookKey),
}

impl Page {
    /// The page at these segments.
    pub(crate) fn find(segments: &[&str]) -> Option<Self> {
        let webhook = |id: &str| webhook_key(id).ok();
        let event = |id: &str| id.parse().ok();
        Some(match segments {
            [] => Self::Overview,
            ["assets", file] => Self::Asset((*file).to_owned()),
            ["enter"] => Self::Enter,
            ["leave"] => Self::Leave,
            ["webhooks"] => Self::Webhooks,
            ["webhooks", "new"] => Self::NewWebhook,
            ["webhooks", id] => Self::Webhook(webhook(id)?),
            ["webhooks", id, "pause"] => Self::State(webhook(id)?, StateChange::Pause),
            ["webhooks", id, "unpause"] => Self::State(webhook(id)?, StateChange::Unpause),
            ["webhooks", id, "unsuspend"] => Self::State(webhook(id)?, StateChange::Unsuspend),
            ["webhooks", id, "test"] => Self::Test(webhook(id)?),
            ["webhooks", id, "url"] => Self::Url(webhook(id)?),
            ["webhooks", id, "rotate-secret"] => Self::Rotate(webhook(id)?),
            ["webhooks", id, "resend"] => Self::Resend(webhook(id)?),
            ["webhooks", id, "deliveries", one] => Self::Delivery(webhook(id)?, event(one)?),
            ["webhooks", id, "deliveries", one, "resend"] => Self::ResendDelivery(webhook(id)?, event(one)?),
            ["webhooks", id, "deliveries", one, "delete"] => Self::DeleteDelivery(webhook(id)?, event(one)?),
            ["events"] => Self::Events,
            ["events", "test"] => Self::PublishTest,
            ["events", id] => Self::Event(event(id)?),
            ["notifications"] => Self::Targets,
            ["notifications", id] => Self::Target(target_key(id).ok()?),
            ["notifications", id, "delete"] => Self::DeleteTarget(target_key(id).ok()?),
            _ => return None,
        })
    }
}

/// Answers a request for a page of the console.
pub async fn answer(app: &App, request: &Request) -> Reply {
    let reply = match Page::find(&segments(request)) {
        Some(page) => dispatch(app, request, page).await,
        None => Err(Failure::NOT_FOUND),
    };
    reply.unwrap_or_else(|failure| failed(app, request, failure))
}

async fn dispatch(app: &App, request: &Request, page: Page) -> Result<Reply, Failure> {
    let get = matches!(request.method, Method::GET | Method::HEAD);
    let post = request.method == Method::POST;
    match page {
        Page::Asset(file) if get => Asset::find(&file).map(|asset| asset.reply(&file)).ok_or(Failure::NOT_FOUND),
        Page::Enter if get => handle::entry::show(app, request).await,
        Page::Enter if post => handle::entry::enter(app, request).await,
        Page::Leave if post => handle::entry::leave(app, request).await,
        Page::Overview if get => handle::overview::show(app, request).await,
        Page::Webhooks if get => handle::webhooks::show(app, request).await,
        Page::NewWebhook if get => handle::new_webhook::show(app, request).await,
        Page::NewWebhook if post => handle::new_webhook::take(app, request).await,
        Page::Webhook(key) if get => handle::webhook::show(app, request, &key).await,
        Page::State(key, change) if post => handle::state::change(app, request, &key, change).await,
        Page::Test(key) if post => handle::test::send(app, request, &key).await,
        Page::Url(key) if get => handle::new_url::show(app, request, &key).await,
        Page::Url(key) if post => handle::new_url::change(app, request, &key).await,
        Page::Rotate(key) if get => handle::secret::show(app, request, &key).await,
        Page::Rotate(key) if post => handle::secret::rotate(app, request, &key).await,
        Page::Resend(key) if get => handle::resend::count(app, request, &key).await,
        Page::Resend(key) if post => handle::resend::resend(app, request, &key).await,
        Page::Delivery(key, event) if get => handle::delivery::show(app, request, &key, event).await,
        Page::ResendDelivery(key, event) if post => handle::delivery::resend(app, request, &key, event).await,
        Page::DeleteDelivery(key, event) if post => handle::delivery::delete(app, request, &key, event).await,
        Page::Events if get => handle::events::show(app, request).await,
        Page::PublishTest if post => handle::events::publish_test(app, request).await,
        Page::Event(event) if get => handle::event::show(app, request, event).await,
        Page::Targets if get => handle::targets::show(app, request).await,
        Page::Targets if post => handle::targets::create(app, request).await,
        Page::Target(key) if get => handle::targets::show_one(app, request, &key).await,
        Page::Target(key) if post => handle::targets::change(app, request, &key).await,
        Page::DeleteTarget(key) if post => handle::targets::delete(app, request, &key).await,
        other => Err(Failure::Method(other.methods())),
    }
}

impl Page {
    /// The methods that the page takes, for the header `Allow`.
    fn methods(&self) -> &'static str {
        match self {
            Self::Asset(_)
            | Self::Overview
            | Self::Webhooks
            | Self::Webhook(_)
            | Self::Delivery(..)
            | Self::Events
            | Self::Event(_) => "GET, HEAD",
            Self::Enter
            | Self::NewWebhook
            | Self::Url(_)
            | Self::Rotate(_)
            | Self::Resend(_)
            | Self::Targets
            | Self::Target(_) => "GET, HEAD, POST",
            Self::Leave
            | Self::State(..)
            | Self::Test(_)
            | Self::ResendDelivery(..)
            | Self::DeleteDelivery(..)
            | Self::PublishTest
            | Self::DeleteTarget(_) => "POST",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_their_paths() {
        let found = |path: &str| Page::find(&path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>());
        assert!(matches!(found(""), Some(Page::Overview)));
        assert!(matches!(found("webhooks/new"), Some(Page::NewWebhook)));
        assert!(matches!(found("webhooks/sdelements%3A7/pause"), Some(Page::State(_, StateChange::Pause))));
        assert!(matches!(found("webhooks/flip:a/deliveries/01JQNX4T2B0000000000000001"), Some(Page::Delivery(..))));
        for path in ["webhooks/7", "webhooks/other:7", "events/x", "webhooks/flip:a/deliveries/x", "nothing", "enter/x"]
        {
            assert!(found(path).is_none(), "{path}");
        }
    }
}
