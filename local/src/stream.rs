//! Pumping a table's stream to the functions that are mapped to it.

use std::{
    collections::HashMap,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodbstreams::{
    Client,
    types::{AttributeValue, Record, ShardIteratorType},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{
    functions::Functions,
    mapping::{Rules, Target, process},
};

/// How often the stream is looked at.
const INTERVAL: Duration = Duration::from_millis(40);

/// What mappings have given up; an on-failure destination's place.
pub(crate) type Discarded = Arc<Mutex<Vec<Value>>>;

/// A mapping of a table's stream to a function.
pub(crate) struct Pump {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) function: String,
    pub(crate) rules: Rules,
    pub(crate) functions: Functions,
    pub(crate) discarded: Discarded,
    /// Where the place in the stream is kept over a restart.
    pub(crate) checkpoint: Option<PathBuf>,
}

impl Pump {
    /// Pumps until it is aborted.
    pub(crate) async fn run(self) {
        let mut places = self.read_checkpoint();
        let mut iterators = HashMap::new();
        loop {
            if let Err(error) = self.step(&mut places, &mut iterators).await {
                eprintln!("{}: the stream of {} cannot be read: {error}", self.function, self.table);
                iterators.clear();
                tokio::time::sleep(INTERVAL * 10).await;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    async fn step(
        &self,
        places: &mut HashMap<String, String>,
        iterators: &mut HashMap<String, String>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if iterators.is_empty() {
            let streams = self.client.list_streams().table_name(&self.table).send().await?;
            let arns = streams.streams().iter().filter_map(|stream| stream.stream_arn());
            for arn in arns {
                let described = self.client.describe_stream().stream_arn(arn).send().await?;
                let shards = described.stream_description.map(|stream| stream.shards.unwrap_or_default());
                for id in shards.unwrap_or_default().iter().filter_map(|shard| shard.shard_id()) {
                    let request = self.client.get_shard_iterator().stream_arn(arn).shard_id(id);
                    let request = match places.get(id) {
                        Some(place) => {
                            request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(place)
                        }
                        None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
                    };
                    if let Some(iterator) = request.send().await?.shard_iterator {
                        iterators.insert(id.to_owned(), iterator);
                    }
                }
            }
        }
        for (shard, iterator) in iterators.iter_mut() {
            let page = self.client.get_records().shard_iterator(iterator.as_str()).limit(1_000).send().await?;
            let records = page.records.unwrap_or_default();
            if let Some(last) = records.last().and_then(|record| record.dynamodb()?.sequence_number()) {
                let last = last.to_owned();
                process(&self.rules, self, records.iter().map(to_event).collect()).await;
                places.insert(shard.clone(), last);
                self.write_checkpoint(places)?;
            }
            if let Some(next) = page.next_shard_iterator {
                *iterator = next;
            }
        }
        Ok(())
    }

    fn read_checkpoint(&self) -> HashMap<String, String> {
        let text = self.checkpoint.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn write_checkpoint(&self, places: &HashMap<String, String>) -> std::io::Result<()> {
        let Some(path) = &self.checkpoint else { return Ok(()) };
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, json!(places).to_string())?;
        std::fs::rename(fresh, path)
    }
}

impl Target for Pump {
    fn invoke<'a>(&'a self, records: &'a [Value]) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>> {
        Box::pin(async move {
            let payload = json!({"Records": records}).to_string();
            let answer = self.functions.invoke(&self.function, payload.into()).await?;
            serde_json::from_slice(&answer).map_err(|error| error.to_string())
        })
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn discard(&self, records: &[Value], reason: &str) {
        eprintln!("{}: {} records were given up: {reason}", self.function, records.len());
        let mut discarded = self.discarded.lock().unwrap_or_else(PoisonError::into_inner);
        discarded.push(json!({"function": self.function, "reason": reason, "records": records}));
    }
}

fn to_event(record: &Record) -> Value {
    let change = record.dynamodb();
    let image = |image: Option<&HashMap<String, AttributeValue>>| image.map(to_json);
    let mut dynamodb = Map::new();
    if let Some(change) = change {
        let created = change.approximate_creation_date_time().map_or(0.0, |at| at.as_secs_f64());
        dynamodb.insert("ApproximateCreationDateTime".to_owned(), json!(created));
        dynamodb.insert("SequenceNumber".to_owned(), json!(change.sequence_number()));
        dynamodb.insert("SizeBytes".to_owned(), json!(change.size_bytes().unwrap_or_default()));
        dynamodb.insert("StreamViewType".to_owned(), json!("NEW_IMAGE"));
        for (name, value) in [("Keys", image(change.keys())), ("NewImage", image(change.new_image()))] {
            if let Some(value) = value {
                dynamodb.insert(name.to_owned(), value);
            }
        }
    }
    json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(|name| name.as_str().to_owned()),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": dynamodb,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/EventsTable/stream/local",
    })
}

fn to_json(item: &HashMap<String, AttributeValue>) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
}

fn attribute(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::B(bytes) => json!({"B": STANDARD.encode(bytes.as_ref())}),
        AttributeValue::M(map) => json!({"M": to_json(map)}),
        AttributeValue::L(items) => json!({"L": items.iter().map(attribute).collect::<Vec<_>>()}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Bs(blobs) => {
            json!({"BS": blobs.iter().map(|b| STANDARD.encode(b.as_ref())).collect::<Vec<_>>()})
        }
        _ => json!({"NULL": true}),
    }
}
