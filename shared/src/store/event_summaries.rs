//! Events without their data: looking up several, and listing the newest.

use std::collections::HashMap;

use futures_util::future::try_join_all;

use super::{
    EventSpan, Store, StoreError,
    condition::Condition::{Between, Is},
    event_lists::{DAYS_A_CALL, READ_OVER},
    keys::{day_partition, event_partition, project_key},
    read::{Query, Shown},
    values::{Item, key, moment_of, text, text_of},
};
use crate::domain::{Event, EventId, Organization, Timestamp};

/// The attributes that are read of an event.
const SHOWN: Shown = &["pk", "sk", "organization", "type", "project", "time"];

/// How many days are read at the same time, after the newest one, which often has all that is wanted.
const DAYS_AT_ONCE: usize = 4;

/// An event without its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSummary {
    /// The event's id.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// The project it happened in, if any.
    pub project: Option<String>,
    /// When it happened.
    pub time: Timestamp,
}

impl From<&Event> for EventSummary {
    fn from(event: &Event) -> Self {
        let Event { id, event_type, project, time, .. } = event;
        Self { id: *id, event_type: event_type.clone(), project: project.clone(), time: *time }
    }
}

/// Part of a list of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundSummaries {
    /// The events, newest first.
    pub events: Vec<EventSummary>,
    /// The last id that was looked at, if there may be events below it.
    pub more: Option<EventId>,
}

impl Store {
    /// Looks up these events of the organization, at most 100; those that do not exist any more are left out. Needs
    /// `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn event_summaries(
        &self,
        organization: &Organization,
        events: &[EventId],
    ) -> Result<HashMap<EventId, EventSummary>, StoreError> {
        let key_of =
            |id: &EventId| key(event_partition(&organization.id, *id, organization.event_shards), id.to_string());
        let keys: Vec<_> = events.iter().map(key_of).collect();
        let items = self.batch_get_showing(&self.tables.events, keys, SHOWN).await?;
        let found = items.iter().filter_map(|item| summary_of(organization, item));
        Ok(found.map(|event| (event.id, event)).collect())
    }

    /// Lists the newest events of the span, of one type if it names one, and of one project if `project` is given. A
    /// page may hold fewer than `limit` events although there are more. Events of a project come from an index, which
    /// may lag behind the table by moments. Needs `Query` on the Events table and its index `project`.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn newest_events(
        &self,
        organization: &Organization,
        span: &EventSpan,
        project: Option<&str>,
        limit: usize,
    ) -> Result<FoundSummaries, StoreError> {
        // No event has an id above that of the next millisecond's first.
        let now = EventId::new(Timestamp(self.clock.now().0 + 1), 0);
        let oldest = self.clock.now().0 - (self.retention_days + 2) * Timestamp::DAY_MS;
        let oldest = EventId::new(Timestamp(oldest.max(0)), 0);
        let span = EventSpan { from: span.from.max(oldest), to: span.to.min(now), event_type: span.event_type.clone() };
        // A filter still reads what it drops.
        let size = if span.event_type.is_some() { READ_OVER } else { limit + 1 };
        match project {
            Some(project) => {
                let of = Is("project_key", text(project_key(&organization.id, project)));
                let within = Between("sk", text(span.from.to_string()), text(span.to.to_string()));
                let query = self.query_index(&self.tables.events, "project", [of, within]);
                let query = of_type(query, span.event_type.as_deref());
                let (mut found, end) = newest(&query, organization, size).await?;
                found.retain(|event| event.project.as_deref() == Some(project));
                Ok(cut(found, end, limit))
            }
            None => self.newest_of_days(organization, &span, limit, size).await,
        }
    }

    /// Reads the span day by day, the newest first; then several days at the same time, and always all shards of a day.
    async fn newest_of_days(
        &self,
        organization: &Organization,
        span: &EventSpan,
        limit: usize,
        size: usize,
    ) -> Result<FoundSummaries, StoreError> {
        let (mut all, mut to) = (Vec::new(), span.to);
        for round in 0..=DAYS_A_CALL / DAYS_AT_ONCE {
            let at_once = if round == 0 { 1 } else { DAYS_AT_ONCE };
            let mut days = Vec::new();
            let mut end = Some(to);
            while let Some(last) = end.filter(|last| *last >= span.from && days.len() < at_once) {
                let first = first_of_day(last).max(span.from);
                days.push((first, last));
                end = Some(first.previous()).filter(|before| *before < first);
            }
            let parts =
                days.iter().flat_map(|day| (0..organization.event_shards.max(1)).map(move |shard| (day, shard)));
            let parts = parts.map(|((first, last), shard)| async move {
                let partition = Is("pk", text(day_partition(&organization.id, *first, u128::from(shard))));
                let within = Between("sk", text(first.to_string()), text(last.to_string()));
                let query = of_type(self.query(&self.tables.events, [partition, within]), span.event_type.as_deref());
                newest(&query, organization, size).await
            });
            // Below the highest end of a shard that was not read to its own end, events may be missing.
            let mut known: Option<EventId> = None;
            for (found, end) in try_join_all(parts).await? {
                all.extend(found);
                known = known.max(end);
            }
            all.sort_by_key(|event: &EventSummary| std::cmp::Reverse(event.id));
            if let Some(known) = known {
                all.retain(|event| event.id >= known);
            }
            let rest = end.filter(|end| *end >= span.from);
            // What was found is a page, even a short one: the days before it may hold nothing.
            if known.is_some() || !all.is_empty() {
                return Ok(cut(all, known.or(rest.map(EventId::next)), limit));
            }
            match rest {
                Some(end) => to = end,
                None => return Ok(FoundSummaries::default()),
            }
        }
        Ok(FoundSummaries { events: Vec::new(), more: Some(to.next()) })
    }
}

/// The first id of the UTC day in which this id is.
fn first_of_day(id: EventId) -> EventId {
    EventId::new(id.time().start_of_day(), 0)
}

fn of_type(query: Query, event_type: Option<&str>) -> Query {
    let query = query.ascending(false).showing(SHOWN);
    match event_type {
        Some(event_type) => query.filter(Is("type", text(event_type))),
        None => query,
    }
}

/// The newest events of a query among the first `size` items that it reads, and the last id that was read, if there may
/// be more.
async fn newest(
    query: &Query,
    organization: &Organization,
    size: usize,
) -> Result<(Vec<EventSummary>, Option<EventId>), StoreError> {
    let page = query.page(None, Some(size)).await?;
    let found = page.items.iter().filter_map(|item| summary_of(organization, item)).collect();
    Ok((found, page.next.and_then(|last| text_of(&last, "sk").parse().ok())))
}

/// The first `limit` of these events; `end` is the last id that was read, if there may be more.
fn cut(mut events: Vec<EventSummary>, end: Option<EventId>, limit: usize) -> FoundSummaries {
    let more = if events.len() > limit {
        events.truncate(limit);
        events.last().map(|event| event.id)
    } else {
        end
    };
    FoundSummaries { events, more }
}

/// The event in an item. `None` for an item that is not in the documented form, which fan-out quarantines, and for one
/// that a producer put under another organization's keys.
fn summary_of(organization: &Organization, item: &Item) -> Option<EventSummary> {
    let project = Some(text_of(item, "project")).filter(|project| !project.is_empty());
    let event_type = Some(text_of(item, "type")).filter(|event_type| !event_type.is_empty())?;
    (text_of(item, "organization") == organization.id.as_str()).then_some(())?;
    Some(EventSummary {
        id: text_of(item, "sk").parse().ok()?,
        event_type: event_type.to_owned(),
        project: project.map(str::to_owned),
        time: moment_of(item, "time")?,
    })
}
