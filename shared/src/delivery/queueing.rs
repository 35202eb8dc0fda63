//! Queueing events for one webhook: what fan-out and spread both do.

use std::collections::BTreeSet;

use crate::{
    domain::{DeliveryState, EventId, OrganizationId, WebhookKey},
    store::{Finish, SpreadTask, Store, StoreError, Stored, Touch, late_lane_key, queue_key},
};

use super::reason::WEBHOOK_DELETED;

/// An event that more webhooks want is not queued inside the stream's batch, but spread beside it.
const WIDE: usize = 25;

/// How many pairs of project and type are looked up before what they lead to is queued.
const LOOK_UPS: usize = 8;

/// Who wants an event.
pub(super) enum Audience {
    /// These webhooks.
    Few(Vec<WebhookKey>),
    /// More than [`WIDE`].
    Many,
}

/// Finds out who wants events of that type in that project.
///
/// # Errors
///
/// When DynamoDB does not answer.
pub(super) async fn audience(
    store: &Store,
    organization: &OrganizationId,
    project: Option<&str>,
    event_type: &str,
) -> Result<Audience, StoreError> {
    let found = store.subscribers(organization, project, event_type, None, WIDE + 1).await?;
    let wide = found.next.is_some() || found.webhooks.len() > WIDE;
    Ok(if wide { Audience::Many } else { Audience::Few(found.webhooks) })
}

/// By what the audiences of the first items are to be looked up, at most [`LOOK_UPS`] of them that are not known; and for how many
/// items all is known then.
pub(super) fn look_ups<'a, T, I: Ord>(
    items: &'a [T],
    interest_of: impl Fn(&'a T) -> I,
    is_known: impl Fn(&I) -> bool,
) -> (BTreeSet<I>, usize) {
    let mut interests = BTreeSet::new();
    for (count, item) in items.iter().enumerate() {
        let interest = interest_of(item);
        if !is_known(&interest) && !interests.contains(&interest) {
            if interests.len() == LOOK_UPS {
                return (interests, count);
            }
            interests.insert(interest);
        }
    }
    (interests, items.len())
}

/// An event that is to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The event.
    pub(super) event: EventId,
    /// Where it is.
    pub(super) partition: String,
    /// Its project, type and weight, for a task that is made of it.
    pub(super) project: Option<String>,
    pub(super) event_type: String,
    pub(super) weight: usize,
    /// Whether the webhook's subscription has ended since: what was put before then is touched, and nothing is put.
    pub(super) former: bool,
}

impl Entry {
    /// The task to queue it later, for one webhook or for all that want it.
    pub(super) fn task(&self, only: Option<WebhookKey>) -> SpreadTask {
        SpreadTask {
            event: self.event,
            event_partition: self.partition.clone(),
            project: self.project.clone(),
            event_type: self.event_type.clone(),
            weight: self.weight,
            only,
        }
    }
}

/// The result of queueing.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether drain is to be woken for the queue.
    pub(super) wake: bool,
    /// The late lane for which spread is to be woken.
    pub(super) lane: Option<String>,
    /// Whether the webhook is behind now: what follows goes through its late lane.
    pub(super) late: bool,
    /// From which entry on nothing was done, and why.
    pub(super) failed: Option<(usize, StoreError)>,
}

/// Queues the entries for the webhook, or leaves them to its late lane: if it is behind already, as `late` says, or if its
/// partition takes no more writes.
pub(super) async fn queue_or_leave(
    store: &Store,
    organization: &OrganizationId,
    webhook: &WebhookKey,
    entries: &[Entry],
    late: bool,
) -> Outcome {
    let (mut outcome, mut why, mut from) = (Outcome::default(), None, 0);
    if !late {
        outcome = queue_up(store, organization, webhook, entries).await;
        match outcome.failed.take() {
            Some((at, error)) if error.is_throttled() => (from, why) = (at, Some(error)),
            failed => return Outcome { failed, ..outcome },
        }
    }
    // What is only to be touched is in the queue already, if at all.
    let (former, wanted): (Vec<Entry>, Vec<Entry>) = entries[from..].iter().cloned().partition(|entry| entry.former);
    let touched = queue_up(store, organization, webhook, &former).await;
    outcome.wake |= touched.wake;
    if let Some((_, error)) = touched.failed {
        return Outcome { failed: Some((from, error)), ..outcome };
    }
    if wanted.is_empty() {
        return outcome;
    }
    match leave_for_later(store, organization, webhook, &wanted).await {
        Ok(lane) => {
            if let Some(error) = why {
                let queue = queue_key(organization, webhook);
                tracing::warn!(queue, error = %error, "a queue takes no more writes; it falls behind alone");
            }
            Outcome { lane, late: true, ..outcome }
        }
        Err(error) => Outcome { failed: Some((from, error)), ..outcome },
    }
}

/// Puts the entries into the webhook's queue, the lowest id first, and touches it. One after the other: drain may read between
/// two of them, and must not see a later one without the earlier. What was put before an error is touched.
pub(super) async fn queue_up(
    store: &Store,
    organization: &OrganizationId,
    webhook: &WebhookKey,
    entries: &[Entry],
) -> Outcome {
    let queue = queue_key(organization, webhook);
    let (mut outcome, mut pending) = (Outcome::default(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        let stored = if entry.former {
            store.delivery_state(&queue, entry.event).await.map(|state| state.map(Stored::Known))
        } else {
            store.put_pending(&queue, entry.event, &entry.partition, entry.weight).await.map(Some)
        };
        match stored {
            Ok(Some(Stored::New | Stored::Known(DeliveryState::Pending))) => pending.push(entry.event),
            Ok(Some(Stored::Known(_)) | None) => {}
            Err(error) => {
                // It may have been put, and only the answer was lost.
                if !error.is_throttled() {
                    pending.push(entry.event);
                }
                outcome.failed = Some((at, error));
                break;
            }
        }
    }
    match touch(store, &queue, &pending).await {
        Ok(wake) => outcome.wake = wake,
        // Nothing that was put counts as done until it is touched.
        Err(error) => outcome.failed = Some((0, error)),
    }
    outcome
}

/// Says that the events were put; whether drain is to be woken.
async fn touch(store: &Store, queue: &str, pending: &[EventId]) -> Result<bool, StoreError> {
    let Some(lowest) = pending.iter().min() else { return Ok(false) };
    let touched = store.touch(queue, *lowest).await?;
    if touched == Touch::Deleted {
        // Drain may have swept the queue before these came.
        for event in pending {
            let reason = Some(WEBHOOK_DELETED.to_owned());
            let finish = Finish { state: DeliveryState::Discarded, reason, attempts: None };
            store.finish(queue, *event, &finish).await?;
        }
    }
    Ok(touched == Touch::Due)
}

/// Leaves the entries to the webhook's late lane, so that it alone falls behind, and marks it as behind, so that what follows
/// queues behind them. The lane's key if spread is to be woken for it.
///
/// The mark comes last: whoever removes the one before has not seen these entries yet, or has queued them.
///
/// # Errors
///
/// When DynamoDB does not take that either.
async fn leave_for_later(
    store: &Store,
    organization: &OrganizationId,
    webhook: &WebhookKey,
    entries: &[Entry],
) -> Result<Option<String>, StoreError> {
    let lane = late_lane_key(&queue_key(organization, webhook));
    let tasks = entries.iter().map(|entry| entry.task(Some(webhook.clone())));
    let wake = put_tasks(store, &lane, tasks, false).await?;
    let mark = store.random_hex::<8>();
    store.mark_late(organization, webhook, &mark).await?;
    Ok(wake.then_some(lane))
}

/// Puts the tasks into the lane, in order, and touches it; whether spread is to be woken for it. In a replay, `again`, what was
/// spread before is spread anew: webhooks that were made since may want it.
///
/// # Errors
///
/// When DynamoDB does not answer. What was put before is not touched then: the caller has the records brought again.
pub(super) async fn put_tasks(
    store: &Store,
    lane: &str,
    tasks: impl IntoIterator<Item = SpreadTask>,
    again: bool,
) -> Result<bool, StoreError> {
    let mut lowest: Option<EventId> = None;
    for task in tasks {
        let pending = match store.put_task(lane, &task).await? {
            Stored::New | Stored::Known(DeliveryState::Pending) => true,
            Stored::Known(state) => again && store.revive(lane, task.event, state, store.clock().now()).await?,
        };
        if pending {
            lowest = Some(lowest.map_or(task.event, |found| found.min(task.event)));
        }
    }
    match lowest {
        Some(lowest) => Ok(store.touch(lane, lowest).await? == Touch::Due),
        None => Ok(false),
    }
}
