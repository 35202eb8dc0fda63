//! How things look as items, and back.

use serde::{Deserialize, Serialize};

use super::{
    StoreError,
    keys::{self, organization_pk, project_key, request_key, webhook_sk},
    values::{Item, key, moment, moment_of, number, text, text_of},
};
use crate::domain::{
    Attempt, Delivery, DeliveryState, Event, FailurePolicy, MAX_DATA, OrganizationId, QueueState, Secret, Subscription,
    Suspension, Timestamp, Webhook, WebhookKey,
};

pub(super) fn corrupt(item: &Item, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { key: format!("{} {}", text_of(item, "pk"), text_of(item, "sk")), reason: reason.to_string() }
}

/// Reads an item of the service's own making.
pub(super) fn read<T: serde::de::DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item.clone()).map_err(|error| corrupt(&item, error))
}

/// Writes an item of the service's own making.
pub(super) fn write<T: Serialize>(record: &T) -> Result<Item, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(record)
        .map_err(|error| StoreError::Corrupt { key: "(new)".to_owned(), reason: error.to_string() })
}

/// A webhook's attributes besides its keys.
#[derive(Serialize, Deserialize)]
struct WebhookRecord {
    id: String,
    name: String,
    url: Secret,
    description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, Vec<Secret>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subscriptions: Vec<Subscription>,
    active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unpaused: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspended: Option<Suspension>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    signing_secrets: Vec<Secret>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unsigned: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<FailurePolicy>,
    generation: u64,
    created: Timestamp,
    updated: Timestamp,
}

/// The item of a webhook.
///
/// # Errors
///
/// [`StoreError::Corrupt`] for a webhook that cannot be an item, which the domain's types rule out.
pub fn webhook_item(webhook: &Webhook) -> Result<Item, StoreError> {
    let hook = webhook.clone();
    let mut item = write(&WebhookRecord {
        id: hook.key.id,
        name: hook.name,
        url: hook.url,
        description: hook.description,
        headers: hook.headers,
        project: hook.project,
        owner: hook.owner,
        subscriptions: hook.subscriptions,
        active: hook.active,
        paused: hook.paused,
        unpaused: hook.unpaused,
        suspended: hook.suspended,
        signing_secrets: hook.signing_secrets,
        unsigned: !hook.signing,
        tag: hook.tag,
        policy: hook.policy,
        generation: hook.generation,
        created: hook.created,
        updated: hook.updated,
    })?;
    item.extend(key(organization_pk(&webhook.organization), webhook_sk(&webhook.key)));
    Ok(item)
}

/// The webhook in an item.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if the item is not one that [`webhook_item`] makes.
pub fn webhook_of(organization: &OrganizationId, item: Item) -> Result<Webhook, StoreError> {
    let api = text_of(&item, "sk").split('#').nth(1).and_then(crate::domain::Api::parse);
    let api = api.ok_or_else(|| corrupt(&item, "no webhook's key"))?;
    let record: WebhookRecord = read(item)?;
    Ok(Webhook {
        organization: organization.clone(),
        key: WebhookKey { api, id: record.id },
        name: record.name,
        url: record.url,
        description: record.description,
        headers: record.headers,
        project: record.project,
        owner: record.owner,
        subscriptions: record.subscriptions,
        active: record.active,
        paused: record.paused,
        unpaused: record.unpaused,
        suspended: record.suspended,
        signing_secrets: record.signing_secrets,
        signing: !record.unsigned,
        tag: record.tag,
        policy: record.policy,
        generation: record.generation,
        created: record.created,
        updated: record.updated,
    })
}

/// The item of an event, in the shape that `docs/events-table.md` promises to everyone; `shards` is the organization's.
#[must_use]
pub fn event_item(event: &Event, shards: u32, expires_at: i64) -> Item {
    let partition = keys::event_partition(&event.organization, event.id, shards);
    let mut item = key(partition, event.id.to_string());
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set("organization", text(event.organization.as_str()));
    set("type", text(&event.event_type));
    set("time", moment(event.time));
    set("data", text(event.data.to_string()));
    set("expires_at", number(expires_at));
    if let Some(project) = &event.project {
        set("project", text(project));
        set("project_key", text(project_key(&event.organization, project)));
    }
    if let Some(request) = &event.request {
        set("request", text(request));
        set("request_key", text(request_key(&event.organization, request)));
    }
    if let Some(user) = &event.user {
        set("user", text(user));
    }
    item
}

/// Whether the data, which was read from `text` unless that is empty, is no larger than it may be.
fn fits(text: &str, data: &serde_json::Value) -> bool {
    // No number becomes more than four times as long when it is written anew, and nothing else longer at all.
    let surely = !text.is_empty() && text.len() <= MAX_DATA / 4;
    surely || data.to_string().len() <= MAX_DATA
}

/// The event in an item of the Events table, whoever put it there.
///
/// # Errors
///
/// Says which attribute is missing or wrong.
pub fn event_from_image(item: &Item) -> Result<Event, String> {
    let required = |name: &str| match text_of(item, name) {
        "" => Err(format!("`{name}` is missing, empty or no string")),
        value => Ok(value.to_owned()),
    };
    let id = required("sk")?.parse().map_err(|error| format!("`sk` is {error}"))?;
    let organization = required("organization")?;
    let organization =
        OrganizationId::parse(&organization).ok_or_else(|| "`organization` is no organization's id".to_owned())?;
    if !text_of(item, "pk").starts_with(&format!("{organization}#")) {
        return Err("`pk` does not begin with the organization".to_owned());
    }
    let event_type =
        crate::validation::event_type::check(&required("type")?).map_err(|why| format!("`type`: {why}"))?;
    let time = moment_of(item, "time").ok_or_else(|| "`time` is missing or no number of milliseconds".to_owned())?;
    let optional = |name: &str| Some(text_of(item, name)).filter(|value| !value.is_empty()).map(str::to_owned);
    let data = match item.get("data") {
        Some(value) if value.is_s() => {
            serde_json::from_str(text_of(item, "data")).map_err(|e| format!("`data`: {e}"))?
        }
        Some(value) => {
            serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value(value.clone()).map_err(|e| format!("`data`: {e}"))?
        }
        None => return Err("`data` is missing".to_owned()),
    };
    let data: serde_json::Value = data;
    if !data.is_object() {
        return Err("`data` is no object".to_owned());
    }
    if !fits(text_of(item, "data"), &data) {
        return Err("`data` is larger than 256 KB".to_owned());
    }
    Ok(Event {
        id,
        organization,
        project: optional("project"),
        event_type,
        time,
        request: optional("request"),
        user: optional("user"),
        data,
    })
}

/// A delivery's attributes besides its keys.
#[derive(Serialize, Deserialize)]
struct DeliveryRecord {
    sk: String,
    state: DeliveryState,
    queued: Timestamp,
    #[serde(default)]
    finished: Option<Timestamp>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    attempts: Vec<Attempt>,
}

/// The delivery in an item.
pub(super) fn delivery_of(item: Item) -> Result<Delivery, StoreError> {
    let record: DeliveryRecord = read(item.clone())?;
    Ok(Delivery {
        event: record.sk.parse().map_err(|error| corrupt(&item, error))?,
        state: record.state,
        queued: record.queued,
        finished: record.finished,
        reason: record.reason,
        attempts: record.attempts,
    })
}

#[derive(Deserialize)]
struct QueueRecord {
    #[serde(default)]
    touched: u64,
    head: Option<crate::domain::EventId>,
    due_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    lease: Option<String>,
    lease_until: Option<Timestamp>,
    held: Option<crate::domain::Hold>,
    #[serde(default)]
    generation: u64,
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    refusals: u32,
    throttled_since: Option<Timestamp>,
    paced_until: Option<Timestamp>,
    resend: Option<crate::domain::ResendCursor>,
    last_success: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    spread: Option<crate::domain::SpreadCursor>,
}

/// The queue in an item.
pub(super) fn queue_of(item: Item) -> Result<QueueState, StoreError> {
    let record: QueueRecord = read(item)?;
    Ok(QueueState {
        touched: record.touched,
        head: record.head,
        due_at: record.due_at,
        not_before: record.not_before,
        lease: record.lease.zip(record.lease_until),
        held: record.held,
        generation: record.generation,
        failures: record.failures,
        refusals: record.refusals,
        throttled_since: record.throttled_since,
        paced_until: record.paced_until,
        resend: record.resend,
        last_success: record.last_success,
        last_failure: record.last_failure,
        spread: record.spread,
    })
}
