//! A webhook of Socotra's API.

use serde_json::json;
use shared::{
    api::{
        common::FieldError,
        socotra::{Permitted, SocotraFailure, WebhookChanges, elsewhere, new_webhook, new_webhook_key},
    },
    delivery::standard_webhooks,
    domain::{Caller, Permission, Secret, Webhook},
};

use super::maker::{Maker, Wrong, other, passes, types};
use crate::form::Fields;

pub(super) fn is_permitted(caller: &Caller) -> bool {
    let path = format!("/event/{}/webhooks", caller.organization.socotra_tenant);
    passes(caller, &Permitted(&[Permission::WebhooksWrite]), &path)
}

pub(super) fn webhook(maker: &Maker<'_>, fields: &Fields) -> Result<Webhook, Wrong> {
    // This API leaves the secret to its clients.
    let secret = standard_webhooks::generate(maker.store.random());
    let body = json!({
        "name": fields.text("name"),
        "enabled": true,
        "endpoint": {"url": fields.text("url"), "secureSsl": true, "hmacEnabled": true, "secret": secret},
        "eventTypes": types(fields),
    });
    let organization = maker.caller.organization.id.clone();
    let webhook = new_webhook(&body, organization, new_webhook_key(maker.store), maker.store.clock().now());
    webhook.and_then(|webhook| elsewhere(webhook, &maker.request.own_hosts)).map_err(wrong)
}

pub(super) fn new_url(maker: &Maker<'_>, webhook: &Webhook, fields: &Fields) -> Result<Secret, Wrong> {
    let changes = WebhookChanges::parse(&json!({"endpoint": {"url": fields.text("url")}}));
    let mut changed = webhook.clone();
    let applied = changes.and_then(|changes| {
        changes.elsewhere(&maker.request.own_hosts)?.apply(&mut changed, maker.store.clock().now())
    });
    applied.map_err(wrong)?;
    Ok(changed.endpoint.url)
}

fn wrong(failure: SocotraFailure) -> Wrong {
    match failure {
        SocotraFailure::Invalid(faults) => Wrong::Fields(faults.into_iter().map(named).collect()),
        failure => other(failure == SocotraFailure::Unavailable),
    }
}

/// The error with the name that the form gives the field.
fn named(fault: FieldError) -> FieldError {
    let field = fault.field.strip_prefix("endpoint.").unwrap_or(&fault.field).to_owned();
    FieldError { field, ..fault }
}
