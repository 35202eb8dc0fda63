//! Metrics in CloudWatch's embedded metric format: JSON lines on standard output, which Lambda passes to CloudWatch.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use crate::domain::Timestamp;

/// The environment variable with the namespace of the metrics. The template gives each stack its own namespace, which
/// its alarms use too. Without the variable no metrics are written.
const NAMESPACE: &str = "METRICS_NAMESPACE";

/// The most values of one metric in a line, which is the format's limit.
const MOST_VALUES: usize = 100;

/// What takes a line of metrics.
pub type Outlet = Box<dyn FnMut(&str)>;

thread_local! {
    static OUTLET: RefCell<Option<Outlet>> = const { RefCell::new(None) };
}

/// Gives the lines of this thread's metrics to `outlet` from now on, instead of to standard output. The simulated machine
/// does so, to see which alarms they would raise.
pub fn observe_metrics(outlet: Outlet) {
    OUTLET.set(Some(outlet));
}

/// Metrics of one piece of work. Most have no dimension, because the alarms cover all functions together.
#[derive(Debug)]
pub struct Metrics {
    at: Timestamp,
    dimension: Option<(&'static str, String)>,
    counts: Vec<(&'static str, usize)>,
    milliseconds: Vec<(&'static str, Vec<u64>)>,
}

impl Metrics {
    /// No metrics yet. Those that are added were measured at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { at, dimension: None, counts: Vec::new(), milliseconds: Vec::new() }
    }

    /// Adds a count under this name; a count of 0 is left out.
    #[must_use]
    pub fn count(mut self, name: &'static str, count: usize) -> Self {
        if count > 0 {
            self.counts.push((name, count));
        }
        self
    }

    /// Gives the metrics a dimension: they are about one part of the whole, such as one shard.
    #[must_use]
    pub fn of(mut self, dimension: &'static str, value: String) -> Self {
        self.dimension = Some((dimension, value));
        self
    }

    /// Adds a series of milliseconds under this name; an empty series is left out.
    #[must_use]
    pub fn milliseconds(mut self, name: &'static str, values: &[u64]) -> Self {
        if !values.is_empty() {
            self.milliseconds.push((name, values.to_vec()));
        }
        self
    }

    /// The JSON lines: as many as the longest series needs at 100 values a line, and none if there are no metrics.
    /// Counts are in the first line only.
    #[must_use]
    pub fn lines(self, namespace: &str) -> Vec<String> {
        let parts = self.milliseconds.iter().map(|(_, values)| values.len().div_ceil(MOST_VALUES)).max();
        let parts = parts.unwrap_or_default().max(usize::from(!self.counts.is_empty()));
        (0..parts).map(|part| self.line(namespace, part)).collect()
    }

    fn line(&self, namespace: &str, part: usize) -> String {
        let (mut definitions, mut values) = (Vec::new(), Map::new());
        let mut add = |name: &str, unit: &str, value: Value| {
            definitions.push(json!({"Name": name, "Unit": unit}));
            values.insert(name.to_owned(), value);
        };
        for (name, count) in self.counts.iter().filter(|_| part == 0) {
            add(name, "Count", json!(count));
        }
        for (name, series) in &self.milliseconds {
            if let Some(values) = series.chunks(MOST_VALUES).nth(part) {
                add(name, "Milliseconds", json!(values));
            }
        }
        let dimensions: Vec<_> = self.dimension.iter().map(|(name, _)| *name).collect();
        let metrics = json!([{"Namespace": namespace, "Dimensions": [dimensions], "Metrics": definitions}]);
        values.extend(self.dimension.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        values.insert("_aws".to_owned(), json!({"Timestamp": self.at.0, "CloudWatchMetrics": metrics}));
        Value::Object(values).to_string()
    }

    /// Writes the lines to standard output, if `METRICS_NAMESPACE` is set, or to this thread's outlet.
    pub fn emit(self) {
        if OUTLET.with_borrow(Option::is_some) {
            let lines = self.lines("Outhook");
            OUTLET.with_borrow_mut(|outlet| {
                outlet.iter_mut().for_each(|outlet| lines.iter().for_each(|line| outlet(line)))
            });
            return;
        }
        let Ok(namespace) = std::env::var(NAMESPACE) else { return };
        for line in self.lines(&namespace) {
            use std::io::Write as _;
            // If standard output is closed, deliveries must go on all the same.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let all = Metrics::new(Timestamp(5)).count("Delivered", 2).count("Failed", 0);
        let all = all.milliseconds("DeliveryLatencyMs", &[7]);
        insta::assert_snapshot!(all.lines("Outhook/x").join("\n"), @r#"{"Delivered":2,"DeliveryLatencyMs":[7],"_aws":{"Timestamp":5,"CloudWatchMetrics":[{"Namespace":"Outhook/x","Dimensions":[[]],"Metrics":[{"Name":"Delivered","Unit":"Count"},{"Name":"DeliveryLatencyMs","Unit":"Milliseconds"}]}]}}"#);
    }

    #[test]
    fn a_part_of_the_whole_is_named_by_a_dimension() {
        let part = Metrics::new(Timestamp(5)).of("Shard", "3".to_owned()).milliseconds("OldestWaitingMs", &[0]);
        insta::assert_snapshot!(part.lines("x").join("\n"), @r#"{"OldestWaitingMs":[0],"Shard":"3","_aws":{"Timestamp":5,"CloudWatchMetrics":[{"Namespace":"x","Dimensions":[["Shard"]],"Metrics":[{"Name":"OldestWaitingMs","Unit":"Milliseconds"}]}]}}"#);
    }

    #[test]
    fn an_outlet_gets_the_lines_of_its_thread() {
        let lines = std::rc::Rc::new(RefCell::new(Vec::new()));
        let outlet = std::rc::Rc::clone(&lines);
        observe_metrics(Box::new(move |line| outlet.borrow_mut().push(line.to_owned())));
        Metrics::new(Timestamp(5)).count("Heartbeat", 1).emit();
        let elsewhere = std::thread::spawn(|| Metrics::new(Timestamp(5)).count("Heartbeat", 1).emit());
        elsewhere.join().unwrap();
        let lines = lines.borrow();
        assert!(matches!(lines.as_slice(), [line] if line.starts_with(r#"{"Heartbeat":1,"#)), "{lines:?}");
    }

    #[test]
    fn nothing_measured_is_no_line() {
        assert!(Metrics::new(Timestamp(5)).count("Failed", 0).lines("x").is_empty());
    }

    #[test]
    fn a_long_series_takes_several_lines_and_is_counted_once() {
        let values: Vec<u64> = (0..250).collect();
        let all = Metrics::new(Timestamp(5)).count("Delivered", 250).milliseconds("DeliveryLatencyMs", &values);
        let lines: Vec<Value> = all.lines("x").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sizes: Vec<_> = lines.iter().map(|line| line["DeliveryLatencyMs"].as_array().unwrap().len()).collect();
        assert_eq!(sizes, [100, 100, 50]);
        assert_eq!(lines.iter().filter(|line| line["Delivered"] == 250).count(), 1);
    }
}
