//! The event source mapping's rules for a batch of stream records: partial failures, bisection, capped retries and the
//! on-failure destination. (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>)

use std::{collections::VecDeque, pin::Pin, time::Duration};

use serde_json::Value;

/// How a mapping is set up.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The most records in an invocation.
    pub(crate) batch_size: usize,
    /// Whether the function reports which records failed.
    pub(crate) partial: bool,
    /// Whether a failed batch is halved.
    pub(crate) bisect: bool,
    /// How often a failed batch is tried again.
    pub(crate) retries: u32,
    /// How old a record may become, in milliseconds.
    pub(crate) most_age_ms: Option<i64>,
    /// The patterns that records must match.
    pub(crate) patterns: Vec<Value>,
}

impl Rules {
    /// The rules in the properties of a template's event.
    pub(crate) fn of(event: &Value) -> Self {
        let number = |name: &str| event[name].as_i64().filter(|number| *number >= 0);
        let patterns = event["FilterCriteria"]["Filters"].as_array().into_iter().flatten();
        let patterns = patterns.filter_map(|filter| serde_json::from_str(filter["Pattern"].as_str()?).ok());
        let reports = |kind: &Value| kind == "ReportBatchItemFailures";
        Self {
            batch_size: number("BatchSize").and_then(|size| usize::try_from(size).ok()).unwrap_or(100),
            partial: event["FunctionResponseTypes"].as_array().is_some_and(|kinds| kinds.iter().any(reports)),
            bisect: event["BisectBatchOnFunctionError"].as_bool().unwrap_or(false),
            retries: number("MaximumRetryAttempts").and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX),
            most_age_ms: number("MaximumRecordAgeInSeconds").map(|seconds| seconds * 1000),
            patterns: patterns.collect(),
        }
    }
}

/// What a mapping acts on.
pub(crate) trait Target {
    /// Invokes the function with a batch: what it answers, or that it failed.
    fn invoke<'a>(&'a self, records: &'a [Value]) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>>;
    /// Waits before another try.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    /// The present, in milliseconds.
    fn now_ms(&self) -> i64;
    /// Takes what was given up.
    fn discard(&self, records: &[Value], reason: &str);
}

/// Brings the records to the function, in order, until each has been processed or given up.
pub(crate) async fn process(rules: &Rules, target: &(impl Target + Sync), records: Vec<Value>) {
    let wanted: Vec<_> = records.into_iter().filter(|record| crate::filter::matches(&rules.patterns, record)).collect();
    let mut batches: VecDeque<(Vec<Value>, u32)> =
        wanted.chunks(rules.batch_size.max(1)).map(|batch| (batch.to_vec(), 0)).collect();
    while let Some((mut batch, tries)) = batches.pop_front() {
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
            batches.push_front((second, tries));
            batches.push_front((batch, tries));
            continue;
        }
        let too_old =
            rules.most_age_ms.is_some_and(|most| batch.iter().any(|record| target.now_ms() - age_of(record) > most));
        if tries >= rules.retries || too_old {
            target.discard(&batch, &failure);
            continue;
        }
        target.pause(Duration::from_millis(100 * u64::from(2_u32.saturating_pow(tries).min(50)))).await;
        batches.push_front((batch, tries + 1));
    }
}

/// When the record was written, in milliseconds.
fn age_of(record: &Value) -> i64 {
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
        process(&Rules::of(&event), &fake, records.to_vec()).await;
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
        assert_eq!((calls.len(), discarded.len()), (2, 4));
    }
}
