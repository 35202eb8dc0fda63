//! Publishing once: what an Idempotency-Key was answered with.

use super::{
    keys::{IDEMPOTENCY_SK, idempotency_pk},
    values::{Item, key, number, text, text_of},
};
use crate::domain::{OrganizationId, Timestamp};

/// For how long a key is remembered, in seconds.
const REMEMBERED_S: i64 = 24 * 3600;

/// A publisher's key with what was asked under it and what is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key, in hex.
    pub key_hash: String,
    /// SHA-256 of route and body, in hex: the same key with anything else is a mistake.
    pub request_hash: String,
    /// The JSON text of the answer.
    pub answer: String,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It was accepted.
    Accepted,
    /// The key was used for the same request before: that answer, and nothing was published.
    Repeated(String),
    /// The key was used for another request.
    Mismatch,
    /// The data is larger than an event's may be.
    TooLarge,
}

pub(super) fn record(organization: &OrganizationId, idempotency: &Idempotency, now: Timestamp) -> Item {
    let mut item = key(idempotency_pk(organization, &idempotency.key_hash), IDEMPOTENCY_SK);
    item.insert("request_hash".to_owned(), text(&idempotency.request_hash));
    item.insert("answer".to_owned(), text(&idempotency.answer));
    item.insert("expires_at".to_owned(), number(now.seconds() + REMEMBERED_S));
    item
}

pub(super) fn answer_of(item: &Item, idempotency: &Idempotency) -> Published {
    if text_of(item, "request_hash") == idempotency.request_hash {
        Published::Repeated(text_of(item, "answer").to_owned())
    } else {
        Published::Mismatch
    }
}
