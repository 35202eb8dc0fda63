//! From a batch of the Events table's stream to pending deliveries.
//!
//! It never makes an outbound request, so no endpoint can hold up the shard. Running a record again adds no delivery, but
//! touches each queue in which its delivery is still pending: a crash between put and touch strands nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_lambda_events::{
    dynamodb::EventRecord,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{WEBHOOK_DELETED, metrics::Metrics, waker::Wake};
use crate::{
    auth::sha256_hex,
    domain::{DeliveryState, Event, EventId, OrganizationId, WebhookKey},
    store::{
        DeliveryStore, FindSubscribers, Finish, QueueStore, Store, StoreError, Stored, Touch, event_from_image,
        queue_key,
    },
    validation,
};

/// How many calls to DynamoDB are under way at once.
const AT_ONCE: usize = 32;

/// The longest name of a request or of a user, in characters.
const LONGEST: usize = 200;

/// A batch of stream records. Each is read by itself, so that one that cannot be read does not spoil the others.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The records, in order.
    #[serde(rename = "Records", default)]
    pub records: Vec<Value>,
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
            let keys = json!({"pk": {"S": text("pk")}, "sk": {"S": text("sk")}});
            let image = serde_json::to_value(serde_dynamo::Item::from(image))?;
            let change = json!({"Keys": keys, "SequenceNumber": sequence, "SizeBytes": 0, "NewImage": image});
            Ok(json!({"eventID": sequence, "eventName": "INSERT", "awsRegion": "", "dynamodb": change}))
        };
        Ok(Self { records: images.into_iter().map(record).collect::<Result<_, _>>()? })
    }
}

/// A record that could be read.
struct Accepted {
    sequence: String,
    partition: String,
    event: Event,
}

/// What a record is.
enum Reading {
    Event(Box<Accepted>),
    NotNew,
    Poison { id: String, reason: String },
}

/// Whom events of one type in one project go to; looked up once a batch.
type Interest = (OrganizationId, Option<String>, String);

/// Queues the events of a batch for the webhooks that want them and wakes drain. Answers with the records to be brought
/// again: those for which DynamoDB failed.
pub async fn fan_out(store: &Store, waker: &dyn Wake, batch: Batch) -> DynamoDbEventResponse {
    let mut failed = BTreeSet::new();
    let mut accepted = Vec::new();
    for record in &batch.records {
        match read(record) {
            Reading::Event(event) => accepted.push(*event),
            Reading::NotNew => {}
            Reading::Poison { id, reason } => {
                // Without a sequence number it cannot be reported; its hash names it then.
                let name = if id.is_empty() { sha256_hex(record.to_string().as_bytes()) } else { id.clone() };
                if let Err(error) = quarantine(store, &name, &reason, record).await {
                    tracing::error!(record.sequence = id, error = %error, "a record could not be quarantined");
                    failed.insert(id);
                }
            }
        }
    }
    let (interests, unknown) = subscribers(store, &accepted).await;
    let mut puts = Vec::new();
    for record in &accepted {
        let interest = interest_of(&record.event);
        if unknown.contains(&interest) {
            failed.insert(record.sequence.clone());
        }
        puts.extend(interests.get(&interest).into_iter().flatten().map(|webhook| (record, webhook)));
    }
    let put = stream::iter(puts).map(|(record, webhook)| async move {
        let queue = queue_key(&record.event.organization, webhook);
        let stored = store.put_pending(&queue, record.event.id, &record.partition).await;
        (record, queue, stored)
    });
    let put: Vec<_> = put.buffer_unordered(AT_ONCE).collect().await;
    let mut queued: BTreeMap<String, Vec<&Accepted>> = BTreeMap::new();
    for (record, queue, stored) in put {
        match stored {
            Ok(Stored::New | Stored::Known(DeliveryState::Pending)) => queued.entry(queue).or_default().push(record),
            Ok(Stored::Known(_)) => {}
            Err(error) => {
                tracing::error!(event.id = %record.event.id, queue, error = %error, "a delivery could not be queued");
                failed.insert(record.sequence.clone());
            }
        }
    }
    let touches = stream::iter(&queued)
        .map(|(queue, records)| async move { (queue, records, touch(store, queue, records).await) });
    let mut due = Vec::new();
    for (queue, records, touched) in touches.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        match touched {
            Ok(Touch::Due) => due.push(queue.clone()),
            Ok(Touch::Held | Touch::Deleted) => {}
            Err(error) => {
                tracing::error!(queue, error = %error, "a queue could not be touched");
                failed.extend(records.iter().map(|record| record.sequence.clone()));
            }
        }
    }
    due.sort();
    waker.wake(&due).await;
    report(&failed)
}

fn report(failed: &BTreeSet<String>) -> DynamoDbEventResponse {
    let item = |sequence: &String| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence.clone());
        failure
    };
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failed.iter().map(item).collect();
    response
}

fn read(record: &Value) -> Reading {
    let sequence = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned();
    if record["eventName"].as_str().is_some_and(|name| name != "INSERT") {
        return Reading::NotNew;
    }
    let parsed: EventRecord = match serde_json::from_value(record.clone()) {
        Ok(parsed) => parsed,
        Err(error) => return Reading::Poison { id: sequence, reason: format!("no stream record: {error}") },
    };
    let image: HashMap<String, AttributeValue> = parsed.change.new_image.into();
    let partition = image.get("pk").and_then(|pk| pk.as_s().ok()).cloned().unwrap_or_default();
    match event_from_image(&image).and_then(findable) {
        Ok(event) => Reading::Event(Box::new(Accepted { sequence, partition, event })),
        Err(reason) => Reading::Poison { id: sequence, reason },
    }
}

/// The event, unless it names what no key can hold: DynamoDB would refuse whatever is looked for under it, time and again.
fn findable(event: Event) -> Result<Event, String> {
    if event.project.as_deref().is_some_and(|project| !validation::project::is_valid(project)) {
        return Err("`project` is no project's id".to_owned());
    }
    let too_long = |name: &Option<String>| name.as_ref().is_some_and(|name| name.chars().count() > LONGEST);
    if too_long(&event.request) || too_long(&event.user) {
        return Err(format!("`request` or `user` is longer than {LONGEST} characters"));
    }
    Ok(event)
}

async fn quarantine(store: &Store, id: &str, reason: &str, record: &Value) -> Result<(), StoreError> {
    tracing::error!(record.sequence = id, reason, "a record can never be processed and is quarantined");
    Metrics::new(store.clock().now()).count("Quarantined", 1).emit();
    // A record holds an item of at most 400 KB; its text may be longer than an item can be.
    let text: String = record.to_string().chars().take(90_000).collect();
    store.quarantine(id, reason, &text).await
}

fn interest_of(event: &Event) -> Interest {
    (event.organization.clone(), event.project.clone(), event.event_type.clone())
}

/// Who wants the events, and for which it could not be found out.
async fn subscribers(
    store: &Store,
    accepted: &[Accepted],
) -> (HashMap<Interest, BTreeSet<WebhookKey>>, BTreeSet<Interest>) {
    let interests: BTreeSet<Interest> = accepted.iter().map(|record| interest_of(&record.event)).collect();
    let lookups = stream::iter(interests).map(|interest| async move {
        let found = store.subscribers(&interest.0, interest.1.as_deref(), &interest.2).await;
        (interest, found)
    });
    let (mut known, mut unknown) = (HashMap::new(), BTreeSet::new());
    for (interest, found) in lookups.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        match found {
            Ok(webhooks) => {
                known.insert(interest, webhooks);
            }
            Err(error) => {
                tracing::error!(organization.id = %interest.0, error = %error, "subscribers could not be read");
                unknown.insert(interest);
            }
        }
    }
    (known, unknown)
}

async fn touch(store: &Store, queue: &str, records: &[&Accepted]) -> Result<Touch, StoreError> {
    let ids = || records.iter().map(|record| record.event.id);
    let Some(lowest) = ids().min() else { return Ok(Touch::Held) };
    let touched = store.touch(queue, lowest).await?;
    if touched == Touch::Deleted {
        // Drain may have swept the queue before these came.
        for event in ids() {
            discard(store, queue, event).await?;
        }
    }
    Ok(touched)
}

async fn discard(store: &Store, queue: &str, event: EventId) -> Result<(), StoreError> {
    let reason = Some(WEBHOOK_DELETED.to_owned());
    let finish = Finish { state: DeliveryState::Discarded, reason, attempt: None };
    store.finish(queue, event, &finish).await.map(|_| ())
}
