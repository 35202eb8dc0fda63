//! Events and their ids.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::{JsonText, OrganizationId, Timestamp, WebhookKey};

/// The id of an event: a ULID, whose first 48 bits are its time of acceptance. Sorting ids sorts by that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EventId(Ulid);

impl EventId {
    /// An id for an event accepted at `time`; `random` fills the other 80 bits.
    #[must_use]
    pub fn new(time: Timestamp, random: u128) -> Self {
        Self(Ulid::from_parts(u64::try_from(time.0).unwrap_or(0), random))
    }

    /// The time of acceptance that the id contains.
    #[must_use]
    pub fn time(self) -> Timestamp {
        Timestamp(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
    }

    /// The next higher id; for the highest possible id, itself.
    #[must_use]
    pub fn next(self) -> Self {
        Self(Ulid(self.0.0.saturating_add(1)))
    }

    /// The next lower id; for the lowest possible id, itself.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(Ulid(self.0.0.saturating_sub(1)))
    }

    /// The highest possible id.
    #[must_use]
    pub fn last() -> Self {
        Self(Ulid(u128::MAX))
    }

    /// The lowest and the highest id of events that were accepted from `after` (inclusive) to `before` (exclusive).
    #[must_use]
    pub fn span(after: Option<Timestamp>, before: Option<Timestamp>) -> (Self, Self) {
        let from = Self::new(after.unwrap_or_default(), 0);
        let to = before.map_or_else(Self::last, |before| Self::new(before, 0).previous());
        (from, to)
    }

    /// The id with this number, the ULID's 128 bits.
    #[must_use]
    pub fn of_number(number: u128) -> Self {
        Self(Ulid(number))
    }

    /// The id as a number, the ULID's 128 bits.
    #[must_use]
    pub fn number(self) -> u128 {
        self.0.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads the 26 characters of a ULID in its canonical upper-case form.
impl FromStr for EventId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = Ulid::from_string(text).map_err(|_| "not a ULID")?;
        // Other spellings, such as lower case, would be further keys for the same event.
        if id.to_string() == text { Ok(Self(id)) } else { Err("not a canonical ULID") }
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for EventId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The UTC day of a moment, such as `20250331`. It is part of the partition key of an event, so that the key is found
/// from the event's id.
#[must_use]
pub fn day_of(time: Timestamp) -> String {
    time.to_string().chars().take(10).filter(|c| *c != '-').collect()
}

/// How many times an event may have come back through the service. Deliveries carry the number of hops in a header, and
/// publishing refuses more than this.
pub const MAX_HOPS: u32 = 4;

/// Something that happened in an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's id. Events are ordered by it.
    pub id: EventId,
    /// The organization whose webhooks may receive it.
    pub organization: OrganizationId,
    /// The project it happened in, if any.
    pub project: Option<String>,
    /// The event's type, for example `CreatedProjectActivity` or `chat.message.sent`.
    pub event_type: String,
    /// When it happened, which may be before it was accepted.
    pub time: Timestamp,
    /// The request that caused it, if the producer said so (Socotra's `requestId`).
    pub request: Option<String>,
    /// The user who caused it, if the producer said so (Socotra's `userLocator`).
    pub user: Option<String>,
    /// The key that the producer chose for the event's order, if any. Events with the same key reach a webhook in the
    /// order in which they were accepted. Without a key of its own, the event's key is its project, or else its
    /// organization.
    pub ordering_key: Option<String>,
    /// The webhook that an operational event is about, which does not receive it.
    pub about: Option<WebhookKey>,
    /// How many times the event's data has come back through the service; at most [`MAX_HOPS`].
    pub hops: u32,
    /// The producer's data. For an SD Elements activity it has `actor`, `text`, `icon`, `log_level` and the activity's
    /// own `data`.
    pub data: JsonText,
}

impl Event {
    /// An event without optional attributes and with 0 hops.
    #[must_use]
    pub fn new(id: EventId, organization: OrganizationId, event_type: String, time: Timestamp, data: JsonText) -> Self {
        Self {
            id,
            organization,
            project: None,
            event_type,
            time,
            request: None,
            user: None,
            ordering_key: None,
            about: None,
            hops: 0,
            data,
        }
    }

    /// The key by which the event's order is kept: its own ordering key, else its project, else its organization.
    #[must_use]
    pub fn order(&self) -> &str {
        self.ordering_key.as_deref().or(self.project.as_deref()).unwrap_or(self.organization.as_str())
    }
}
