//! Spread tasks: events that are queued for many webhooks beside the stream, and what fan-out has to know of an organization.
//!
//! A lane of tasks is kept as a queue is: an item `QUEUE` with a head, a count of touches and a lease, and one item a task. The
//! rules that hold for queues hold for lanes: nothing in them is ever out of reach, and one worker at a time is at work.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Store, StoreError,
    deliveries::Stored,
    error::{failed, is_condition},
    keys::{FORMER_PREFIX, LATE_PREFIX, QUEUE_SK, former_sk, lane_key, late_sk},
    queue::SKEW_MS,
    records::corrupt,
    values::{Item, key, moment, moment_of, number, number_of, text, text_of},
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
        let (mut found, mut start) = (LaneState::default(), None);
        loop {
            let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
            let query = query.expression_attribute_values(":pk", text(lane_key(organization)));
            let query = query.expression_attribute_values(":from", text(FORMER_PREFIX));
            let query = query.expression_attribute_values(":to", text(QUEUE_SK)).set_exclusive_start_key(start);
            // The lane first: a webhook that fell behind before the lane was emptied is seen to be behind.
            let query = query.scan_index_forward(false);
            let query = query.projection_expression("sk, removed, due_at");
            let page = query.send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                if text_of(&item, "sk") == QUEUE_SK {
                    found.busy = item.contains_key("due_at");
                } else if let Some(webhook) = text_of(&item, "sk").strip_prefix(LATE_PREFIX).and_then(WebhookKey::parse)
                {
                    found.late.insert(webhook);
                } else if let Some((webhook, removed)) = former_of(&item) {
                    // An expired trace lingers until DynamoDB gets to it.
                    if self.clock.now().seconds() - removed.seconds() < TRACE_SECONDS {
                        found.former.insert(webhook, removed);
                    }
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
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
    /// When DynamoDB does not answer.
    pub async fn mark_late(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        mark: &str,
    ) -> Result<(), StoreError> {
        let mut item = key(lane_key(organization), late_sk(webhook));
        item.insert("mark".to_owned(), text(mark));
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
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
        let wanted = Some(key(lane_key(organization), late_sk(webhook)));
        let get = self.client.get_item().table_name(&self.tables.deliveries).set_key(wanted).consistent_read(true);
        let found = get.send().await.map_err(|error| failed(&error))?.item;
        Ok(found.map(|item| text_of(&item, "mark").to_owned()))
    }

    /// Removes the mark of that name: the webhook has caught up. A later mark stays. Needs `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn unmark_late(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        mark: &str,
    ) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.tables.deliveries);
        let delete = delete.set_key(Some(key(lane_key(organization), late_sk(webhook))));
        let delete = delete.condition_expression("mark = :mark").expression_attribute_values(":mark", text(mark));
        match delete.send().await {
            Err(error) if !is_condition(&error) => Err(failed(&error)),
            _ => Ok(()),
        }
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
        let shown = "pk, sk, #state, event_pk, #type, #project, weight, #only";
        let (items, beyond) = self.pending_items(lane, head, limit, shown).await?;
        Ok((items.iter().map(task_of).collect::<Result<_, _>>()?, beyond))
    }

    /// What a webhook leaves behind when it ends a subscription: the key of the item.
    pub(super) fn former_key(&self, webhook: &Webhook) -> Item {
        key(lane_key(&webhook.organization), former_sk(&webhook.key))
    }

    /// When that item expires.
    pub(super) fn former_expiry(&self) -> i64 {
        self.clock.now().seconds() + TRACE_SECONDS
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
