//! Decides who may use this API. Flip's documents: "Requires authentication via bearer", "The current actor needs the
//! legacy permission WEBHOOK_MANAGEMENT".

use super::{FlipFailure, owned_by, webhook};
use crate::{
    api::{Access, common::bearer},
    domain::{Caller, Permission, Webhook, WebhookKey},
    http::Request,
};

/// Allows callers who may manage webhooks; each sees only the webhooks that it registered. Other requests are refused
/// with 401, 403 or 404, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manager;

impl Access for Manager {
    type Failure = FlipFailure;

    fn key(request: &Request) -> Result<&str, FlipFailure> {
        bearer(request).ok_or(FlipFailure::Unauthenticated)
    }

    fn unknown() -> FlipFailure {
        FlipFailure::Unauthenticated
    }

    fn check(&self, caller: &Caller, _: &Request) -> Result<(), FlipFailure> {
        if caller.may(Permission::WebhookManagement) { Ok(()) } else { Err(FlipFailure::Forbidden) }
    }

    fn webhook(request: &Request) -> Result<WebhookKey, FlipFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, caller: &Caller, _: &Request) -> Result<Webhook, FlipFailure> {
        found.filter(|webhook| owned_by(webhook, caller)).ok_or(FlipFailure::WebhookNotFound)
    }
}
