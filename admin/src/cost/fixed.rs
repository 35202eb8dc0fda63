//! What a stack costs each month even if nothing happens.

use super::{
    line::{Line, number},
    prices,
};

/// Minutes of a month, in millions: the tick is invoked each minute.
const TICKS: f64 = 0.0438;

/// How long a tick runs, in seconds, and its memory, in GB.
const TICK_SECONDS: f64 = 58.0;
const TICK_GB: f64 = 0.125;

/// Read units of a tick: a look at four nearly empty shards of the index every two seconds, half a unit each.
const TICK_READS: f64 = 29.0 * 4.0 * 0.5;

/// KB that a tick logs.
const TICK_LOG_KB: f64 = 2.0;

/// The metrics of the alarms in `template.yaml`.
const ALARMS: f64 = 26.0;

/// The custom metrics that a stack has, by name and shard.
const METRICS: f64 = 16.0;

pub(super) fn lines() -> Vec<Line> {
    let gb_s = TICK_SECONDS * TICK_GB;
    let ticks = number(TICKS);
    vec![
        Line::new(
            "ticks",
            format!("{ticks} × ({:.2} + {:.2})", prices::SCHEDULED, prices::INVOCATIONS),
            TICKS * (prices::SCHEDULED + prices::INVOCATIONS),
        ),
        Line::new(
            "their time: one environment that always runs",
            format!("{ticks} × {TICK_SECONDS} s × {TICK_GB} GB × {}", prices::GB_SECONDS),
            TICKS * gb_s * prices::GB_SECONDS,
        ),
        Line::new(
            "their reads of an index with little in it",
            format!("{ticks} × {TICK_READS} read units × {}", prices::READ_UNITS),
            TICKS * TICK_READS * prices::READ_UNITS,
        ),
        Line::new(
            "their log lines",
            format!("{ticks} × {TICK_LOG_KB} KB × {:.2}", prices::LOGGED_GB),
            TICKS * TICK_LOG_KB * prices::LOGGED_GB,
        ),
        Line::new("alarms", format!("{ALARMS} × {:.2}", prices::ALARM), ALARMS * prices::ALARM),
        Line::new("custom metrics", format!("{METRICS} × {:.2}", prices::METRIC), METRICS * prices::METRIC),
        Line::new("dashboard", "after the account's first three".to_owned(), prices::DASHBOARD),
    ]
}
