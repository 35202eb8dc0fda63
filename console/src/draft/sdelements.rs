//! A webhook of SD Elements' API.

use serde_json::json;
use shared::{
    api::sdelements::{NewWebhook, Role, SdElementsFailure, WebhookChanges, Wrong as Fault, parse_body},
    domain::{Caller, Pattern, Secret, Subscription, Webhook, WebhookKey},
};

use super::maker::{Maker, Wrong, as_sent, error, other, passes, types};
use crate::form::Fields;

const PATH: &str = "/api/v2/webhooks";

pub(super) fn is_permitted(caller: &Caller) -> bool {
    passes(caller, &Role::SuperUser, PATH)
}

pub(super) fn webhook(maker: &Maker<'_>, fields: &Fields) -> Result<Webhook, Wrong> {
    let body =
        json!({"name": fields.text("name"), "url": fields.text("url"), "description": fields.text("description")});
    let hosts = &maker.caller.organization.slack_compatible_hosts;
    let new =
        parse_body(&as_sent(maker, PATH, &body)).and_then(|body| NewWebhook::parse(&body, hosts)).map_err(wrong)?;
    let organization = maker.caller.organization.id.clone();
    let key = WebhookKey::sdelements(0);
    let mut webhook = Webhook::new(organization, key, new.name, new.url, maker.store.clock().now());
    webhook.description = new.description;
    webhook.subscriptions = types(fields).into_iter().map(|kind| Subscription::new(Pattern::Exact(kind))).collect();
    Ok(webhook)
}

pub(super) fn new_url(maker: &Maker<'_>, fields: &Fields) -> Result<Secret, Wrong> {
    let body = json!({"url": fields.text("url")});
    let hosts = &maker.caller.organization.slack_compatible_hosts;
    let changes = parse_body(&as_sent(maker, PATH, &body)).and_then(|body| WebhookChanges::parse(&body, hosts));
    changes.map_err(wrong)?.url.ok_or_else(|| other(false))
}

fn wrong(failure: SdElementsFailure) -> Wrong {
    match failure {
        SdElementsFailure::Validation(faults) => Wrong::Fields(
            faults
                .into_iter()
                .map(|(field, fault)| match fault {
                    Fault::Value(message) | Fault::Item(_, message) => error(field, message),
                })
                .collect(),
        ),
        failure => other(failure == SdElementsFailure::Unavailable),
    }
}
