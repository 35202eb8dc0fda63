use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    domain::{Counts, EventId, History, OrganizationId, ResendCursor, Timestamp, WebhookKey},
    store::{
        history::history_attribute,
        keys::{QUEUE_SK, queue_key},
        records::{attribute, queue_of},
        values::{Item, key, moment, number, text},
    },
};

/// How many bytes DynamoDB counts for an attribute: those of its name and of its value.
fn size(name: &str, value: &AttributeValue) -> usize {
    name.len()
        + match value {
            AttributeValue::S(text) => text.len(),
            // A number takes a byte for two digits, and one or two more.
            AttributeValue::N(number) => number.len().div_ceil(2) + 2,
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            AttributeValue::M(inner) => 3 + inner.iter().map(|(name, value)| size(name, value) + 1).sum::<usize>(),
            other => panic!("no queue has {other:?}"),
        }
}

/// A queue with every attribute at its longest: ids, counts in the millions, and a day of millions of deliveries.
fn largest() -> Item {
    let organization = OrganizationId::parse(&"o".repeat(OrganizationId::MAX)).unwrap();
    let webhook = WebhookKey::parse("sdelements:01234567-89ab-cdef-0123-456789abcdef").unwrap();
    let mut item = key(queue_key(&organization, &webhook), QUEUE_SK);
    let now = Timestamp(1_743_416_100_000);
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    for name in [
        "due_at",
        "not_before",
        "lease_until",
        "throttled_since",
        "paced_until",
        "last_success",
        "last_failure",
        "trouble",
        "failing",
    ] {
        set(name, moment(now));
    }
    for name in ["touched", "generation", "failures", "in_a_row", "refusals", "diverted_more", "expired_more"] {
        set(name, number(u32::MAX));
    }
    for name in ["diverted_hour", "expired_hour"] {
        set(name, number(484_282));
    }
    set("head", text(EventId::last().to_string()));
    set("due_shard", text("3"));
    set("lease", text("f".repeat(32)));
    set("held", text("suspended"));
    let state = crate::domain::DeliveryState::Discarded;
    let resend = ResendCursor { next: EventId::last(), last: EventId::last(), state, requested: now };
    set("resend", attribute(&resend).unwrap());
    let counts = Counts { delivered: u32::MAX, failed: u32::MAX, diverted: u32::MAX };
    set("history", history_attribute(&History::from_hours(600_000, [counts; 24])));
    item
}

#[test]
fn the_largest_queue_stays_below_a_kilobyte_which_a_write_unit_pays_for() {
    let item = largest();
    let size: usize = item.iter().map(|(name, value)| size(name, value)).sum();
    assert!(size < 1_024, "{size} bytes");
    assert!(queue_of(item).is_ok());
}

#[test]
fn the_largest_queue_has_everything_that_a_queue_can_have() {
    let queue = queue_of(largest()).unwrap();
    // Only the lanes of spread tasks have a cursor of spreading.
    let absent = format!("{queue:?}").matches("None").count();
    assert_eq!((absent, queue.spread), (1, None));
}

#[test]
fn a_queue_of_the_version_before_has_an_empty_history() {
    let mut item = largest();
    item.remove("history");
    assert_eq!(queue_of(item).unwrap().history, History::default());
}
