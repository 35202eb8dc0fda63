//! Publishing once: what was made under an Idempotency-Key.

use super::{
    keys::{IDEMPOTENCY_SK, idempotency_pk},
    values::{Item, key, number, text, text_of},
};
use crate::domain::{EventId, OrganizationId, Timestamp};

/// For how long a key is remembered, in seconds.
const REMEMBERED_S: i64 = 24 * 3600;

/// A publisher's key with what was asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key, in hex.
    pub key_hash: String,
    /// SHA-256 of route and body, in hex: the same key with anything else is a mistake.
    pub request_hash: String,
}

/// The result of publishing an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It was accepted.
    Accepted,
    /// The key was used for the same request before, and nothing was published.
    Repeated(Earlier),
    /// The key was used for another request.
    Mismatch,
}

/// What is kept of the first request under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The event that it made.
    Event {
        /// The partition of the Events table in which it is.
        partition: String,
        /// Its id.
        id: EventId,
    },
    /// The JSON text of its answer, as records of the version before have it.
    Answer(String),
}

/// The record that the event of that partition was made under the key.
pub(super) fn record(
    organization: &OrganizationId,
    idempotency: &Idempotency,
    event: (&str, EventId),
    now: Timestamp,
) -> Item {
    let mut item = key(idempotency_pk(organization, &idempotency.key_hash), IDEMPOTENCY_SK);
    item.insert("request_hash".to_owned(), text(&idempotency.request_hash));
    item.insert("event_partition".to_owned(), text(event.0));
    item.insert("event".to_owned(), text(event.1.to_string()));
    item.insert("expires_at".to_owned(), number(now.seconds() + REMEMBERED_S));
    item
}

/// What a record says of another request under its key.
pub(super) fn earlier(item: &Item, idempotency: &Idempotency) -> Published {
    if text_of(item, "request_hash") != idempotency.request_hash {
        return Published::Mismatch;
    }
    Published::Repeated(match text_of(item, "event").parse() {
        Ok(id) => Earlier::Event { partition: text_of(item, "event_partition").to_owned(), id },
        Err(_) => Earlier::Answer(text_of(item, "answer").to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_an_id_and_one_of_the_version_before_is_still_read() {
        let organization = OrganizationId::parse("acme").unwrap();
        let asked = Idempotency { key_hash: "k".to_owned(), request_hash: "r".to_owned() };
        let other = Idempotency { request_hash: "s".to_owned(), ..asked.clone() };
        let id = EventId::new(Timestamp(5), 7);
        let mut item = record(&organization, &asked, ("acme#1#0", id), Timestamp(0));
        let event = Earlier::Event { partition: "acme#1#0".to_owned(), id };
        assert_eq!(earlier(&item, &asked), Published::Repeated(event));
        assert_eq!(earlier(&item, &other), Published::Mismatch);
        item.retain(|name, _| !name.starts_with("event"));
        item.insert("answer".to_owned(), text("{}"));
        assert_eq!(earlier(&item, &asked), Published::Repeated(Earlier::Answer("{}".to_owned())));
    }
}
