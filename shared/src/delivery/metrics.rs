//! Metrics in CloudWatch's embedded metric format: one JSON line on standard output, which Lambda hands to CloudWatch.

use serde_json::{Map, Value, json};

use crate::domain::Timestamp;

/// The namespace of every metric; the alarms in the template name it too.
pub const NAMESPACE: &str = "Outhook";

/// Metrics of one piece of work, emitted as one line. Without dimensions: the alarms are over all functions together.
#[derive(Debug)]
pub struct Metrics {
    at: Timestamp,
    definitions: Vec<Value>,
    values: Map<String, Value>,
}

impl Metrics {
    /// Nothing yet, measured at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { at, definitions: Vec::new(), values: Map::new() }
    }

    /// Adds how often something happened; nothing if it did not.
    #[must_use]
    pub fn count(mut self, name: &str, count: usize) -> Self {
        if count > 0 {
            self.definitions.push(json!({"Name": name, "Unit": "Count"}));
            self.values.insert(name.to_owned(), json!(count));
        }
        self
    }

    /// Adds measured milliseconds; nothing if there are none. A metric takes at most 100 values a line.
    #[must_use]
    pub fn milliseconds(mut self, name: &str, values: &[u64]) -> Self {
        if !values.is_empty() {
            self.definitions.push(json!({"Name": name, "Unit": "Milliseconds"}));
            self.values.insert(name.to_owned(), json!(values[..values.len().min(100)]));
        }
        self
    }

    /// The line, if anything was measured.
    #[must_use]
    pub fn line(mut self) -> Option<String> {
        if self.definitions.is_empty() {
            return None;
        }
        let metrics = json!([{"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": self.definitions}]);
        self.values.insert("_aws".to_owned(), json!({"Timestamp": self.at.0, "CloudWatchMetrics": metrics}));
        Some(Value::Object(self.values).to_string())
    }

    /// Writes the line.
    pub fn emit(self) {
        if let Some(line) = self.line() {
            use std::io::Write as _;
            // A closed standard output must not stop deliveries.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let line = Metrics::new(Timestamp(5)).count("Delivered", 2).count("Failed", 0).milliseconds("QueueAgeMs", &[7]);
        insta::assert_snapshot!(line.line().unwrap(), @r#"{"Delivered":2,"QueueAgeMs":[7],"_aws":{"Timestamp":5,"CloudWatchMetrics":[{"Namespace":"Outhook","Dimensions":[[]],"Metrics":[{"Name":"Delivered","Unit":"Count"},{"Name":"QueueAgeMs","Unit":"Milliseconds"}]}]}}"#);
    }

    #[test]
    fn nothing_measured_is_no_line() {
        assert_eq!(Metrics::new(Timestamp(5)).count("Failed", 0).line(), None);
    }
}
