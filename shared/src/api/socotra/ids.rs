//! Locators in paths: ULIDs of 26 characters in upper case. They are checked without percent-decoding.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::SocotraFailure;
use crate::{
    domain::{Api, EventId, WebhookKey},
    http::Request,
    store::Store,
};

/// Returns the key of the webhook in the path segment `webhookLocator`.
///
/// # Errors
///
/// 404 if the segment is not a locator.
pub fn webhook(request: &Request) -> Result<WebhookKey, SocotraFailure> {
    let id = locator(request, "webhookLocator")?.to_string();
    Ok(WebhookKey { api: Api::Socotra, id })
}

/// Returns the id of the event in the path segment `eventLocator`.
///
/// # Errors
///
/// 404 if the segment is not a locator.
pub fn event(request: &Request) -> Result<EventId, SocotraFailure> {
    locator(request, "eventLocator")
}

/// Returns the request in the path segment `requestLocator`. It is percent-decoded, because it is not one of Outhook's
/// ids and callers may have to encode it.
#[must_use]
pub fn request_locator<'r>(request: &'r Request) -> Cow<'r, str> {
    percent_decode_str(request.path_param("requestLocator")).decode_utf8_lossy()
}

/// Makes the key of a new webhook: a ULID of the present time.
#[must_use]
pub fn new_webhook_key(store: &Store) -> WebhookKey {
    WebhookKey { api: Api::Socotra, id: store.new_ulid().to_string() }
}

fn locator(request: &Request, name: &str) -> Result<EventId, SocotraFailure> {
    request.path_param(name).parse().map_err(|_| SocotraFailure::NotFound)
}
