//! Reading the records of a batch, each by itself, so that one that cannot be read does not spoil the others.

use std::{borrow::Cow, collections::HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use crate::{
    domain::{EventId, OrganizationId, members},
    store::event_head_from_image,
};

/// What an attribute takes in memory for each byte of its JSON text when it is a tree of maps and lists.
const TREE_FACTOR: usize = 16;

/// A batch of stream records, each as the text in which it came: of an event's data nothing is needed here.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The records, in order.
    #[serde(rename = "Records", default)]
    pub records: Vec<Box<RawValue>>,
    /// Whether the records were brought before and everything of them is done anew: a replay.
    #[serde(skip)]
    pub again: bool,
}

impl Batch {
    /// The records by which the stream announced these items of the Events table, made again for a replay.
    ///
    /// # Errors
    ///
    /// When an item cannot be written as JSON.
    pub fn of_images(images: Vec<HashMap<String, AttributeValue>>) -> Result<Self, serde_json::Error> {
        let record = |image: HashMap<String, AttributeValue>| {
            let text = |name: &str| image.get(name).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
            // Names the record where it is reported; replaying it again quarantines it under the same name.
            let sequence = format!("{} {}", text("pk"), text("sk"));
            let image = serde_dynamo::Item::from(image);
            let change = json!({"SequenceNumber": sequence, "NewImage": image});
            to_raw_value(&json!({"eventName": "INSERT", "dynamodb": change}))
        };
        Ok(Self { records: images.into_iter().map(record).collect::<Result<_, _>>()?, again: true })
    }
}

/// A record that could be read.
pub(super) struct Accepted {
    /// Its place in the stream, by which it is reported.
    pub(super) sequence: String,
    /// The partition of the Events table in which its event is.
    pub(super) partition: String,
    pub(super) event: EventId,
    pub(super) organization: OrganizationId,
    pub(super) project: Option<String>,
    pub(super) event_type: String,
    /// What the event's data takes in memory while it is read.
    pub(super) weight: usize,
}

/// What a record is.
pub(super) enum Reading {
    Event(Box<Accepted>),
    NotNew,
    Poison { id: String, reason: String },
}

/// What is read of a record. Everything else may be missing.
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
        })),
        Err(reason) => Reading::Poison { id: sequence, reason },
    }
}

/// What the data of an image takes in memory while it is read from the table: the SDK makes a tree of a map.
fn weight(image: &str) -> usize {
    let Ok([Some(data)]) = members(image, ["data"]) else { return 0 };
    let is_map = matches!(members(data.get(), ["M"]), Ok([Some(_)]));
    data.get().len().saturating_mul(if is_map { TREE_FACTOR } else { 1 })
}
