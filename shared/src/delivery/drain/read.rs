//! Reading the events of pending deliveries.

use std::collections::HashMap;

use super::{
    limits::{IN_HAND, LOOK_AGAIN, READING_UNIT, READING_UNITS},
    worker::Worker,
};
use crate::{
    delivery::reason::Reason,
    domain::{Event, EventId, MAX_DATA},
    store::{Queued, StoreError},
};

impl Worker<'_> {
    /// Reads the events of the first of these deliveries, as many as [`IN_HAND`] bytes allow, but at least two: the
    /// second may be needed as a probe. Returns the events found and how many deliveries they are for. The semaphore
    /// `reading` limits how much all queues read at the same time, because reading takes more memory than keeping.
    pub(super) async fn events_of(
        &mut self,
        pending: &[Queued],
    ) -> Result<(HashMap<EventId, Event>, usize), StoreError> {
        let mut count = 0;
        let (mut in_hand, mut read) = (0, 0);
        for queued in pending {
            let weight = queued.weight.unwrap_or(MAX_DATA);
            let kept: usize =
                queued.delivery.attempts.iter().filter_map(|attempt| attempt.failure.as_ref()).map(String::len).sum();
            in_hand += weight.min(MAX_DATA) + kept;
            if count >= 2 && in_hand > IN_HAND {
                break;
            }
            read += weight;
            count += 1;
        }
        let first = &pending[..count];
        let turns = u32::try_from(read.div_ceil(READING_UNIT)).unwrap_or(u32::MAX).clamp(1, READING_UNITS);
        let asked = self.drain.clock().monotonic();
        let Ok(_turn) = self.reading.acquire_many(turns).await else { return Ok((HashMap::new(), 0)) };
        let keys: Vec<_> = first.iter().map(|q| (q.event_partition.clone(), q.delivery.event)).collect();
        let kept: Vec<_> = first.iter().filter(|queued| queued.kept).map(|queued| queued.delivery.event).collect();
        let (events, kept) =
            futures_util::future::join(self.drain.store.events(&keys), self.drain.store.kept_events(self.queue, &kept))
                .await;
        let ((mut events, looked_at), kept) = (events?, kept?);
        for (id, event) in kept {
            events.entry(id).or_insert(event);
        }
        // If other queues were reading for long, the owner may have changed the webhook meanwhile.
        self.fresh &= self.drain.clock().monotonic().saturating_sub(asked) < LOOK_AGAIN;
        Ok((events, count.min(looked_at)))
    }

    /// Pairs the deliveries with their events, and discards those that are pending for longer than the retention or
    /// whose event is gone. `None` if one could not be discarded, because the webhook was changed or the lease is lost.
    pub(super) async fn without_the_lost(
        &mut self,
        pending: &[Queued],
        mut events: HashMap<EventId, Event>,
    ) -> Result<Option<Vec<(Queued, Event)>>, StoreError> {
        let now = self.drain.clock().now();
        let mut present = Vec::with_capacity(pending.len());
        for queued in pending {
            let expired = now.since(queued.delivery.queued) > self.drain.store.retention();
            let event = events.remove(&queued.delivery.event);
            if expired {
                if !self.expire(queued, event.as_ref()).await? {
                    return Ok(None);
                }
                continue;
            }
            match event {
                Some(event) => present.push((queued.clone(), event)),
                None => {
                    if !self.discard(queued, &Reason::ours("the event is gone"), None).await? {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(present))
    }
}
