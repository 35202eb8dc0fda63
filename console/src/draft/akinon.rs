//! A webhook of Akinon's API.

use serde_json::json;
use shared::{
    api::akinon::{AkinonFailure, NewWebhook, Permitted, WebhookChanges, new_key, project},
    domain::{Caller, Permission, Secret, Webhook},
};

use super::maker::{Maker, Wrong, as_sent, error, other, passes, types};
use crate::form::Fields;

pub(super) fn is_permitted(caller: &Caller) -> bool {
    passes(caller, &Permitted::To(Permission::WebhooksWrite), "/")
}

pub(super) fn webhook(maker: &Maker<'_>, fields: &Fields) -> Result<Webhook, Wrong> {
    let body = json!({"name": fields.text("name"), "url": fields.text("url"), "events": types(fields)});
    let typed = fields.text("project");
    let organization = &maker.caller.organization.akinon_organization;
    let path = format!("/organizations/{organization}/projects/{typed}/settings/webhooks");
    let request = as_sent(maker, &path, &body);
    let project = project(maker.caller, &request).map_err(|_| {
        Wrong::Fields(vec![error("project", "must be a project's id in Akinon's form: 24 hexadecimal digits")])
    })?;
    let new = NewWebhook::parse(&body).and_then(|new| new.elsewhere(&request.own_hosts)).map_err(wrong)?;
    let (store, now) = (maker.store, maker.store.clock().now());
    Ok(new.webhook(maker.caller, project, new_key(now, store.random()), store.random(), now))
}

pub(super) fn new_url(maker: &Maker<'_>, fields: &Fields) -> Result<Secret, Wrong> {
    let changes = WebhookChanges::parse(&json!({"url": fields.text("url")}));
    let changes = changes.and_then(|changes| changes.elsewhere(&maker.request.own_hosts)).map_err(wrong)?;
    changes.url.ok_or_else(|| other(false))
}

fn wrong(failure: AkinonFailure) -> Wrong {
    match failure {
        AkinonFailure::Validation(faults) => {
            Wrong::Fields(faults.into_iter().map(|fault| error(fault.field, fault.message)).collect())
        }
        failure => other(failure == AkinonFailure::Unavailable),
    }
}
