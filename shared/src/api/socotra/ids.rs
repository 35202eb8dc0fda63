//! Locators in paths. They are checked as they stand there: 26 characters of a ULID in upper case.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::SocotraFailure;
use crate::{
    domain::{Api, EventId, WebhookKey},
    http::Request,
    store::Store,
};

/// The webhook named by the segment `webhookLocator`.
///
/// # Errors
///
/// 404 for what is not a locator.
pub fn webhook(request: &Request) -> Result<WebhookKey, SocotraFailure> {
    let id = locator(request, "webhookLocator")?.to_string();
    Ok(WebhookKey { api: Api::Socotra, id })
}

/// The event named by the segment `eventLocator`.
///
/// # Errors
///
/// 404 for what is not a locator.
pub fn event(request: &Request) -> Result<EventId, SocotraFailure> {
    locator(request, "eventLocator")
}

/// The request named by the segment `requestLocator`: not one of our ids, so that callers may have to percent-encode it.
#[must_use]
pub fn request_locator<'r>(request: &'r Request) -> Cow<'r, str> {
    percent_decode_str(request.path_param("requestLocator")).decode_utf8_lossy()
}

/// The key of a new webhook.
#[must_use]
pub fn new_webhook_key(store: &Store) -> WebhookKey {
    let id = EventId::new(store.clock().now(), u128::from_le_bytes(store.random()));
    WebhookKey { api: Api::Socotra, id: id.to_string() }
}

fn locator(request: &Request, name: &str) -> Result<EventId, SocotraFailure> {
    request.path_param(name).parse().map_err(|_| SocotraFailure::NotFound)
}
