//! The delivery log: looking up deliveries, and sending finished ones again.

use std::collections::HashMap;

use super::{
    Store, StoreError,
    condition::Condition::{self, Absent, Between, Is, IsNot},
    deliveries::DELETED,
    keys::{AFTER_DELIVERIES, QUEUE_SK, diverted_sk},
    read::{Query, Shown},
    records::{attribute, delivery_of, queue_of},
    values::{key, moment_of, number, text, text_of},
    write::Write,
};
use crate::domain::{Delivery, DeliveryState, EventId, Hold, QueueState, ResendCursor, Timestamp};

/// The attributes that are read of a delivery: all except the copy of the event that a diverted one keeps.
pub(super) const LOGGED: Shown = &["pk", "sk", "type", "project", "state", "queued", "finished", "reason", "attempts"];

/// Which deliveries a list shows. Without any of these, it shows all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of events of exactly this type.
    pub event_type: Option<String>,
    /// Only those of events of this project.
    pub project: Option<String>,
    /// Only those whose last attempt got this status.
    pub status: Option<u16>,
}

impl LogFilter {
    /// Whether the filter leaves out anything.
    fn selects(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the filter leaves out nothing but other states.
    pub(super) fn selects_by_state_only(&self) -> bool {
        *self == Self { state: self.state, ..Self::default() }
    }

    /// Whether it selects this delivery.
    pub(super) fn selects_delivery(&self, delivery: &Delivery) -> bool {
        self.state.is_none_or(|wanted| delivery.state == wanted)
            && self.event_type.as_ref().is_none_or(|wanted| delivery.event_type.as_ref() == Some(wanted))
            && self.project.as_ref().is_none_or(|wanted| delivery.project.as_ref() == Some(wanted))
            && self
                .status
                .is_none_or(|wanted| delivery.attempts.last().and_then(|attempt| attempt.status) == Some(wanted))
    }

    /// The conditions of the filter. Deliveries that the version before put do not have the attributes of their event,
    /// and those that it finished do not have the last status.
    fn conditions(&self) -> Vec<Condition> {
        let state = self.state.map(|state| Is("state", text(state.as_str())));
        let event_type = self.event_type.as_ref().map(|wanted| Is("type", text(wanted)));
        let project = self.project.as_ref().map(|wanted| Is("project", text(wanted)));
        let status = self.status.map(|wanted| Is("last_status", number(wanted)).or(Absent("last_status")));
        [state, event_type, project, status].into_iter().flatten().collect()
    }
}

/// Which deliveries are listed.
#[derive(Clone, Debug)]
pub struct LogQuery {
    /// Which of those in the span are listed.
    pub filter: LogFilter,
    /// The lowest event id.
    pub from: EventId,
    /// The highest event id.
    pub to: EventId,
    /// Whether the oldest come first; otherwise the newest do.
    pub ascending: bool,
    /// The most deliveries to return.
    pub limit: usize,
}

/// The result of a request to send a delivery again.
#[derive(Clone, Debug, PartialEq)]
pub enum Resent {
    /// One delivery: it is pending, either again or still. Many deliveries: they will be made pending.
    Pending,
    /// Another request to send many again is still in progress.
    Busy,
    /// The delivery does not exist.
    Missing,
    /// The webhook has been deleted.
    Deleted,
}

/// The most reads for one page of the log, or for one count.
pub const LOG_READS: usize = 4;

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage {
    /// The deliveries, in the order asked for.
    pub deliveries: Vec<Delivery>,
    /// The last event that was read, if there may be more after it.
    pub more: Option<EventId>,
}

/// How many deliveries are pending in a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// How many pending deliveries were counted.
    pub count: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// The first pending delivery.
    pub first: Option<FirstWaiting>,
}

/// The delivery that has waited for longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstWaiting {
    /// Its event.
    pub event: EventId,
    /// When it was queued.
    pub queued: Timestamp,
}

impl Store {
    /// Reads the state of a queue; a default state if nothing was ever queued. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn queue(&self, queue: &str) -> Result<QueueState, StoreError> {
        let item = self.get_item(&self.tables.deliveries, key(queue, QUEUE_SK)).await?;
        item.map_or_else(|| Ok(QueueState::default()), queue_of)
    }

    /// Counts the pending deliveries and returns the first of them. Counts up to about ten thousand, in a bounded
    /// number of reads, usually one. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn count_pending(&self, queue: &str, head: Option<EventId>) -> Result<Waiting, StoreError> {
        let query = self.pending_from(queue, head).showing(&["sk", "queued"]);
        let (mut waiting, mut start) = (Waiting::default(), None);
        for _ in 0..LOG_READS {
            let page = query.page(start, None).await?;
            if waiting.first.is_none() {
                let first = page.items.first().and_then(|item| {
                    let queued = moment_of(item, "queued")?;
                    Some(FirstWaiting { event: text_of(item, "sk").parse().ok()?, queued })
                });
                waiting.first = first;
            }
            waiting.count += page.count;
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        waiting.more = start.is_some();
        Ok(waiting)
    }

    /// Counts the pending deliveries from `from` on, or all. The second value says whether there are more than were
    /// counted. Counts up to about ten thousand, in a bounded number of reads. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn count_pending_from(&self, queue: &str, from: Option<EventId>) -> Result<(usize, bool), StoreError> {
        self.pending_from(queue, from).count(LOG_READS).await
    }

    /// Starts a query of the pending deliveries from `from` on, or of all.
    fn pending_from(&self, queue: &str, from: Option<EventId>) -> Query {
        let from = from.map_or_else(|| "0".to_owned(), |from| from.to_string());
        let from = Between("sk", text(from), text(AFTER_DELIVERIES));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(queue)), from]);
        query.filter(Is("state", text(DeliveryState::Pending.as_str())))
    }

    /// Reads one delivery. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn delivery(&self, queue: &str, event: EventId) -> Result<Option<Delivery>, StoreError> {
        let item = self.get_item(&self.tables.deliveries, key(queue, event.to_string())).await?;
        item.map(delivery_of).transpose()
    }

    /// Reads the event's deliveries to these queues, by the queues' keys. Needs `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn deliveries_of(
        &self,
        event: EventId,
        queues: &[String],
    ) -> Result<HashMap<String, Delivery>, StoreError> {
        let keys = queues.iter().map(|queue| key(queue, event.to_string())).collect();
        let items = self.batch_get_showing(&self.tables.deliveries, keys, LOGGED).await?;
        items.into_iter().map(|item| Ok((text_of(&item, "pk").to_owned(), delivery_of(item)?))).collect()
    }

    /// Reads the state of an event's delivery; `None` if there is none. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn delivery_state(&self, queue: &str, event: EventId) -> Result<Option<DeliveryState>, StoreError> {
        Ok(self.delivery(queue, event).await?.map(|delivery| delivery.state))
    }

    /// Reads a page of deliveries of any state from `from` to `to`, ordered by id: at most `limit`, and whether there
    /// are more. A page ends early if its items are large. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn deliveries(
        &self,
        queue: &str,
        from: EventId,
        to: EventId,
        limit: i32,
    ) -> Result<(Vec<Delivery>, bool), StoreError> {
        let span = Between("sk", text(from.to_string()), text(to.to_string()));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(queue)), span]).showing(LOGGED);
        let page = query.page(None, usize::try_from(limit).ok()).await?;
        let found = page.items.into_iter().map(delivery_of).collect::<Result<_, _>>()?;
        Ok((found, page.next.is_some()))
    }

    /// Lists deliveries in the order asked for, with at most `reads` calls. If what is wanted is rare, the page may hold
    /// fewer deliveries than asked for although more follow. Diverted deliveries are found by their pointers, however
    /// many others there are. Needs `Query` and `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn list_deliveries(&self, queue: &str, query: &LogQuery, reads: usize) -> Result<LogPage, StoreError> {
        if query.filter.state == Some(DeliveryState::Diverted) {
            return self.page_of_diverted(queue, query, reads / 2).await;
        }
        let request = self.logged(queue, query).ascending(query.ascending).showing(LOGGED);
        // A filter still reads the items that it drops; larger pages need fewer calls for that.
        let size = if query.filter.selects() { 1_000 } else { query.limit + 1 };
        let (mut found, mut start): (Vec<Delivery>, _) = (Vec::new(), None);
        for _ in 0..reads {
            let page = request.page(start, Some(size)).await?;
            for item in page.items {
                found.extend(Some(delivery_of(item)?).filter(|delivery| query.filter.selects_delivery(delivery)));
            }
            start = page.next;
            if start.is_none() || found.len() > query.limit {
                break;
            }
        }
        let more = if found.len() > query.limit {
            found.truncate(query.limit);
            found.last().map(|delivery| delivery.event)
        } else {
            start.and_then(|key| text_of(&key, "sk").parse().ok())
        };
        Ok(LogPage { deliveries: found, more })
    }

    /// The deliveries of a span that the filter selects, as far as DynamoDB can tell.
    fn logged(&self, queue: &str, query: &LogQuery) -> Query {
        let span = Between("sk", text(query.from.to_string()), text(query.to.to_string()));
        let all = self.query(&self.tables.deliveries, [Is("pk", text(queue)), span]);
        query.filter.conditions().into_iter().fold(all, Query::filter)
    }

    /// Counts the deliveries of a span that the filter selects and that can be sent again, with at most [`LOG_READS`]
    /// calls, and whether there may be more. Those that their owner deleted cannot. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn count_deliveries(&self, queue: &str, query: &LogQuery) -> Result<(usize, bool), StoreError> {
        if query.filter.state == Some(DeliveryState::Diverted) && query.filter.selects_by_state_only() {
            return self.count_diverted(queue, query, LOG_READS).await;
        }
        let kept = Absent("reason").or(IsNot("reason", text(DELETED)));
        self.logged(queue, query).filter(kept).count(LOG_READS).await
    }

    /// Makes a finished delivery pending again and touches its queue, in one transaction. A pending delivery stays as
    /// it is; its queue is touched. Needs `GetItem`, `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn resend(&self, queue: &str, event: EventId) -> Result<Resent, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let found = self.delivery(queue, event).await?;
            let Some(found) = found.filter(|found| found.reason.as_deref() != Some(DELETED)) else {
                return Ok(Resent::Missing);
            };
            let state = self.queue(queue).await?;
            if state.held == Some(Hold::Deleted) {
                return Ok(Resent::Deleted);
            }
            if found.state == DeliveryState::Pending {
                // Whoever put the delivery may have stopped before touching the queue.
                self.touch(queue, event).await?;
                return Ok(Resent::Pending);
            }
            // The touch is in the same transaction, so that no delivery is left pending without a worker looking for
            // it.
            let lower = state.head.is_some_and(|head| head > event);
            let touch = self.queue_touch(queue, event, state.held.is_some(), lower);
            let mut writes = vec![self.revival(queue, event, found.state).into(), touch.into()];
            if found.state == DeliveryState::Diverted {
                writes.push(Write::delete(&self.tables.deliveries, key(queue, diverted_sk(event))).into());
            }
            if self.commit(writes).await? {
                return Ok(Resent::Pending);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Stores a request to send many deliveries again; drain works through it. Stores nothing if its span is empty. Only
    /// one request at a time, since a second would overwrite the first. Needs `GetItem` and `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn request_resend(&self, queue: &str, cursor: &ResendCursor) -> Result<Resent, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let state = self.queue(queue).await?;
            if state.held == Some(Hold::Deleted) {
                return Ok(Resent::Deleted);
            }
            if cursor.next > cursor.last {
                return Ok(Resent::Pending);
            }
            if state.resend.is_some() {
                return Ok(Resent::Busy);
            }
            // Counts as a touch, so that a worker that is about to release the queue as empty notices it.
            let lowest = state.head.unwrap_or_else(EventId::last);
            let touch = self.queue_touch(queue, lowest, state.held.is_some(), false);
            let request = touch.set("resend", attribute(cursor)?).only_if(Absent("resend"));
            if self.commit([request.into()]).await? {
                return Ok(Resent::Pending);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Deletes a diverted delivery. Returns false if there is none. Needs `UpdateItem` and `DeleteItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn delete_diverted(&self, queue: &str, event: EventId) -> Result<bool, StoreError> {
        // The item stays as discarded until a replay of its stream record can no longer bring it back.
        self.discard_diverted(queue, event, DELETED).await
    }
}
