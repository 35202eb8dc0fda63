//! Queueing events for one webhook, as fan-out and spread both do it.

use std::collections::BTreeSet;

use crate::{
    domain::{DeliveryState, EventId, OrganizationId, WebhookKey},
    store::{Finish, NewDelivery, SpreadTask, Store, StoreError, Stored, Touch, late_lane_key, queue_key},
};

use super::reason::WEBHOOK_DELETED;

/// An event that more webhooks than this want is not queued within the stream's batch. It becomes a spread task.
const WIDE: usize = 25;

/// How many audiences are looked up at once, before their events are queued.
const LOOK_UPS: usize = 8;

/// The webhooks that want an event.
pub(super) enum Audience {
    /// These webhooks.
    Few(Vec<WebhookKey>),
    /// More than [`WIDE`].
    Many,
}

/// Finds the webhooks that want events of this type in this project.
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

/// Chooses the audiences to look up for the first items, at most [`LOOK_UPS`] that are not known yet. Returns their
/// keys, and for how many items, counted from the first, the audience is known once these are looked up.
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

/// An event to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) event: EventId,
    /// The partition key of the event in the Events table.
    pub(super) partition: String,
    /// The event's project. Project, type and weight are copied into a spread task for the event.
    pub(super) project: Option<String>,
    pub(super) event_type: String,
    pub(super) weight: usize,
    /// The webhook that an operational event is about, for which it is not queued.
    pub(super) about: Option<WebhookKey>,
    /// Whether the webhook's subscription has ended since the event was accepted. Then no delivery is put, but the
    /// queue is touched if it already has a pending one.
    pub(super) former: bool,
}

impl Entry {
    /// The delivery to put.
    fn delivery(&self) -> NewDelivery<'_> {
        NewDelivery {
            event: self.event,
            event_type: &self.event_type,
            project: self.project.as_deref(),
            event_partition: &self.partition,
            weight: self.weight,
        }
    }

    /// The spread task that queues the event later: for the webhook `only`, or for all that want it.
    pub(super) fn task(&self, only: Option<WebhookKey>) -> SpreadTask {
        SpreadTask {
            event: self.event,
            event_partition: self.partition.clone(),
            project: self.project.clone(),
            event_type: self.event_type.clone(),
            weight: self.weight,
            about: self.about.clone(),
            only,
        }
    }
}

/// The result of queueing.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether to wake drain for the queue.
    pub(super) wake: bool,
    /// The late lane to wake spread for, if any.
    pub(super) lane: Option<String>,
    /// Whether the webhook is marked as behind now, so that its later events go through its late lane.
    pub(super) late: bool,
    /// The index of the first entry that was not queued, and the error.
    pub(super) failed: Option<(usize, StoreError)>,
}

/// Queues the entries for the webhook. Puts them into its late lane instead if the webhook is already behind (`late`)
/// or if DynamoDB throttles writes to its partition.
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
    // Former entries are never put, so they do not go to the late lane. If they have a delivery, it is in the queue
    // already.
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
                tracing::warn!(queue, error = %error, "writes to a queue are throttled; its events go through its late lane");
            }
            Outcome { lane, late: true, ..outcome }
        }
        Err(error) => Outcome { failed: Some((from, error)), ..outcome },
    }
}

/// Puts the entries into the webhook's queue in the order given, which is lowest id first, and touches the queue. They
/// are put one after the other: drain may read between two of them, and must not see a later event without the earlier
/// one. After an error, the queue is still touched for the entries that were put.
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
            store.put_pending(&queue, &entry.delivery()).await.map(Some)
        };
        match stored {
            Ok(Some(Stored::New | Stored::Known(DeliveryState::Pending))) => pending.push(entry.event),
            Ok(Some(Stored::Known(_)) | None) => {}
            Err(error) => {
                // The delivery may have been put although the answer was lost. A throttled write was not made.
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
        // A delivery counts as queued only when the queue has been touched.
        Err(error) => outcome.failed = Some((0, error)),
    }
    outcome
}

/// Touches the queue for these events; true if drain should be woken. If the webhook was deleted, discards their
/// deliveries.
async fn touch(store: &Store, queue: &str, pending: &[EventId]) -> Result<bool, StoreError> {
    let Some(lowest) = pending.iter().min() else { return Ok(false) };
    let touched = store.touch(queue, *lowest).await?;
    if touched == Touch::Deleted {
        // Drain may have swept the deleted queue before these deliveries were put.
        for event in pending {
            let reason = Some(WEBHOOK_DELETED.to_owned());
            let finish = Finish { state: DeliveryState::Discarded, reason, attempts: None };
            store.finish(queue, *event, &finish).await?;
        }
    }
    Ok(touched == Touch::Due)
}

/// Puts the entries into the webhook's late lane, so that only this webhook falls behind, and marks the webhook as
/// behind, so that its later events queue behind these. Returns the lane's key if spread should be woken for it.
///
/// The mark is written after the tasks. A worker that finds the lane empty removes only the mark that it read, and
/// looks at the lane once more after reading it. So either it read an older mark and this one stays, or it sees these
/// tasks.
///
/// # Errors
///
/// When DynamoDB does not answer or refuses these writes too.
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

/// Puts the tasks into the lane, in order, and touches it; true if spread should be woken for it. In a replay (`again`)
/// a finished task becomes pending again, because webhooks created since may want its event.
///
/// # Errors
///
/// When DynamoDB does not answer. The lane is then not touched for the tasks that were put, so the caller must have
/// their records delivered again.
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
