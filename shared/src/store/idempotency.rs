//! Publishing each event only once: the records of what was published under an Idempotency-Key.

use super::{
    keys::{IDEMPOTENCY_SK, idempotency_pk},
    values::{Item, key, number, text, text_of},
};
use crate::domain::{EventId, OrganizationId, Timestamp};

/// How long a key is remembered, in seconds.
const REMEMBERED_S: i64 = 24 * 3600;

/// A publisher's key and a hash of the request made with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key, in hex.
    pub key_hash: String,
    /// SHA-256 of route and body, in hex. Using the same key for a different request is a mistake.
    pub request_hash: String,
    /// SHA-256 of what the event says, in hex, however the request is written; `None` if only the whole request counts.
    /// By it a key is known again when a single event is repeated in a batch.
    pub content_hash: Option<String>,
}

/// The result of publishing an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// The event was accepted.
    Accepted,
    /// The key was already used for the same request, so nothing was published.
    Repeated(Earlier),
    /// The key was already used for a different request.
    Mismatch,
}

/// What is stored about the first request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The event that it published.
    Event {
        /// The partition of the Events table that holds the event.
        partition: String,
        /// The event's id.
        id: EventId,
    },
    /// The JSON text of the reply, as records written by the previous version hold it.
    Answer(String),
}

/// Makes the record that says which event, in that partition, was published with the key.
pub(super) fn record(
    organization: &OrganizationId,
    idempotency: &Idempotency,
    event: (&str, EventId),
    now: Timestamp,
) -> Item {
    let mut item = key(idempotency_pk(organization, &idempotency.key_hash), IDEMPOTENCY_SK);
    item.insert("request_hash".to_owned(), text(&idempotency.request_hash));
    if let Some(content) = &idempotency.content_hash {
        item.insert("content_hash".to_owned(), text(content));
    }
    item.insert("event_partition".to_owned(), text(event.0));
    item.insert("event".to_owned(), text(event.1.to_string()));
    item.insert("expires_at".to_owned(), number(now.seconds() + REMEMBERED_S));
    item
}

/// Compares a request with the record of its key.
pub(super) fn earlier(item: &Item, idempotency: &Idempotency) -> Published {
    let content = idempotency.content_hash.as_deref();
    let same_content = content.is_some_and(|content| text_of(item, "content_hash") == content);
    if text_of(item, "request_hash") != idempotency.request_hash && !same_content {
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
        let asked = Idempotency { key_hash: "k".to_owned(), request_hash: "r".to_owned(), content_hash: None };
        let other = Idempotency { request_hash: "s".to_owned(), ..asked.clone() };
        let id = EventId::new(Timestamp(5), 7);
        let mut item = record(&organization, &asked, ("acme#1#0", id), Timestamp(0));
        let event = Earlier::Event { partition: "acme#1#0".to_owned(), id };
        assert_eq!(earlier(&item, &asked), Published::Repeated(event));
        assert_eq!(earlier(&item, &other), Published::Mismatch);
        let content = Some("c".to_owned());
        let (asked_in_a_batch, once_more) = (
            Idempotency { content_hash: content.clone(), ..asked.clone() },
            Idempotency { content_hash: content, ..other.clone() },
        );
        assert_eq!(earlier(&item, &once_more), Published::Mismatch, "the record knows no content");
        let known = record(&organization, &asked_in_a_batch, ("acme#1#0", id), Timestamp(0));
        assert_eq!(earlier(&known, &once_more), earlier(&item, &asked), "the same event in another request");
        assert_eq!(earlier(&known, &other), Published::Mismatch);
        item.retain(|name, _| !name.starts_with("event"));
        item.insert("answer".to_owned(), text("{}"));
        assert_eq!(earlier(&item, &asked), Published::Repeated(Earlier::Answer("{}".to_owned())));
    }
}
