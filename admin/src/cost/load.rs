//! What a load costs: everything that grows with events and deliveries.

use super::{
    line::{Line, number},
    prices, units,
};
use crate::arguments::CostArguments;

/// The days of an average month.
const DAYS: f64 = 365.0 / 12.0;

/// A load, in millions a month.
pub(super) struct Load {
    pub(super) events: f64,
    pub(super) deliveries: f64,
    webhooks: f64,
    slow: f64,
    burst: f64,
    data_kb: f64,
    retention_days: f64,
    traces: bool,
}

impl Load {
    pub(super) fn new(wanted: &CostArguments) -> Self {
        let events = wanted.events_per_day * DAYS / 1e6;
        Self {
            events,
            deliveries: events * wanted.webhooks_per_event,
            webhooks: wanted.webhooks_per_event,
            slow: wanted.slow_share,
            burst: f64::from(wanted.burst),
            data_kb: wanted.data_kb,
            retention_days: wanted.retention_days,
            traces: wanted.traces,
        }
    }

    /// The lines of the sum.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = self.publishing();
        lines.extend(self.queueing());
        lines.extend(self.delivering());
        lines.extend(self.around());
        lines
    }

    fn publishing(&self) -> Vec<Line> {
        let (events, item) = (self.events, self.data_kb + units::EVENT_REST_KB);
        let (gb, ms) = (units::PUBLISH_GB, units::PUBLISH_MS);
        let writes = units::event_writes(self.data_kb);
        let gb_s = gb * ms / 1e3;
        vec![
            Line::new(
                "API requests",
                format!("{} × {:.2}", number(events), prices::REQUESTS),
                events * prices::REQUESTS,
            ),
            Line::new(
                "publishing",
                format!(
                    "{} × ({:.2} + {gb} GB × {ms} ms × {})",
                    number(events),
                    prices::INVOCATIONS,
                    prices::GB_SECONDS
                ),
                events * (prices::INVOCATIONS + gb_s * prices::GB_SECONDS),
            ),
            Line::new(
                "Events table",
                format!(
                    "{} × {writes} write units (item and index, {} KB each) × {}",
                    number(events),
                    number(item),
                    prices::WRITE_UNITS
                ),
                events * writes * prices::WRITE_UNITS,
            ),
        ]
    }

    fn queueing(&self) -> Vec<Line> {
        let batches = self.events / self.burst.min(units::STREAM_BATCH);
        let wide = self.webhooks > units::NARROW;
        let put = if wide { self.burst } else { self.burst * self.webhooks }.min(units::STREAM_BATCH * units::NARROW);
        let ms = units::FAN_OUT_MS + units::PUT_MS * (put - 1.0).max(0.0);
        let gb = units::FAN_OUT_GB;
        let reads = units::SUBSCRIBER_READS;
        let mut lines = vec![
            Line::new(
                "fan-out",
                format!(
                    "{} × ({:.2} + {gb} GB × {} ms × {})",
                    number(batches),
                    prices::INVOCATIONS,
                    number(ms),
                    prices::GB_SECONDS
                ),
                batches * (prices::INVOCATIONS + gb * ms / 1e3 * prices::GB_SECONDS),
            ),
            Line::new(
                "finding subscribers",
                format!("{} × {reads} read units × {}", number(batches), prices::READ_UNITS),
                batches * reads * prices::READ_UNITS,
            ),
        ];
        if wide {
            let (gb, writes) = (units::SPREAD_GB, units::TASK_WRITES);
            let ms = units::SPREAD_MS + units::SPREAD_PUT_MS * self.webhooks;
            lines.push(Line::new(
                "spread: more than 25 webhooks an event",
                format!(
                    "{} × ({:.2} + {gb} GB × {} ms × {} + {writes} write units × {})",
                    number(self.events),
                    prices::INVOCATIONS,
                    number(ms),
                    prices::GB_SECONDS,
                    prices::WRITE_UNITS
                ),
                self.events * (prices::INVOCATIONS + gb * ms / 1e3 * prices::GB_SECONDS + writes * prices::WRITE_UNITS),
            ));
        }
        lines
    }

    fn delivering(&self) -> Vec<Line> {
        let deliveries = self.deliveries;
        let (writes, reads) = (units::delivery_writes(self.burst), units::delivery_reads(self.burst));
        let (drains, slow) = (self.drains(), self.slow_drains());
        let prompt = drains - slow;
        let gb = units::DRAIN_GB;
        let (ms, slow_ms) = (units::DRAIN_MS + units::REQUEST_MS * self.burst, units::SLOW_MS * self.burst);
        let line = |what, count: f64, ms: f64| {
            let (invocation, second) = (prices::INVOCATIONS, prices::GB_SECONDS);
            let sum = format!("{} × ({invocation:.2} + {gb} GB × {} ms × {second})", number(count), number(ms));
            Line::new(what, sum, count * (invocation + gb * ms / 1e3 * second))
        };
        let mut lines = vec![
            Line::new(
                "Deliveries table",
                format!("{} × {} write units × {}", number(deliveries), number(writes), prices::WRITE_UNITS),
                deliveries * writes * prices::WRITE_UNITS,
            ),
            line("drain", prompt, ms),
        ];
        if slow > 0.0 {
            lines.push(line("drain, if one of its endpoints is slow", slow, slow_ms));
        }
        lines.push(Line::new(
            "drain's reads",
            format!("{} × {} read units × {}", number(deliveries), number(reads), prices::READ_UNITS),
            deliveries * reads * prices::READ_UNITS,
        ));
        lines
    }

    /// How many queues an invocation of drain works on.
    fn queues_a_drain(&self) -> f64 {
        self.webhooks.clamp(1.0, units::QUEUES_A_DRAIN)
    }

    /// Millions of invocations of drain.
    fn drains(&self) -> f64 {
        self.deliveries / self.burst / self.queues_a_drain()
    }

    /// Those of them in which at least one endpoint is slow: an invocation lasts as long as its slowest queue.
    fn slow_drains(&self) -> f64 {
        self.drains() * (1.0 - (1.0 - self.slow).powf(self.queues_a_drain()))
    }

    fn around(&self) -> Vec<Line> {
        let (events, deliveries) = (self.events, self.deliveries);
        let batches = events / self.burst.min(units::STREAM_BATCH);
        let logged = events + batches + self.drains() + deliveries * units::DELIVERY_LOG_KB;
        let mut lines = vec![Line::new(
            "logs",
            format!("{} GB × {:.2}", number(logged), prices::LOGGED_GB),
            logged * prices::LOGGED_GB,
        )];
        if self.traces {
            // Lambda samples each function by itself.
            let sampled = |invocations: f64| invocations * units::sampled(invocations * 1e6 / DAYS / 86_400.0);
            let all = [events, batches, self.drains()];
            let traced: f64 = all.iter().map(|invocations| sampled(*invocations)).sum();
            let share = 100.0 * traced / all.iter().sum::<f64>();
            lines.push(Line::new(
                "traces",
                format!("{} ({share:.0} % of all invocations) × {:.2}", number(traced), prices::TRACES),
                traced * prices::TRACES,
            ));
        }
        let sent = deliveries * (self.data_kb + 1.0);
        let event_kb = 2.0 * (self.data_kb + units::EVENT_REST_KB);
        // An event stays two days longer than the retention, a finished delivery four.
        let stored = events * event_kb * (self.retention_days + 2.0) / DAYS
            + deliveries * units::DELIVERY_KB * (self.retention_days + 4.0) / DAYS;
        lines.push(Line::new("traffic", format!("{} GB × {}", number(sent), prices::SENT_GB), sent * prices::SENT_GB));
        lines.push(Line::new(
            "in the tables",
            format!("{} GB × {}", number(stored), prices::STORED_GB),
            stored * prices::STORED_GB,
        ));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Load {
        let (events, deliveries) = (1.0, 1.0);
        let (webhooks, burst, data_kb, retention_days) = (1.0, 1.0, 1.0, 30.0);
        Load { events, deliveries, webhooks, slow: 0.0, burst, data_kb, retention_days, traces: false }
    }

    fn total(load: &Load) -> f64 {
        load.lines().iter().map(|line| line.dollars).sum()
    }

    #[test]
    fn slow_endpoints_traces_and_wide_events_cost_more_and_bursts_less() {
        let usual = total(&load());
        assert!((15.0..25.0).contains(&usual), "{usual}");
        let slow = total(&Load { slow: 1.0, ..load() });
        assert!((60.0..70.0).contains(&(slow - usual)), "{slow}: ten seconds of half a GB a delivery");
        let traced = total(&Load { traces: true, ..load() }) - usual;
        assert!((10.0..=15.0).contains(&traced), "{traced}: at one event in 2.6 s every one is traced");
        assert!(total(&Load { burst: 100.0, ..load() }) < 0.7 * usual);
        let wide = Load { deliveries: 100.0, webhooks: 100.0, ..load() };
        assert!(wide.lines().iter().any(|line| line.what.starts_with("spread")));
        assert!(total(&wide) / 100.0 < usual, "publishing is shared by a hundred deliveries");
    }

    #[test]
    fn one_slow_endpoint_holds_up_the_invocation_that_serves_a_hundred() {
        let wide = Load { deliveries: 100.0, webhooks: 100.0, slow: 0.01, ..load() };
        assert!((wide.drains() - 1.0).abs() < 1e-9);
        assert!((wide.slow_drains() - 0.634).abs() < 0.001, "1 - 0.99^100");
    }
}
