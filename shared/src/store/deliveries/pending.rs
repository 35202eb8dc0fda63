//! Pending deliveries: putting them, reading them in order, and recording attempts that leave them pending.

use super::{Found, NewDelivery, Queued, Stored};
use crate::{
    domain::{Attempt, Delivery, DeliveryState, EventId},
    store::{
        Store, StoreError,
        condition::Condition::{Absent, Between, HasSize, Is},
        keys::AFTER_DELIVERIES,
        read::Shown,
        records::{attribute, delivery_of},
        values::{Item, key, moment, number, number_of, text, text_of},
        write::Write,
    },
};

/// The attributes that are read of a pending delivery. The copy of the event that a diverted delivery keeps is read
/// later, when the delivery's turn comes.
const SHOWN: Shown = &[
    "pk",
    "sk",
    "type",
    "project",
    "state",
    "queued",
    "finished",
    "reason",
    "attempts",
    "event_pk",
    "weight",
    "event.type",
];

/// The most pages of a queue that one call reads.
const PAGES: usize = 4;

/// The size of every page after the first, in deliveries. The first page is smaller because it should be cheap.
const LONG_PAGE: usize = 1_000;

impl Store {
    /// Puts a pending delivery, unless the queue already has a delivery of that event. Needs `PutItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_pending(&self, queue: &str, new: &NewDelivery<'_>) -> Result<Stored, StoreError> {
        let mut item = key(queue, new.event.to_string());
        item.insert("state".to_owned(), text(DeliveryState::Pending.as_str()));
        item.insert("queued".to_owned(), moment(self.clock.now()));
        item.insert("event_pk".to_owned(), text(new.event_partition));
        item.insert("weight".to_owned(), number(new.weight));
        // The delivery log can be filtered by these two.
        item.insert("type".to_owned(), text(new.event_type));
        if let Some(project) = new.project {
            item.insert("project".to_owned(), text(project));
        }
        self.put_once(item).await
    }

    /// Reads the lowest pending deliveries from `head` on, at most `limit`, with consistent reads. It passes over
    /// finished ones, but at most a few thousand in one call, so that the worker can watch its lease and its deadline
    /// in between. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn pending(&self, queue: &str, head: Option<EventId>, limit: usize) -> Result<Found, StoreError> {
        let (items, beyond) = self.pending_items(queue, head, limit, SHOWN).await?;
        let queued = |item: Item| {
            let event_partition = text_of(&item, "event_pk").to_owned();
            let (weight, kept) = (number_of(&item, "weight"), item.contains_key("event"));
            Ok(Queued { delivery: delivery_of(item)?, event_partition, weight, kept })
        };
        Ok(Found { pending: items.into_iter().map(queued).collect::<Result<_, StoreError>>()?, beyond })
    }

    /// Records an attempt (a request that was sent) that leaves the delivery pending. Writes nothing if the delivery is
    /// no longer pending, or another worker has recorded attempts since it was read. Needs `UpdateItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn record_attempt(&self, queue: &str, delivery: &Delivery, attempt: &Attempt) -> Result<(), StoreError> {
        let unchanged = match delivery.attempts.len() {
            0 => Absent("attempts"),
            count => HasSize("attempts", count),
        };
        let update = Write::update(&self.tables.deliveries, key(queue, delivery.event.to_string()))
            .set("attempts", attribute(&delivery.attempts_with(attempt))?)
            .set_or_remove("last_status", attempt.status.map(number))
            .only_if(Is("state", text(DeliveryState::Pending.as_str())))
            .only_if(unchanged);
        self.update_item(update).await.map(|_| ())
    }

    /// Puts the item of a delivery or a spread task, unless there is one already.
    pub(in crate::store) async fn put_once(&self, item: Item) -> Result<Stored, StoreError> {
        let put = Write::put(&self.tables.deliveries, item).only_if(Absent("pk")).showing_items();
        Ok(match self.put_item(put).await? {
            Ok(_) => Stored::New,
            Err(old) => Stored::Known(delivery_of(old)?.state),
        })
    }

    /// Reads the first pending items of a partition from `head` on, with consistent reads. Also returns where to
    /// continue, if the read stopped early because it passed over too many finished items.
    pub(in crate::store) async fn pending_items(
        &self,
        partition: &str,
        head: Option<EventId>,
        limit: usize,
        shown: Shown,
    ) -> Result<(Vec<Item>, Option<EventId>), StoreError> {
        let from = head.map_or_else(|| "0".to_owned(), |head| head.to_string());
        let deliveries = Between("sk", text(from), text(AFTER_DELIVERIES));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(partition)), deliveries]);
        let query = query.filter(Is("state", text(DeliveryState::Pending.as_str()))).showing(shown);
        let (mut found, mut start): (Vec<Item>, Option<Item>) = (Vec::new(), None);
        for page in 0..PAGES {
            // Everything between the head and the first pending item is finished and passed over. Reading a little more
            // than is wanted makes that cheap.
            let size = if page == 0 { limit * 2 } else { LONG_PAGE };
            let page = query.page(start, Some(size)).await?;
            found.extend(page.items);
            start = page.next;
            if start.is_none() || found.len() >= limit {
                found.truncate(limit);
                return Ok((found, None));
            }
        }
        let last: Option<EventId> = start.and_then(|key| text_of(&key, "sk").parse().ok());
        Ok((found, last.map(EventId::next)))
    }
}
