//! Reading the records of a batch, each by itself, so that one bad record does not make the others unreadable.

use std::{borrow::Cow, collections::HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use crate::{
    domain::{EventId, OrganizationId, WebhookKey, members},
    store::event_head_from_image,
};

/// The estimated bytes of memory for each byte of JSON text, for an attribute that is a tree of maps and lists.
const TREE_FACTOR: usize = 16;

/// A batch of stream records. Each record is kept as JSON text and parsed later, because fan-out does not need an
/// event's data.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The records, in order.
    #[serde(rename = "Records", default)]
    pub records: Vec<Box<RawValue>>,
    /// Whether this is a replay: the records were delivered before, and their finished spread tasks are done again.
    #[serde(skip)]
    pub again: bool,
}

impl Batch {
    /// Builds a replay: for each of these items of the Events table, a record like the one by which the stream
    /// announced it.
    ///
    /// # Errors
    ///
    /// When an item cannot be written as JSON.
    pub fn of_images(images: Vec<HashMap<String, AttributeValue>>) -> Result<Self, serde_json::Error> {
        let record = |image: HashMap<String, AttributeValue>| {
            let text = |name: &str| image.get(name).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
            // This name stands in place of a sequence number. It does not change, so a record that is quarantined in
            // two replays has the same name both times.
            let sequence = format!("{} {}", text("pk"), text("sk"));
            let image = serde_dynamo::Item::from(image);
            let change = json!({"SequenceNumber": sequence, "NewImage": image});
            to_raw_value(&json!({"eventName": "INSERT", "dynamodb": change}))
        };
        Ok(Self { records: images.into_iter().map(record).collect::<Result<_, _>>()?, again: true })
    }

    /// Why the first record that can never be processed cannot; `None` if all can be.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.records.iter().find_map(|record| match read(record) {
            Reading::Poison { reason, .. } => Some(reason),
            Reading::Event(_) | Reading::NotNew => None,
        })
    }
}

/// A record that could be read.
pub(super) struct Accepted {
    /// The record's sequence number, by which it is reported as failed.
    pub(super) sequence: String,
    /// The partition key of the event in the Events table.
    pub(super) partition: String,
    pub(super) event: EventId,
    pub(super) organization: OrganizationId,
    pub(super) project: Option<String>,
    pub(super) event_type: String,
    /// How many bytes of memory the event's data takes while it is read, estimated.
    pub(super) weight: usize,
    /// The webhook that an operational event is about.
    pub(super) about: Option<WebhookKey>,
}

/// The result of reading a record. `NotNew` is not an INSERT, so there is nothing to deliver. `Poison` can never be
/// processed.
pub(super) enum Reading {
    Event(Box<Accepted>),
    NotNew,
    Poison { id: String, reason: String },
}

/// The part of a stream record that fan-out reads.
#[derive(Deserialize)]
struct Record<'r> {
    #[serde(borrow, rename = "eventName")]
    name: Option<Cow<'r, str>>,
    #[serde(borrow)]
    dynamodb: Option<Change<'r>>,
}

#[derive(Deserialize)]
struct Change<'r> {
    #[serde(borrow, rename = "SequenceNumber")]
    sequence: Option<Cow<'r, str>>,
    #[serde(borrow, rename = "NewImage")]
    image: Option<&'r RawValue>,
}

pub(super) fn read(record: &RawValue) -> Reading {
    let parsed: Record<'_> = match serde_json::from_str(record.get()) {
        Ok(parsed) => parsed,
        Err(error) => return Reading::Poison { id: String::new(), reason: format!("not a stream record: {error}") },
    };
    if parsed.name.is_some_and(|name| name != "INSERT") {
        return Reading::NotNew;
    }
    let (sequence, image) = parsed.dynamodb.map(|change| (change.sequence, change.image)).unwrap_or_default();
    let sequence = sequence.unwrap_or_default().into_owned();
    let Some(image) = image else {
        return Reading::Poison { id: sequence, reason: "not a stream record: `NewImage` is missing".to_owned() };
    };
    match event_head_from_image(image.get()) {
        Ok(head) => Reading::Event(Box::new(Accepted {
            sequence,
            partition: head.partition,
            event: head.id,
            organization: head.organization,
            project: head.project,
            event_type: head.event_type,
            weight: weight(image.get()),
            about: head.about,
        })),
        Err(reason) => Reading::Poison { id: sequence, reason },
    }
}

/// Estimates how many bytes of memory the data of an image takes while it is read from the table. The SDK turns a map
/// into a tree, which takes [`TREE_FACTOR`] times its text.
fn weight(image: &str) -> usize {
    let Ok([Some(data)]) = members(image, ["data"]) else { return 0 };
    let is_map = matches!(members(data.get(), ["M"]), Ok([Some(_)]));
    data.get().len().saturating_mul(if is_map { TREE_FACTOR } else { 1 })
}
