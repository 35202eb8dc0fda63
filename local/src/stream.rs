//! Pumping a table's stream to the functions that are mapped to it.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use dynoxide::{
    Database,
    actions::{get_records::GetRecordsRequest, get_shard_iterator::GetShardIteratorRequest},
};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use crate::{
    files::write_whole,
    filter,
    functions::{Functions, Patience},
    lambda_api::Failures,
    mapping::{Rules, Target, process},
};

/// The most records to read at once.
const PAGE: usize = 200;

/// The most records that wait in a lane. While a lane is full, nothing more is read.
const BACKLOG: usize = 1_000;

/// How long to wait when the stream could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// A mapping of a table's stream to a function.
pub(crate) struct Pump {
    pub(crate) database: Database,
    pub(crate) table: String,
    /// The table's partition key: what has the same stays in order.
    pub(crate) key: String,
    pub(crate) function: String,
    pub(crate) rules: Rules,
    pub(crate) functions: Functions,
    pub(crate) failures: Failures,
    /// The file that keeps the position in the stream over a restart.
    pub(crate) checkpoint: Option<PathBuf>,
}

/// How far the stream has been read and processed.
struct Progress {
    read_to: Option<String>,
    /// The records in the lanes.
    open: BTreeSet<String>,
    /// The position in the checkpoint file.
    remembered: Option<String>,
}

impl Pump {
    /// Pumps until it is aborted. Reading costs the embedded database more, the longer the stream has become, so that it is
    /// read only when there may be something new: `written` tells.
    pub(crate) async fn run(self, mut written: watch::Receiver<u64>) {
        let this = Arc::new(self);
        let place = this.read_checkpoint();
        let mut progress = Progress { read_to: place.clone(), open: BTreeSet::new(), remembered: place };
        let (done, mut finished) = mpsc::unbounded_channel();
        let mut working = JoinSet::new();
        let lanes: Vec<_> = (0..this.rules.lanes)
            .map(|_| {
                let (lane, records) = mpsc::channel(BACKLOG);
                working.spawn(Arc::clone(&this).work(records, done.clone()));
                lane
            })
            .collect();
        // There may be records from before the start.
        written.mark_changed();
        loop {
            tokio::select! {
                Some(numbers) = finished.recv() => {
                    for number in Vec::<String>::into_iter(numbers) {
                        progress.open.remove(&number);
                    }
                    this.remember(&mut progress);
                }
                Ok(()) = written.changed() => {
                    while this.read(&mut progress, &lanes).await {}
                    this.remember(&mut progress);
                }
                else => return,
            }
        }
    }

    /// Reads a page into the lanes; whether there may be more.
    async fn read(&self, progress: &mut Progress, lanes: &[mpsc::Sender<Value>]) -> bool {
        let reading = Instant::now();
        let records = match self.page(progress.read_to.clone()).await {
            Ok(records) => records,
            Err(error) => {
                self.log(&format!("the stream of {} cannot be read: {error}", self.table));
                tokio::time::sleep(PAUSE).await;
                return true;
            }
        };
        let full = records.len() == PAGE;
        let took = reading.elapsed();
        for record in records {
            let number = sequence_number(&record);
            progress.read_to = Some(number.clone());
            if filter::matches(&self.rules.patterns, &record) {
                progress.open.insert(number);
                // Fails only when everything is about to end.
                let lane = lane(&record["dynamodb"]["Keys"][&self.key], lanes.len());
                let _ = lanes[lane].send(record).await;
            }
        }
        // It had the database's lock for that long: leave it to others most of the time.
        tokio::time::sleep((took * 4).min(PAUSE)).await;
        full
    }

    /// Processes a lane, batch after batch.
    async fn work(self: Arc<Self>, mut records: mpsc::Receiver<Value>, done: mpsc::UnboundedSender<Vec<String>>) {
        while let Some(first) = records.recv().await {
            let since = Instant::now();
            let mut gathered = vec![first];
            while gathered.len() < self.rules.batch_size {
                let left = self.rules.window.saturating_sub(since.elapsed());
                match records.try_recv() {
                    Ok(record) => gathered.push(record),
                    Err(_) if left.is_zero() => break,
                    Err(_) => match tokio::time::timeout(left, records.recv()).await {
                        Ok(Some(record)) => gathered.push(record),
                        _ => break,
                    },
                }
            }
            for batch in self.rules.batches(gathered) {
                let numbers = batch.iter().map(sequence_number).collect();
                process(&self.rules, &*self, batch).await;
                let _ = done.send(numbers);
            }
        }
    }

    async fn page(&self, after: Option<String>) -> Result<Vec<Value>, String> {
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

    /// Writes the position to the checkpoint file, if there is one and the position has changed.
    fn remember(&self, progress: &mut Progress) {
        let (Some(path), Some(place)) = (&self.checkpoint, progress.place()) else { return };
        if progress.remembered.as_ref() == Some(&place) {
            return;
        }
        match write_whole(path, &place) {
            Ok(()) => progress.remembered = Some(place),
            Err(error) => {
                self.log(&format!("the place in the stream cannot be kept in {}: {error}", path.display()));
            }
        }
    }

    fn log(&self, line: &str) {
        self.functions.log(&self.function, line);
    }
}

impl Progress {
    /// The number up to which all is done, so that a restart repeats what was under way and loses nothing.
    fn place(&self) -> Option<String> {
        match self.open.first() {
            Some(first) => Some((first.parse::<u128>().ok()? - 1).to_string()),
            None => self.read_to.clone(),
        }
    }
}

/// The lane of the records with that partition key.
fn lane(key: &Value, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.to_string().hash(&mut hasher);
    usize::try_from(hasher.finish() % lanes.max(1) as u64).unwrap_or(0)
}

fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

impl Target for Pump {
    fn invoke<'a>(&'a self, records: &'a [Value]) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>> {
        Box::pin(async move {
            let payload = json!({"Records": records}).to_string();
            let answer = self.functions.invoke(&self.function, payload.into(), Patience::Endless).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_same_partition_key_stays_in_its_lane_and_others_spread() {
        let of = |project: u32| lane(&json!({"S": format!("acme#20261126#{project}")}), 4);
        assert!((0..50).all(|project| of(project) == of(project)));
        assert_eq!((0..50).map(of).collect::<BTreeSet<_>>(), (0..4).collect());
        assert_eq!(lane(&Value::Null, 1), 0);
    }

    #[test]
    fn a_restart_begins_after_the_last_record_before_which_all_is_done() {
        let number = |last: u8| format!("1000000000000000000{last:02}");
        let mut progress = Progress { read_to: Some(number(9)), open: BTreeSet::new(), remembered: None };
        assert_eq!(progress.place(), Some(number(9)));
        progress.open = [number(7), number(5)].into();
        assert_eq!(progress.place(), Some(number(4)));
        progress.open.remove(&number(5));
        assert_eq!(progress.place(), Some(number(6)));
    }
}
