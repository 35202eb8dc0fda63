//! Events: what happened, to whom, and when.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::{JsonText, OrganizationId, Timestamp};

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

    /// The moment in the id.
    #[must_use]
    pub fn time(self) -> Timestamp {
        Timestamp(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
    }

    /// The next id in order, or the same one for the last of all.
    #[must_use]
    pub fn next(self) -> Self {
        Self(Ulid(self.0.0.saturating_add(1)))
    }

    /// The id before this one in order, or the same one for the first of all.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(Ulid(self.0.0.saturating_sub(1)))
    }

    /// The highest id of all.
    #[must_use]
    pub fn last() -> Self {
        Self(Ulid(u128::MAX))
    }

    /// The id of that number.
    #[must_use]
    pub fn of_number(number: u128) -> Self {
        Self(Ulid(number))
    }

    /// The number behind the id.
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
        // Overlong or lower-case spellings would be further keys for the same event.
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

/// The UTC day of a moment as `20250331`: the part of an event's key that leads from its id to its partition.
#[must_use]
pub fn day_of(time: Timestamp) -> String {
    time.to_string().chars().take(10).filter(|c| *c != '-').collect()
}

/// How often an event may have come back through the service: deliveries say how often in a header, and publishing counts on.
pub const MAX_HOPS: u32 = 4;

/// Something that happened in an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's id, which is also its order.
    pub id: EventId,
    /// The organization whose webhooks may receive it.
    pub organization: OrganizationId,
    /// The project it happened in, if any.
    pub project: Option<String>,
    /// Its type, for example `CreatedProjectActivity` or `chat.message.sent`.
    pub event_type: String,
    /// When it happened, which may be before it was accepted.
    pub time: Timestamp,
    /// The request that caused it, if the producer said so (Socotra's `requestId`).
    pub request: Option<String>,
    /// The user who caused it, if the producer said so (Socotra's `userLocator`).
    pub user: Option<String>,
    /// What its order is kept by, if the producer said so: events with one key reach a webhook in the order in which they were
    /// accepted. The project, or else the organization, is the key otherwise.
    pub ordering_key: Option<String>,
    /// How often what it tells came back through the service; at most [`MAX_HOPS`].
    pub hops: u32,
    /// What the producer says of it. For an SD Elements activity it holds `actor`, `text`, `icon`, `log_level` and the activity's own
    /// `data`.
    pub data: JsonText,
}

impl Event {
    /// An event without the attributes that are optional.
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
            hops: 0,
            data,
        }
    }
}
