//! The event source mapping's rules for a batch of stream records: partial failures, bisection, capped retries and the
//! on-failure destination. (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>)

use std::{collections::VecDeque, pin::Pin, time::Duration};

use serde_json::Value;

use crate::{filter, limits::MOST_SYNCHRONOUS};

/// The largest payload of an invocation, in bytes, with something left for what surrounds the records.
const MOST_BYTES: usize = MOST_SYNCHRONOUS - 1024;

/// How a mapping is set up.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The most records in an invocation.
    pub(crate) batch_size: usize,
    /// How long records may be gathered until a batch is full.
    pub(crate) window: Duration,
    /// Whether the function reports which records failed.
    pub(crate) partial: bool,
    /// Whether a failed batch is halved.
    pub(crate) bisect: bool,
    /// How many batches of the shard may be under way at once, no two with the same partition key.
    pub(crate) lanes: usize,
    /// How often a failed batch is tried again.
    pub(crate) retries: u32,
    /// How old a record may become, in milliseconds.
    pub(crate) most_age_ms: Option<i64>,
    /// The patterns that records must match.
    pub(crate) patterns: Vec<Value>,
}

impl Rules {
    /// The rules in the properties of a template's event.
    pub(crate) fn of(event: &Value) -> Result<Self, String> {
        let number = |name: &str| event[name].as_u64();
        let mut patterns = Vec::new();
        for filter in event["FilterCriteria"]["Filters"].as_array().into_iter().flatten() {
            let text = filter["Pattern"].as_str().ok_or("a filter has no Pattern")?;
            let pattern = serde_json::from_str(text).map_err(|_| format!("the pattern {text} is not valid JSON"))?;
            filter::check(&pattern)?;
            patterns.push(pattern);
        }
        let reports = |kind: &Value| kind == "ReportBatchItemFailures";
        Ok(Self {
            batch_size: number("BatchSize").and_then(|size| usize::try_from(size).ok()).unwrap_or(100).max(1),
            window: Duration::from_secs(number("MaximumBatchingWindowInSeconds").unwrap_or(0)),
            partial: event["FunctionResponseTypes"].as_array().is_some_and(|kinds| kinds.iter().any(reports)),
            bisect: event["BisectBatchOnFunctionError"].as_bool().unwrap_or(false),
            lanes: number("ParallelizationFactor").and_then(|n| usize::try_from(n).ok()).unwrap_or(1).clamp(1, 10),
            // -1, and nothing, mean forever.
            retries: number("MaximumRetryAttempts").and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX),
            most_age_ms: event["MaximumRecordAgeInSeconds"].as_i64().filter(|age| *age >= 0).map(|age| age * 1000),
            patterns,
        })
    }

    /// The batches that the records make, in order: those that no pattern matches left out, none longer or larger than an
    /// invocation takes.
    pub(crate) fn batches(&self, records: Vec<Value>) -> Vec<Vec<Value>> {
        let (mut batches, mut size) = (Vec::<Vec<Value>>::new(), 0);
        for record in records.into_iter().filter(|record| filter::matches(&self.patterns, record)) {
            let more = record.to_string().len() + 1;
            match batches.last_mut().filter(|last| last.len() < self.batch_size && size + more < MOST_BYTES) {
                Some(last) => {
                    last.push(record);
                    size += more;
                }
                None => {
                    batches.push(vec![record]);
                    size = more;
                }
            }
        }
        batches
    }
}

/// What a mapping acts on.
pub(crate) trait Target {
    /// Invokes the function with a batch. Returns its answer, or says why it failed.
    fn invoke<'a>(&'a self, records: &'a [Value]) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>>;
    /// Waits before another try.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    /// The present, in milliseconds.
    fn now_ms(&self) -> i64;
    /// Takes what was given up.
    fn discard(&self, records: &[Value], reason: &str);
}

/// Brings a batch to the function, in order, until each of its records has been processed or given up.
pub(crate) async fn process(rules: &Rules, target: &(impl Target + Sync), batch: Vec<Value>) {
    let mut batches = VecDeque::from([(batch, 0_u32)]);
    while let Some((mut batch, tries)) = batches.pop_front() {
        if let Some(most) = rules.most_age_ms {
            let (old, young): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|record| target.now_ms() - written_ms(record) > most);
            if !old.is_empty() {
                target.discard(&old, "older than MaximumRecordAgeInSeconds");
            }
            batch = young;
        }
        if batch.is_empty() {
            continue;
        }
        let failure = match target.invoke(&batch).await {
            Ok(answer) if !rules.partial => {
                drop(answer);
                continue;
            }
            Ok(answer) => match first_failure(&answer, &batch) {
                Some(None) => continue,
                Some(Some(0)) => "the function reported the first record".to_owned(),
                Some(Some(at)) => {
                    // What came before is done; the rest begins afresh.
                    batches.push_front((batch.split_off(at), 0));
                    continue;
                }
                None => "the function's report is not understood".to_owned(),
            },
            Err(error) => error,
        };
        if rules.bisect && batch.len() > 1 {
            let second = batch.split_off(batch.len() / 2);
            // Halving does not use up a retry.
            batches.push_front((second, tries));
            batches.push_front((batch, tries));
            continue;
        }
        if tries >= rules.retries {
            target.discard(&batch, &failure);
            continue;
        }
        target.pause(Duration::from_millis(100 * u64::from(2_u32.saturating_pow(tries).min(50)))).await;
        batches.push_front((batch, tries + 1));
    }
}

/// When the record was written, in milliseconds.
fn written_ms(record: &Value) -> i64 {
    record["dynamodb"]["ApproximateCreationDateTime"].as_f64().map_or(0, |seconds| (seconds * 1000.0) as i64)
}

/// Where the lowest reported record stands; `Some(None)` if none is reported, `None` for a report that makes no sense.
fn first_failure(answer: &Value, batch: &[Value]) -> Option<Option<usize>> {
    let failures = match &answer["batchItemFailures"] {
        Value::Null => return Some(None),
        Value::Array(failures) => failures,
        _ => return None,
    };
    let place = |failure: &Value| {
        let id = failure["itemIdentifier"].as_str().filter(|id| !id.is_empty())?;
        batch.iter().position(|record| record["dynamodb"]["SequenceNumber"] == id)
    };
    let places: Option<Vec<_>> = failures.iter().map(place).collect();
    Some(places?.into_iter().min())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    type Script = fn(&[String], usize) -> Result<Value, String>;

    struct Fake {
        script: Script,
        calls: Mutex<Vec<Vec<String>>>,
        discarded: Mutex<Vec<String>>,
    }

    fn id(record: &Value) -> String {
        record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()
    }

    impl Target for Fake {
        fn invoke<'a>(
            &'a self,
            records: &'a [Value],
        ) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>> {
            let ids: Vec<_> = records.iter().map(id).collect();
            self.calls.lock().unwrap().push(ids.clone());
            let count = self.calls.lock().unwrap().len();
            Box::pin(async move { (self.script)(&ids, count) })
        }

        fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            Box::pin(async {})
        }

        fn now_ms(&self) -> i64 {
            1_000_000
        }

        fn discard(&self, records: &[Value], _: &str) {
            self.discarded.lock().unwrap().extend(records.iter().map(id));
        }
    }

    async fn run(event: Value, script: Script) -> (Vec<Vec<String>>, Vec<String>) {
        let fake = Fake { script, calls: Mutex::default(), discarded: Mutex::default() };
        let records = ["1", "2", "3", "4"].map(|id| {
            json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": id, "ApproximateCreationDateTime": 999.0}})
        });
        let rules = Rules::of(&event).unwrap();
        for batch in rules.batches(records.to_vec()) {
            process(&rules, &fake, batch).await;
        }
        (fake.calls.into_inner().unwrap(), fake.discarded.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_partial_failure_begins_again_at_the_lowest_reported_record() {
        let event = json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]});
        let (calls, discarded) = run(event, |_, call| match call {
            1 => Ok(json!({"batchItemFailures": [{"itemIdentifier": "4"}, {"itemIdentifier": "3"}]})),
            _ => Ok(json!({"batchItemFailures": []})),
        })
        .await;
        assert_eq!(calls, [vec!["1", "2", "3", "4"], vec!["3", "4"]]);
        assert!(discarded.is_empty());
    }

    #[tokio::test]
    async fn bisection_leaves_only_the_poison_to_be_discarded() {
        let event = json!({"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 1});
        let (_, discarded) =
            run(event, |ids, _| if ids.contains(&"2".to_owned()) { Err("poison".to_owned()) } else { Ok(json!(null)) })
                .await;
        assert_eq!(discarded, ["2"]);
    }

    #[tokio::test]
    async fn a_report_that_makes_no_sense_fails_the_whole_batch() {
        let event = json!({"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1});
        let (calls, discarded) = run(event, |_, _| Ok(json!({"batchItemFailures": [{"itemIdentifier": "9"}]}))).await;
        assert_eq!((calls.len(), discarded.len()), (2, 4));
    }

    #[tokio::test]
    async fn a_record_that_is_too_old_is_not_tried_again() {
        let event = json!({"MaximumRecordAgeInSeconds": 0, "BatchSize": 2});
        let (calls, discarded) = run(event, |_, _| Err("no".to_owned())).await;
        assert_eq!((calls.len(), discarded.len()), (0, 4));
    }

    #[tokio::test]
    async fn a_poisonous_record_that_reports_itself_takes_nobody_along() {
        let event = json!({"FunctionResponseTypes": ["ReportBatchItemFailures"], "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": 2});
        let (calls, discarded) = run(event, |ids, _| {
            let failed: Vec<_> = ids.iter().filter(|id| *id == "2").map(|id| json!({"itemIdentifier": id})).collect();
            Ok(json!({"batchItemFailures": failed}))
        })
        .await;
        assert_eq!(discarded, ["2"]);
        assert_eq!(calls.last().unwrap(), &["3", "4"]);
    }

    #[tokio::test]
    async fn without_a_cap_a_batch_is_tried_until_it_succeeds() {
        let event = json!({"MaximumRetryAttempts": -1});
        let (calls, discarded) =
            run(event, |_, call| if call < 50 { Err("no".to_owned()) } else { Ok(json!(null)) }).await;
        assert_eq!((calls.len(), discarded.len()), (50, 0));
    }

    #[test]
    fn a_shard_has_as_many_lanes_as_the_mapping_says() {
        for (event, lanes) in [(json!({}), 1), (json!({"ParallelizationFactor": 4}), 4)] {
            assert_eq!(Rules::of(&event).unwrap().lanes, lanes);
        }
    }

    #[test]
    fn batches_are_filtered_counted_and_weighed() {
        let rules =
            Rules::of(&json!({"BatchSize": 2, "FilterCriteria": {"Filters": [{"Pattern": r#"{"a": ["x"]}"#}]}}));
        let rules = rules.unwrap();
        let record = |a: &str, size: usize| json!({"a": a, "b": "b".repeat(size)});
        let records = vec![record("x", 1), record("y", 1), record("x", 1), record("x", 4 << 20), record("x", 4 << 20)];
        assert_eq!(rules.batches(records).iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    }
}
