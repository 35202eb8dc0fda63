//! Converts the domain's types to items and back.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{
    StoreError,
    history::history_of,
    keys::{organization_pk, webhook_sk},
    values::{Item, key, text_of},
};
use crate::domain::{
    Attempt, Delivery, DeliveryState, Endpoint, FailurePolicy, OrganizationId, QueueState, Secret, Subscription,
    Suspension, TargetKind, Timestamp, Told, ToldOfHour, Webhook, WebhookKey,
};

pub(super) fn corrupt(item: &Item, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { key: format!("{} {}", text_of(item, "pk"), text_of(item, "sk")), reason: reason.to_string() }
}

/// Describes what is wrong with an item, without its values: a parser quotes unexpected input, which may be a secret.
fn fault(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let missing = text.starts_with("missing field");
    if missing { text } else { "an attribute has another form than this version writes".to_owned() }
}

/// Reads an item that the service wrote.
pub(super) fn read<T: serde::de::DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item.clone()).map_err(|error| corrupt(&item, fault(&error)))
}

/// Makes an item that the service writes.
pub(super) fn write<T: Serialize>(record: &T) -> Result<Item, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(record).map_err(unwritable)
}

/// Makes an attribute that the service writes.
pub(super) fn attribute<T: Serialize + ?Sized>(value: &T) -> Result<AttributeValue, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(value).map_err(unwritable)
}

fn unwritable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { key: "(new)".to_owned(), reason: error.to_string() }
}

/// The attributes of a webhook's item, without its keys.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<TargetKind>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_secret_until: Option<Timestamp>,
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

/// Makes the item of a webhook.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if the webhook cannot be converted to an item. The domain's types rule that out.
pub fn webhook_item(webhook: &Webhook) -> Result<Item, StoreError> {
    let hook = webhook.clone();
    let mut item = write(&WebhookRecord {
        id: hook.key.id,
        name: hook.name,
        url: hook.endpoint.url,
        description: hook.description,
        headers: hook.endpoint.headers,
        project: hook.project,
        owner: hook.owner,
        target: hook.target,
        subscriptions: hook.subscriptions,
        active: hook.active,
        paused: hook.paused,
        unpaused: hook.unpaused,
        suspended: hook.suspended,
        signing_secrets: hook.endpoint.signing_secrets,
        previous_secret_until: hook.endpoint.previous_secret_until,
        unsigned: !hook.endpoint.signing,
        tag: hook.endpoint.tag,
        policy: hook.policy,
        generation: hook.generation,
        created: hook.created,
        updated: hook.updated,
    })?;
    item.extend(key(organization_pk(&webhook.organization), webhook_sk(&webhook.key)));
    Ok(item)
}

/// Reads the webhook in an item.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if the item does not have the format that [`webhook_item`] writes.
pub fn webhook_of(organization: &OrganizationId, item: Item) -> Result<Webhook, StoreError> {
    let api = text_of(&item, "sk").split('#').nth(1).and_then(crate::domain::Api::parse);
    let api = api.ok_or_else(|| corrupt(&item, "no webhook's key"))?;
    let record: WebhookRecord = read(item)?;
    Ok(Webhook {
        organization: organization.clone(),
        key: WebhookKey { api, id: record.id },
        name: record.name,
        endpoint: Endpoint {
            url: record.url,
            headers: record.headers,
            tag: record.tag,
            signing_secrets: record.signing_secrets,
            previous_secret_until: record.previous_secret_until,
            signing: !record.unsigned,
        },
        description: record.description,
        project: record.project,
        owner: record.owner,
        target: record.target,
        subscriptions: record.subscriptions,
        active: record.active,
        paused: record.paused,
        unpaused: record.unpaused,
        suspended: record.suspended,
        policy: record.policy,
        generation: record.generation,
        created: record.created,
        updated: record.updated,
    })
}

/// The attributes of a delivery's item, without its keys.
#[derive(Serialize, Deserialize)]
struct DeliveryRecord {
    sk: String,
    #[serde(default, rename = "type")]
    event_type: Option<String>,
    #[serde(default)]
    project: Option<String>,
    state: DeliveryState,
    queued: Timestamp,
    #[serde(default)]
    finished: Option<Timestamp>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    attempts: Vec<Attempt>,
}

/// Reads the delivery in an item.
pub(super) fn delivery_of(item: Item) -> Result<Delivery, StoreError> {
    let record: DeliveryRecord = read(item.clone())?;
    Ok(Delivery {
        event: record.sk.parse().map_err(|error| corrupt(&item, error))?,
        event_type: record.event_type,
        project: record.project,
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
    in_a_row: u32,
    #[serde(default)]
    refusals: u32,
    throttled_since: Option<Timestamp>,
    paced_until: Option<Timestamp>,
    resend: Option<crate::domain::ResendCursor>,
    last_success: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    spread: Option<crate::domain::SpreadCursor>,
    trouble: Option<Timestamp>,
    failing: Option<Timestamp>,
    diverted_hour: Option<i64>,
    #[serde(default)]
    diverted_more: u32,
    expired_hour: Option<i64>,
    #[serde(default)]
    expired_more: u32,
}

/// Reads the queue's state in an item.
pub(super) fn queue_of(item: Item) -> Result<QueueState, StoreError> {
    let history = history_of(item.get("history"));
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
        in_a_row: record.in_a_row,
        refusals: record.refusals,
        throttled_since: record.throttled_since,
        paced_until: record.paced_until,
        resend: record.resend,
        last_success: record.last_success,
        last_failure: record.last_failure,
        spread: record.spread,
        history,
        told: Told {
            trouble: record.trouble,
            failing: record.failing,
            diverted: ToldOfHour { hour: record.diverted_hour, more: record.diverted_more },
            expired: ToldOfHour { hour: record.expired_hour, more: record.expired_more },
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::values::text;

    #[test]
    fn what_is_said_of_an_item_that_cannot_be_read_quotes_none_of_its_values() {
        let mut item = Item::from([("pk".to_owned(), text("ORG#acme")), ("sk".to_owned(), text("WEBHOOK#flip#1"))]);
        let said = |item: &Item| read::<WebhookRecord>(item.clone()).err().unwrap().to_string();
        assert!(said(&item).contains("missing field"), "{}", said(&item));
        for name in ["name", "url", "subscriptions", "generation", "suspended", "policy", "headers", "created"] {
            item.insert(name.to_owned(), AttributeValue::L(vec![text("whsec_secret"), text("hooks.slack.com/secret")]));
            assert!(!said(&item).contains("secret"), "{}", said(&item));
            item.insert(name.to_owned(), text("whsec_secret"));
            assert!(!said(&item).contains("secret"), "{}", said(&item));
        }
    }

    fn item(json: &serde_json::Value) -> Item {
        serde_dynamo::aws_sdk_dynamodb_1::to_item(json).unwrap()
    }

    fn shown(item: Item) -> serde_json::Value {
        serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap()
    }

    /// A webhook with every optional part. Version 0.1.0 stores the same without `previous_secret_until` and `projects`.
    fn stored_webhook() -> serde_json::Value {
        json!({
            "pk": "ORG#acme", "sk": "WEBHOOK#socotra#w1", "id": "w1", "name": "Claims", "url": "https://claims.example/hook",
            "description": "for the claims team", "headers": [["x-key", ["one", "two"]]], "project": "11", "owner": "anna",
            "subscriptions": [
                {"pattern": {"exact": "CreatedProjectActivity"}, "active": true, "projects": ["11", "12"],
                    "configuration": {"id": 3, "created": 1, "updated": 2}},
                {"pattern": {"prefix": "chat"}, "active": false},
            ],
            "active": true, "paused": 3, "unpaused": 4,
            "suspended": {"at": 5, "reason": "HTTP 404", "endpoint_gone": true},
            "signing_secrets": ["whsec_new", "whsec_old"], "previous_secret_until": 6, "unsigned": true, "tag": "blue",
            "policy": {
                "triggers": ["4xx", "timeout"],
                "retry": {"kind": "exponential", "interval_s": 30, "attempts": 4},
                "divert": true, "suspend": false,
                "alert_endpoint": {"url": "https://alerts.example/", "headers": [["x-key", ["three"]]], "tag": "red",
                    "signing_secrets": ["whsec_alert"], "signing": true},
            },
            "generation": 7, "created": 8, "updated": 9,
        })
    }

    #[test]
    fn a_webhook_is_stored_as_the_version_before_stored_it() {
        let stored = stored_webhook();
        let organization = OrganizationId::parse("acme").unwrap();
        let webhook = webhook_of(&organization, item(&stored)).unwrap();
        assert_eq!(shown(webhook_item(&webhook).unwrap()), stored);
        insta::assert_debug_snapshot!(webhook);
    }

    #[test]
    fn a_webhook_that_was_stored_with_the_least_is_read() {
        let stored = json!({"pk": "ORG#acme", "sk": "WEBHOOK#sdelements#0000000000000000007", "id": "7", "name": "n", "url": "u", "description": "",
            "active": true, "generation": 0, "created": 1, "updated": 1});
        let webhook = webhook_of(&OrganizationId::parse("acme").unwrap(), item(&stored)).unwrap();
        assert_eq!(shown(webhook_item(&webhook).unwrap()), stored);
    }

    #[test]
    fn deliveries_and_queues_of_the_version_before_are_read() {
        let stored = json!({"pk": "acme#flip:a", "sk": "01JQNX4T2B0000000000000001", "state": "diverted", "queued": 1, "finished": 2,
            "reason": "HTTP 400", "attempts": [{"at": 1, "status": 400, "duration_ms": 5, "failure": "HTTP 400"}],
            "event_pk": "acme#2025-03-31#0", "weight": 200});
        insta::assert_debug_snapshot!(delivery_of(item(&stored)).unwrap());
        let stored = json!({"pk": "acme#flip:a", "sk": "QUEUE", "touched": 3, "head": "01JQNX4T2B0000000000000001", "due_at": 1,
            "due_shard": "0", "not_before": 2, "lease": "t", "lease_until": 3, "held": "paused", "generation": 4, "failures": 5,
            "refusals": 6, "throttled_since": 7, "paced_until": 8, "last_success": 9, "last_failure": 10,
            "resend": {"next": "01JQNX4T2B0000000000000001", "last": "01JQNX4T2B0000000000000009", "state": "diverted", "requested": 11},
            "spread": {"events": ["01JQNX4T2B0000000000000001"], "after": "flip:a"}});
        insta::assert_debug_snapshot!(queue_of(item(&stored)).unwrap());
        insta::assert_debug_snapshot!(queue_of(item(&json!({"pk": "acme#flip:a", "sk": "QUEUE"}))).unwrap());
    }
}
