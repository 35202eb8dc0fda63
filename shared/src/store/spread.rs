//! Spread tasks (events that are queued for many webhooks outside the stream) and what fan-out needs to know about an
//! organization.
//!
//! A lane of tasks is stored like a queue: an item `QUEUE` with a head, a count of touches and a lease, and one item
//! for each task. The rules of queues apply to lanes too: nothing in them gets lost, and one worker at a time works on
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Store, StoreError,
    condition::Condition::{Between, Is},
    deliveries::Stored,
    keys::{FORMER_PREFIX, LATE_PREFIX, QUEUE_SK, former_sk, lane_key, late_sk},
    queue::SKEW_MS,
    records::corrupt,
    values::{Item, key, moment, moment_of, number, number_of, text, text_of},
    write::{Update, Write},
};
use crate::domain::{DeliveryState, EventId, OrganizationId, Timestamp, Webhook, WebhookKey};

/// How long an ended subscription leaves a trace, in seconds: longer than the stream may bring a record again.
const TRACE_SECONDS: i64 = 25 * 3_600;

/// An event that still has to be queued for the webhooks that want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadTask {
    /// The event.
    pub event: EventId,
    /// The partition of the Events table that holds the event.
    pub event_partition: String,
    /// The project it happened in, if any.
    pub project: Option<String>,
    /// The event's type.
    pub event_type: String,
    /// Roughly how many bytes its data takes in memory while it is read, as in [`super::Queued::weight`].
    pub weight: usize,
    /// The webhook that an operational event is about, for which it is not queued.
    pub about: Option<WebhookKey>,
    /// The only webhook to queue it for; `None` for all that want it.
    pub only: Option<WebhookKey>,
}

/// What fan-out needs to know about an organization besides its subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneState {
    /// Whether spread tasks are waiting. Later events must queue behind them.
    pub busy: bool,
    /// Webhooks whose subscription ended recently, and when. Deliveries that were put before then may not have been
    /// touched yet.
    pub former: BTreeMap<WebhookKey, Timestamp>,
    /// Webhooks whose events wait in a lane of their own. Later events for them must queue behind those.
    pub late: BTreeSet<WebhookKey>,
}

impl LaneState {
    /// The webhooks that may have wanted an event accepted at that time, although their subscription has ended since.
    pub fn former_at(&self, accepted: Timestamp) -> impl Iterator<Item = &WebhookKey> {
        let lately = self.former.iter().filter(move |(_, removed)| accepted.0 <= removed.0 + SKEW_MS);
        lately.map(|(webhook, _)| webhook)
    }
}

impl Store {
    /// Reads whether tasks wait in the organization's lane, which webhooks are behind, and which subscriptions ended
    /// recently, with consistent reads. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn lane_state(&self, organization: &OrganizationId) -> Result<LaneState, StoreError> {
        let traces = Between("sk", text(FORMER_PREFIX), text(QUEUE_SK));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(lane_key(organization))), traces]);
        // The lane's own item comes first: a webhook that fell behind before the lane was emptied is then seen as
        // behind.
        let query = query.ascending(false).showing(&["sk", "removed", "due_at"]);
        let mut found = LaneState::default();
        for item in query.first(usize::MAX, None).await?.0 {
            let sk = text_of(&item, "sk");
            if sk == QUEUE_SK {
                found.busy = item.contains_key("due_at");
            } else if let Some(webhook) = sk.strip_prefix(LATE_PREFIX).and_then(WebhookKey::parse) {
                found.late.insert(webhook);
            } else if let Some((webhook, removed)) = former_of(&item) {
                // An expired trace stays in the table until DynamoDB deletes it.
                if self.clock.now().seconds() - removed.seconds() < TRACE_SECONDS {
                    found.former.insert(webhook, removed);
                }
            }
        }
        Ok(found)
    }

    /// Puts a task, unless the lane already has, or had, a task for that event. Needs `PutItem` on the Deliveries
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_task(&self, lane: &str, task: &SpreadTask) -> Result<Stored, StoreError> {
        let mut item = key(lane, task.event.to_string());
        item.insert("state".to_owned(), text(DeliveryState::Pending.as_str()));
        item.insert("queued".to_owned(), moment(self.clock.now()));
        item.insert("event_pk".to_owned(), text(&task.event_partition));
        item.insert("type".to_owned(), text(&task.event_type));
        item.insert("weight".to_owned(), number(task.weight));
        if let Some(project) = &task.project {
            item.insert("project".to_owned(), text(project));
        }
        if let Some(about) = &task.about {
            item.insert("about".to_owned(), text(about.to_string()));
        }
        if let Some(webhook) = &task.only {
            item.insert("only".to_owned(), text(webhook.to_string()));
        }
        self.put_once(item).await
    }

    /// Marks a webhook as behind: from now on its events go through its late lane. Each mark has a name of its own.
    /// Needs `PutItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn mark_late(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        mark: &str,
    ) -> Result<(), StoreError> {
        let mut item = key(lane_key(organization), late_sk(webhook));
        item.insert("mark".to_owned(), text(mark));
        self.put_item(Write::put(&self.tables.deliveries, item)).await.map(|_| ())
    }

    /// Reads the name of the mark that says a webhook is behind; `None` if it is not. Needs `GetItem` on the Deliveries
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn late_mark(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
    ) -> Result<Option<String>, StoreError> {
        let wanted = key(lane_key(organization), late_sk(webhook));
        let found = self.get_item(&self.tables.deliveries, wanted).await?;
        Ok(found.map(|item| text_of(&item, "mark").to_owned()))
    }

    /// Removes the mark with that name, because the webhook has caught up. A later mark stays. Needs `DeleteItem` on
    /// the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn unmark_late(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        mark: &str,
    ) -> Result<(), StoreError> {
        let delete = Write::delete(&self.tables.deliveries, key(lane_key(organization), late_sk(webhook)));
        self.delete_item(delete.only_if(Is("mark", text(mark)))).await.map(|_| ())
    }

    /// Reads the first pending tasks of a lane, at most `limit`. Also returns where to continue, if the read stopped
    /// early because it passed over too many finished tasks. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn tasks(
        &self,
        lane: &str,
        head: Option<EventId>,
        limit: usize,
    ) -> Result<(Vec<SpreadTask>, Option<EventId>), StoreError> {
        let shown = &["pk", "sk", "state", "event_pk", "type", "project", "weight", "about", "only"];
        let (items, beyond) = self.pending_items(lane, head, limit, shown).await?;
        Ok((items.iter().map(task_of).collect::<Result<_, _>>()?, beyond))
    }

    /// Writes the trace that a webhook leaves when a subscription of it ends. It stays until the stream can no longer
    /// repeat a record.
    pub(super) fn former_trace(&self, webhook: &Webhook) -> Write<Update> {
        let (trace, now) = (key(lane_key(&webhook.organization), former_sk(&webhook.key)), self.clock.now());
        let update = Write::update(&self.tables.deliveries, trace).set("removed", moment(now));
        update.set("expires_at", number(now.seconds() + TRACE_SECONDS))
    }
}

fn former_of(item: &Item) -> Option<(WebhookKey, Timestamp)> {
    let webhook = text_of(item, "sk").strip_prefix(FORMER_PREFIX)?;
    Some((WebhookKey::parse(webhook)?, moment_of(item, "removed")?))
}

fn task_of(item: &Item) -> Result<SpreadTask, StoreError> {
    let optional = |name: &str| Some(text_of(item, name).to_owned()).filter(|value| !value.is_empty());
    Ok(SpreadTask {
        event: text_of(item, "sk").parse().map_err(|error| corrupt(item, error))?,
        event_partition: text_of(item, "event_pk").to_owned(),
        project: optional("project"),
        event_type: text_of(item, "type").to_owned(),
        weight: number_of(item, "weight").unwrap_or_default(),
        about: optional("about").and_then(|about| WebhookKey::parse(&about)),
        only: optional("only").and_then(|webhook| WebhookKey::parse(&webhook)),
    })
}
