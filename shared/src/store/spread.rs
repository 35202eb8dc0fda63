//! Spread tasks: events that are queued for many webhooks beside the stream, and what fan-out has to know of an organization.
//!
//! A lane of tasks is kept as a queue is: an item `QUEUE` with a head, a count of touches and a lease, and one item a task. The
//! rules that hold for queues hold for lanes: nothing in them is ever out of reach, and one worker at a time is at work.

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

/// For how long an ended subscription leaves a trace, in seconds: longer than the stream brings a record again.
const TRACE_SECONDS: i64 = 25 * 3_600;

/// An event that is still to be queued for those who want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadTask {
    /// The event.
    pub event: EventId,
    /// Where it is.
    pub event_partition: String,
    /// Its project.
    pub project: Option<String>,
    /// Its type.
    pub event_type: String,
    /// What its data takes in memory while it is read, as [`super::Queued::weight`] has it.
    pub weight: usize,
    /// The one webhook that it is to be queued for; `None` for all that want it.
    pub only: Option<WebhookKey>,
}

/// What fan-out has to know of an organization besides its subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneState {
    /// Whether spread tasks are waiting: later events queue behind them.
    pub busy: bool,
    /// Webhooks with a subscription that has ended lately, and when. A delivery that was put before then may not have been touched.
    pub former: BTreeMap<WebhookKey, Timestamp>,
    /// Webhooks whose events wait in a lane of their own: later events of theirs queue behind them there.
    pub late: BTreeSet<WebhookKey>,
}

impl LaneState {
    /// The webhooks that may have wanted an event which was accepted at that moment, though their subscription has ended since.
    pub fn former_at(&self, accepted: Timestamp) -> impl Iterator<Item = &WebhookKey> {
        let lately = self.former.iter().filter(move |(_, removed)| accepted.0 <= removed.0 + SKEW_MS);
        lately.map(|(webhook, _)| webhook)
    }
}

impl Store {
    /// Whether tasks wait in the organization's lane, which webhooks are behind, and which subscriptions have ended lately, by one
    /// consistent read. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn lane_state(&self, organization: &OrganizationId) -> Result<LaneState, StoreError> {
        let traces = Between("sk", text(FORMER_PREFIX), text(QUEUE_SK));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(lane_key(organization))), traces]);
        // The lane first: a webhook that fell behind before the lane was emptied is seen to be behind.
        let query = query.ascending(false).showing(&["sk", "removed", "due_at"]);
        let mut found = LaneState::default();
        for item in query.first(usize::MAX, None).await?.0 {
            let sk = text_of(&item, "sk");
            if sk == QUEUE_SK {
                found.busy = item.contains_key("due_at");
            } else if let Some(webhook) = sk.strip_prefix(LATE_PREFIX).and_then(WebhookKey::parse) {
                found.late.insert(webhook);
            } else if let Some((webhook, removed)) = former_of(&item) {
                // An expired trace lingers until DynamoDB gets to it.
                if self.clock.now().seconds() - removed.seconds() < TRACE_SECONDS {
                    found.former.insert(webhook, removed);
                }
            }
        }
        Ok(found)
    }

    /// Puts a task, unless there is or was one of that event in the lane. Needs `PutItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
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
        if let Some(webhook) = &task.only {
            item.insert("only".to_owned(), text(webhook.to_string()));
        }
        self.put_once(item).await
    }

    /// Marks a webhook as behind: from now on its events go through its late lane. Each mark has a name of its own. Needs `PutItem`
    /// on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
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

    /// The name of the mark by which a webhook is behind; `None` if it is not. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn late_mark(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
    ) -> Result<Option<String>, StoreError> {
        let wanted = key(lane_key(organization), late_sk(webhook));
        let found = self.get_item(&self.tables.deliveries, wanted).await?;
        Ok(found.map(|item| text_of(&item, "mark").to_owned()))
    }

    /// Removes the mark of that name: the webhook has caught up. A later mark stays. Needs `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn unmark_late(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        mark: &str,
    ) -> Result<(), StoreError> {
        let delete = Write::delete(&self.tables.deliveries, key(lane_key(organization), late_sk(webhook)));
        self.delete_item(delete.only_if(Is("mark", text(mark)))).await.map(|_| ())
    }

    /// The first pending tasks of a lane, at most `limit`; and where to go on, if so much is finished that not all of it was read
    /// over. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn tasks(
        &self,
        lane: &str,
        head: Option<EventId>,
        limit: usize,
    ) -> Result<(Vec<SpreadTask>, Option<EventId>), StoreError> {
        let shown = &["pk", "sk", "state", "event_pk", "type", "project", "weight", "only"];
        let (items, beyond) = self.pending_items(lane, head, limit, shown).await?;
        Ok((items.iter().map(task_of).collect::<Result<_, _>>()?, beyond))
    }

    /// What a webhook leaves behind when it ends a subscription, until no record can come again.
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
        only: optional("only").and_then(|webhook| WebhookKey::parse(&webhook)),
    })
}
