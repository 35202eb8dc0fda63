//! Makes operational events, by which an organization hears about its webhooks (docs/delivery.md).

use serde::{Deserialize, Serialize};

use crate::{
    domain::{Event, EventId, JsonText, MAX_HOPS, OperationalEvent, Timestamp, Webhook},
    store::{Announcement, Store, StoreError, queue_key},
    validation::masked_endpoint,
};

/// What has happened to a webhook.
pub(super) struct Happened {
    pub(super) what: OperationalEvent,
    /// Why, without anything that the endpoint answered: other endpoints get to read it.
    pub(super) reason: String,
    pub(super) since: Timestamp,
    /// The most hops of the events whose delivery caused it.
    pub(super) hops: u32,
    /// How many deliveries are still pending that end with what is told.
    pub(super) ending: usize,
    /// A lower bound of the ids of the pending deliveries.
    pub(super) head: Option<EventId>,
    /// How many deliveries it is about, and the event of one of them.
    pub(super) of: Option<(u32, EventId)>,
}

/// The data of an operational event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationalData {
    /// The webhook that the event is about.
    pub webhook: AboutWebhook,
    /// Why, in words.
    pub reason: String,
    /// Since when, as an RFC 3339 date-time.
    pub since: String,
    /// How many deliveries wait in the webhook's queue.
    pub queued: usize,
    /// Whether more than [`OperationalData::queued`] wait; absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_queued: bool,
    /// How many deliveries were diverted or have expired since the last event that told of them, this one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The id of the event whose delivery was diverted or has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What the owner should do, in one sentence.
    pub action: String,
}

/// The webhook that an operational event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutWebhook {
    /// Its id: `<api>:<its id there>`.
    pub id: String,
    /// Its API.
    pub api: String,
    /// Its name.
    pub name: String,
    /// Its URL with every secret part masked.
    pub endpoint: String,
}

/// Makes the event that tells what has happened, to be put together with the change of state. `None` if nobody is told:
/// the event would have come back through the service too often, or the organization no longer exists.
///
/// # Errors
///
/// When DynamoDB fails or does not answer.
pub(super) async fn announcement(
    store: &Store,
    webhook: &Webhook,
    happened: Happened,
) -> Result<Option<Announcement>, StoreError> {
    let Happened { what, reason, since, hops, ending, head, of } = happened;
    let hops = hops.saturating_add(1);
    if hops > MAX_HOPS {
        return Ok(None);
    }
    let queue = queue_key(&webhook.organization, &webhook.key);
    let (organization, waiting) =
        futures_util::future::join(store.organization(&webhook.organization), store.count_pending_from(&queue, head))
            .await;
    let (Some(organization), (waiting, more_queued)) = (organization?, waiting?) else { return Ok(None) };
    let key = webhook.key.to_string();
    let data = OperationalData {
        webhook: AboutWebhook {
            id: key.clone(),
            api: webhook.key.api.to_string(),
            name: webhook.name.clone(),
            endpoint: masked_endpoint(&webhook.endpoint.url),
        },
        reason,
        since: since.to_string(),
        queued: waiting.saturating_sub(ending),
        more_queued,
        count: of.map(|(count, _)| count),
        event: of.map(|(_, event)| event.to_string()),
        action: what.action().to_owned(),
    };
    let Ok(data) = JsonText::of(&data) else { return Ok(None) };
    let id = store.new_event_id(&organization, Some(&key));
    let event = Event::new(id, webhook.organization.clone(), what.as_str().to_owned(), id.time(), data);
    let event = Event {
        project: webhook.project.clone(),
        ordering_key: Some(key),
        about: Some(webhook.key.clone()),
        hops,
        ..event
    };
    Ok(Some(Announcement { event, shards: organization.event_shards }))
}
