//! What CloudWatch would see of the machine, and which of the template's alarms it would raise.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use serde_yaml_ng as yaml;
use shared::delivery::observe_metrics;

use super::{aws::template, simulation::Simulation};

/// A value of a metric.
struct Point {
    at: Duration,
    metric: String,
    value: f64,
}

/// The values of all metrics, once they are kept.
#[derive(Clone, Default)]
pub struct Watch(Arc<Mutex<Option<Vec<Point>>>>);

impl Watch {
    /// Keeps from now on what the functions report, and what is counted.
    pub(crate) fn begin(&self, simulation: &Simulation) {
        *self.0.lock().unwrap() = Some(Vec::new());
        let (this, simulation) = (self.clone(), simulation.clone());
        observe_metrics(Box::new(move |line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let told = &line["_aws"]["CloudWatchMetrics"][0];
            let dimension = told["Dimensions"][0][0].as_str().map(|name| line[name].as_str().unwrap());
            for metric in told["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                let values = line[name].as_array().cloned().unwrap_or_else(|| vec![line[name].clone()]);
                for value in values {
                    this.add(simulation.monotonic(), &key("Outhook", name, dimension), value.as_f64().unwrap());
                }
            }
        }));
    }

    /// Notes a value of a metric of AWS.
    pub(crate) fn count(&self, at: Duration, namespace: &str, name: &str, of: &str, value: f64) {
        self.add(at, &key(namespace, name, Some(of)), value);
    }

    fn add(&self, at: Duration, metric: &str, value: f64) {
        if let Some(points) = self.0.lock().unwrap().as_mut() {
            points.push(Point { at, metric: metric.to_owned(), value });
        }
    }

    /// The statistic of a metric in the period that ends then; `None` if there is no value.
    fn statistic(&self, metric: &Metric, period: Duration, end: Duration) -> Option<f64> {
        let points = self.0.lock().unwrap();
        let points = points.as_ref().expect("the metrics are kept").iter();
        let inside = points.filter(|point| point.metric == metric.key && point.at + period > end && point.at <= end);
        inside.map(|point| point.value).reduce(|a, b| if metric.statistic == "Maximum" { a.max(b) } else { a + b })
    }

    /// Whether the alarm is raised at that moment.
    #[must_use]
    pub fn raises(&self, alarm: &Alarm, now: Duration) -> bool {
        (0..alarm.periods).all(|back| {
            let end = now.saturating_sub(alarm.period * back);
            let values: Vec<_> = alarm.metrics.iter().map(|one| self.statistic(one, alarm.period, end)).collect();
            alarm.breaches(&values)
        })
    }
}

fn key(namespace: &str, name: &str, of: Option<&str>) -> String {
    format!("{namespace} {name} {}", of.unwrap_or_default())
}

/// A metric that an alarm reads.
struct Metric {
    key: String,
    statistic: String,
}

/// An alarm of the template.
pub struct Alarm {
    /// Its name, without the word alarm.
    pub name: String,
    expression: Option<String>,
    metrics: Vec<Metric>,
    period: Duration,
    periods: u32,
    threshold: f64,
    below: bool,
    missing_breaches: bool,
}

impl Alarm {
    /// The alarms of the template, in its order.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let template: yaml::Value = yaml::from_str(&std::fs::read_to_string(template()).unwrap()).unwrap();
        let resources = template["Resources"].as_mapping().unwrap().iter();
        let alarms = resources.filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
        alarms.map(|(id, alarm)| Self::of(id.as_str().unwrap(), &alarm["Properties"])).collect()
    }

    fn of(id: &str, told: &yaml::Value) -> Self {
        let metric = |place: &yaml::Value, statistic: &yaml::Value| {
            let of = place["Dimensions"].as_sequence().into_iter().flatten().last().map(|one| word(&one["Value"]));
            let namespace = word(&place["Namespace"]).split('/').take(2).collect::<Vec<_>>().join("/");
            let namespace = namespace.replace("Outhook/${AWS::StackName}", "Outhook");
            Metric {
                key: key(&namespace, place["MetricName"].as_str().unwrap(), of),
                statistic: statistic.as_str().unwrap().to_owned(),
            }
        };
        let (mut expression, mut metrics, mut period) = (None, Vec::new(), &told["Period"]);
        for one in told["Metrics"].as_sequence().into_iter().flatten() {
            let stat = &one["MetricStat"];
            match one["Expression"].as_str() {
                Some(text) => expression = Some(text.to_owned()),
                None => metrics.push(metric(&stat["Metric"], &stat["Stat"])),
            }
            period = if stat.is_null() { period } else { &stat["Period"] };
        }
        if expression.is_none() {
            metrics.push(metric(told, &told["Statistic"]));
        }
        Self {
            name: id.strip_suffix("Alarm").unwrap().to_owned(),
            expression,
            metrics,
            period: Duration::from_secs(period.as_u64().unwrap()),
            periods: u32::try_from(told["EvaluationPeriods"].as_u64().unwrap()).unwrap(),
            threshold: told["Threshold"].as_f64().unwrap(),
            below: told["ComparisonOperator"] == "LessThanThreshold",
            missing_breaches: told["TreatMissingData"] == "breaching",
        }
    }

    fn breaches(&self, values: &[Option<f64>]) -> bool {
        let present = values.iter().copied().flatten();
        let value = match self.expression.as_deref() {
            None => values[0],
            Some("SUM(METRICS())") => present.reduce(|a, b| a + b),
            Some("MAX(METRICS())") => present.reduce(f64::max),
            Some("IF(failed > 20, 100 * failed / (failed + FILL(delivered, 0)), 0)") => values[0]
                .map(|failed| if failed > 20.0 { 100.0 * failed / (failed + values[1].unwrap_or(0.0)) } else { 0.0 }),
            Some("IF(FILL(written, 0) > 0 AND FILL(invoked, 0) < 1, 1, 0)") => {
                Some(f64::from(u8::from(values[0].unwrap_or(0.0) > 0.0 && values[1].unwrap_or(0.0) < 1.0)))
            }
            Some(other) => panic!("the machine does not know what {other} means"),
        };
        value.map_or(
            self.missing_breaches,
            |value| {
                if self.below { value < self.threshold } else { value > self.threshold }
            },
        )
    }
}

/// What a value says: `!Ref X` is `X`.
fn word(value: &yaml::Value) -> &str {
    match value {
        yaml::Value::Tagged(tagged) => tagged.value.as_str().unwrap(),
        other => other.as_str().unwrap(),
    }
}
