//! Lists an organization's events: those of a time span, as events or as raw items, and those of one request.

use super::{
    Store, StoreError,
    condition::Condition::{Between, Is},
    event_image::event_from_image,
    events::{MOST_LISTED, listed_bytes, weight},
    keys::{day_partition, request_key},
    values::{Item, text, text_of},
};
use crate::domain::{Event, EventId, OrganizationId, Timestamp};

/// How many days one call searches before it returns where to continue, so that a year without events does not take a
/// minute.
pub(super) const DAYS_A_CALL: usize = 40;

/// How many events of all types are read at once when only one type is wanted.
pub(super) const READ_OVER: usize = 1_000;

/// Part of an organization's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSpan {
    /// The lowest id.
    pub from: EventId,
    /// The highest id.
    pub to: EventId,
    /// If set, only events of exactly this type.
    pub event_type: Option<String>,
}

/// The result of searching a span for events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundEvents {
    /// The events in ascending order of their ids, which is the order of acceptance.
    pub events: Vec<Event>,
    /// Where to continue; `None` at the end of the span. May be set although nothing is left, or nothing was found yet.
    pub next: Option<EventId>,
}

/// The items of a span, as they are in the Events table, and where to continue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundImages {
    /// The items in ascending order of their ids.
    pub images: Vec<Item>,
    /// Where to continue; `None` at the end of the span.
    pub next: Option<EventId>,
}

/// One event, in the form that the caller asked for.
struct One<T> {
    id: EventId,
    content: T,
    /// Roughly how many bytes it takes.
    bytes: usize,
}

/// What was found in one shard for part of a day.
struct Part<T> {
    found: Vec<One<T>>,
    /// The last id that was read; `None` if the shard was read to the end.
    read_to: Option<EventId>,
}

/// What was found for a day in the shards read so far.
struct Day<T> {
    found: Vec<One<T>>,
    /// The last id up to which all of these shards were read.
    known: EventId,
}

impl<T> Day<T> {
    /// Adds what was found in another shard. Keeps the first `most` events, or as many as fit in `bytes`, but at least
    /// one.
    fn add(&mut self, part: Part<T>, most: usize, bytes: usize) {
        self.known = self.known.min(part.read_to.unwrap_or(self.known));
        self.found.extend(part.found);
        self.found.retain(|one| one.id <= self.known);
        self.found.sort_by_key(|one| one.id);
        let mut sum = 0;
        let fits = |one: &&One<T>| {
            let fits = sum < bytes;
            sum += one.bytes;
            fits
        };
        let kept = self.found.iter().take(most).take_while(fits).count().max(1);
        if kept < self.found.len() {
            self.found.truncate(kept);
            self.known = self.found.last().map_or(self.known, |last| last.id);
        }
    }
}

/// How an item is read; `None` if it should be left out.
type Read<T> = fn(Item) -> Option<One<T>>;

impl Store {
    /// Reads at most `limit` events of the span, with consistent reads of every shard of each day. Returns fewer if
    /// they are larger than a reply can carry. Needs `Query` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn list_events(
        &self,
        organization: &OrganizationId,
        shards: u32,
        span: &EventSpan,
        limit: usize,
    ) -> Result<FoundEvents, StoreError> {
        // An item in the wrong format, put directly by a producer, is quarantined by fan-out and does not count as an
        // event.
        let read: Read<Event> = |item| {
            let event = event_from_image(&item).ok()?;
            Some(One { id: event.id, bytes: listed_bytes(&event), content: event })
        };
        let (events, next) = self.span(organization, shards, span, limit, read).await?;
        Ok(FoundEvents { events, next })
    }

    /// Reads at most `limit` raw items of the span, found as [`Store::list_events`] finds them. Needs `Query` on the
    /// Events table; no deployed function has that permission.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn event_images(
        &self,
        organization: &OrganizationId,
        shards: u32,
        span: &EventSpan,
        limit: usize,
    ) -> Result<FoundImages, StoreError> {
        let read: Read<Item> = |item| {
            let (id, bytes) = (text_of(&item, "sk").parse().ok()?, item.values().map(weight).sum());
            Some(One { id, bytes, content: item })
        };
        let (images, next) = self.span(organization, shards, span, limit, read).await?;
        Ok(FoundImages { images, next })
    }

    /// Reads the first `limit` events of that request, in ascending order of their ids. Returns fewer if they are
    /// larger than a reply can carry. The index may lag behind the table by moments. Needs `Query` on the Events
    /// table's index `request`.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn request_events(
        &self,
        organization: &OrganizationId,
        request: &str,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let of = Is("request_key", text(request_key(organization, request)));
        let query = self.query_index(&self.tables.events, "request", [of]);
        let (mut found, mut bytes, mut start) = (Vec::new(), 0, None);
        while found.len() < limit {
            let page = query.page(start, Some(limit - found.len())).await?;
            for item in page.items {
                // Producers that put items directly write this key too. It must not lead to another organization or
                // request.
                let event = event_from_image(&item)
                    .ok()
                    .filter(|event| event.organization == *organization && event.request.as_deref() == Some(request));
                bytes += event.as_ref().map_or(0, listed_bytes);
                found.extend(event);
            }
            start = page.next;
            if start.is_none() || bytes > MOST_LISTED {
                break;
            }
        }
        Ok(found)
    }

    /// Reads the span day by day, and each day shard by shard. A page of one shard may take fifty times its size in
    /// memory while it is converted to values, so only one page is read at a time.
    async fn span<T: Send>(
        &self,
        organization: &OrganizationId,
        shards: u32,
        span: &EventSpan,
        limit: usize,
        read: Read<T>,
    ) -> Result<(Vec<T>, Option<EventId>), StoreError> {
        let (mut all, mut bytes, mut from) = (Vec::new(), 0, span.from);
        for _ in 0..DAYS_A_CALL {
            if from > span.to {
                return Ok((all, None));
            }
            let mut day = Day { found: Vec::new(), known: span.to.min(last_of_day(from)) };
            for shard in 0..u128::from(shards.max(1)) {
                // The other shards are known only up to `day.known`; anything beyond that would be dropped again.
                let part = EventSpan { from, to: day.known, event_type: span.event_type.clone() };
                let size = if part.event_type.is_some() { READ_OVER } else { limit + 1 - all.len() };
                let part = self.part(organization, shard, &part, size, read).await?;
                day.add(part, limit + 1 - all.len(), MOST_LISTED.saturating_sub(bytes));
            }
            for one in day.found {
                if all.len() == limit {
                    return Ok((all, Some(one.id)));
                }
                bytes += one.bytes;
                all.push(one.content);
            }
            from = day.known.next();
            if bytes >= MOST_LISTED {
                break;
            }
        }
        Ok((all, Some(from).filter(|from| *from <= span.to)))
    }

    async fn part<T>(
        &self,
        organization: &OrganizationId,
        shard: u128,
        span: &EventSpan,
        size: usize,
        read: Read<T>,
    ) -> Result<Part<T>, StoreError> {
        let partition = Is("pk", text(day_partition(organization, span.from, shard)));
        let within = Between("sk", text(span.from.to_string()), text(span.to.to_string()));
        let mut query = self.query(&self.tables.events, [partition, within]);
        if let Some(event_type) = &span.event_type {
            query = query.filter(Is("type", text(event_type)));
        }
        let mut part = Part { found: Vec::new(), read_to: None };
        let mut start = None;
        loop {
            let page = query.page(start, Some(size)).await?;
            part.found.extend(page.items.into_iter().filter_map(read));
            let Some(last) = page.next else { return Ok(part) };
            part.read_to = text_of(&last, "sk").parse().ok();
            if part.read_to.is_some() {
                return Ok(part);
            }
            // The page ended at an item whose key is not an id, so the other shards could not continue from there.
            start = Some(last);
        }
    }
}

/// The last id of the UTC day in which this id is.
fn last_of_day(id: EventId) -> EventId {
    let next = id.time().start_of_day().0.saturating_add(Timestamp::DAY_MS);
    EventId::new(Timestamp(next), 0).previous()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day_of;

    #[test]
    fn a_day_ends_with_its_last_millisecond() {
        for text in ["2025-03-31T00:00:00.000Z", "2025-03-31T23:59:59.999Z"] {
            let last = last_of_day(EventId::new(text.parse().unwrap(), 7));
            assert_eq!(day_of(last.time()), "20250331");
            assert_eq!(day_of(last.next().time()), "20250401");
        }
    }
}
