//! Pumping a table's stream to the functions that are mapped to it.

use std::{
    path::PathBuf,
    pin::Pin,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use dynoxide::{
    Database,
    actions::{get_records::GetRecordsRequest, get_shard_iterator::GetShardIteratorRequest},
};
use serde_json::{Value, json};

use crate::{
    functions::Functions,
    lambda_api::Failures,
    mapping::{Rules, Target, process},
};

/// The most records that are read at once.
const PAGE: usize = 1_000;

/// A mapping of a table's stream to a function.
pub(crate) struct Pump {
    pub(crate) database: Database,
    pub(crate) table: String,
    pub(crate) function: String,
    pub(crate) rules: Rules,
    pub(crate) functions: Functions,
    pub(crate) failures: Failures,
    /// Where the place in the stream is kept over a restart.
    pub(crate) checkpoint: Option<PathBuf>,
    /// How often the stream is looked at.
    pub(crate) interval: Duration,
}

impl Pump {
    /// Pumps until it is aborted. A place is remembered only when everything before it is done, so that a restart repeats
    /// at most a batch and loses nothing.
    pub(crate) async fn run(self) {
        let mut place = self.read_checkpoint();
        let (mut gathered, mut since) = (Vec::new(), Instant::now());
        let mut read_to = place.clone();
        loop {
            let reading = Instant::now();
            match self.read(read_to.clone()).await {
                Ok(records) => {
                    if gathered.is_empty() {
                        since = Instant::now();
                    }
                    if let Some(last) = records.last() {
                        read_to = Some(sequence_number(last));
                    }
                    gathered.extend(records);
                }
                Err(error) => self.log(&format!("the stream of {} cannot be read: {error}", self.table)),
            }
            // Reading takes the database's lock for longer, the longer the stream has become: leave others most of the time.
            let rest = self.interval.max(reading.elapsed() * 4);
            if gathered.is_empty() || (gathered.len() < self.rules.batch_size && since.elapsed() < self.rules.window) {
                tokio::time::sleep(rest).await;
                continue;
            }
            for batch in self.rules.batches(std::mem::take(&mut gathered)) {
                let last = batch.last().map(sequence_number);
                process(&self.rules, &self, batch).await;
                self.remember(&mut place, last);
            }
            // Beyond the last batch there may be records that no pattern matched.
            self.remember(&mut place, read_to.clone());
        }
    }

    async fn read(&self, after: Option<String>) -> Result<Vec<Value>, String> {
        let (database, table) = (self.database.clone(), self.table.clone());
        let page = tokio::task::spawn_blocking(move || {
            let iterator = database.get_shard_iterator(GetShardIteratorRequest {
                stream_arn: dynoxide::streams::stream_arn(&table, "local"),
                shard_id: dynoxide::streams::shard_id(&table),
                shard_iterator_type: if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" }.to_owned(),
                sequence_number: after,
            })?;
            let shard_iterator = iterator.shard_iterator.unwrap_or_default();
            database.get_records(GetRecordsRequest { shard_iterator, limit: Some(PAGE) })
        });
        let page = page.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let arn = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/local", self.table);
        let event = |record| {
            let mut record = serde_json::to_value(record).map_err(|error| error.to_string())?;
            record["awsRegion"] = json!("us-east-1");
            record["eventSourceARN"] = json!(arn);
            Ok(record)
        };
        page.records.into_iter().map(event).collect()
    }

    fn read_checkpoint(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.checkpoint.as_ref()?).ok()?;
        Some(text.trim().to_owned()).filter(|place| !place.is_empty())
    }

    fn remember(&self, place: &mut Option<String>, reached: Option<String>) {
        if *place == reached {
            return;
        }
        *place = reached;
        if let (Some(path), Some(place)) = (&self.checkpoint, place.as_ref())
            && let Err(error) = crate::write_whole(path, place)
        {
            self.log(&format!("the place in the stream cannot be kept in {}: {error}", path.display()));
        }
    }

    fn log(&self, line: &str) {
        self.functions.log(&self.function, line);
    }
}

fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

impl Target for Pump {
    fn invoke<'a>(&'a self, records: &'a [Value]) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>> {
        Box::pin(async move {
            let payload = json!({"Records": records}).to_string();
            let answer = self.functions.invoke(&self.function, payload.into()).await;
            let answer = answer.inspect_err(|failure| {
                let many = records.len();
                self.log(&format!("a batch of {many} of {}'s records failed: {failure}", self.table));
            });
            let answer = answer.map_err(|failure| failure.to_string())?;
            serde_json::from_slice(&answer).map_err(|error| error.to_string())
        })
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn discard(&self, records: &[Value], reason: &str) {
        self.log(&format!("{} records of {} were given up: {reason}", records.len(), self.table));
        self.failures.push(json!({"function": self.function, "reason": reason, "records": records}));
    }
}
