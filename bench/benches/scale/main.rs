//! What delivery costs and how long it takes at scale, on the simulated machine: `cargo bench -p bench --bench scale`, with
//! `-- --quick` for a tenth of the time. The scenario and what the columns mean are in docs/performance.md.
#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::time::{Duration, Instant};

use admin::cost::prices;
use simulated::scale::{Figures, Latencies, Load, run};

/// Events a second, and for how many seconds they are published: fewer where there are many, since each is really put.
const RUNS: [(u32, u64); 3] = [(1, 60), (100, 20), (1_000, 5)];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let columns = [
        "events a second",
        "p50, p99",
        "without trouble",
        "crowd's p50, p99",
        "without trouble",
        "peak environments",
        "GB-s",
        "units written, read",
        "throttled",
        "$ a million deliveries",
        "took",
    ];
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
    for (rate, seconds) in RUNS {
        let seconds = if quick { (seconds / 10).max(3) } else { seconds };
        let load = Load::new(rate, Duration::from_secs(seconds));
        let begun = Instant::now();
        let calm = run(Load { trouble: false, ..load });
        let figures = run(load);
        println!("{}", row(&load, &figures, &calm, begun.elapsed()));
        for latencies in [&figures.single, &figures.crowd] {
            if latencies.took.len() != latencies.expected {
                println!("of {} deliveries {} were made", latencies.expected, latencies.took.len());
            }
        }
    }
}

fn row(load: &Load, figures: &Figures, calm: &Figures, took: Duration) -> String {
    let used = figures.usage.iter().filter(|(_, usage)| usage.invocations > 0);
    let peaks: Vec<String> = used.map(|(function, usage)| format!("{} {}", function.name(), usage.peak)).collect();
    let gb_seconds: f64 = figures.usage.iter().map(|(_, usage)| usage.gb_seconds).sum();
    let cells = [
        format!("{}, for {} s", load.rate, load.span.as_secs()),
        percentiles(&figures.single),
        percentiles(&calm.single),
        percentiles(&figures.crowd),
        percentiles(&calm.crowd),
        peaks.join(", "),
        format!("{gb_seconds:.1}"),
        format!("{:.0}, {:.0}", figures.write_units, figures.read_units),
        figures.throttles.to_string(),
        format!("{:.2}", dollars(figures)),
        format!("{:.0} s", took.as_secs_f64()),
    ];
    format!("| {} |", cells.join(" | "))
}

fn percentiles(latencies: &Latencies) -> String {
    format!("{} ms, {} ms", latencies.percentile(50).as_millis(), latencies.percentile(99).as_millis())
}

/// Dollars for a million deliveries: Lambda and DynamoDB, publishing's own write included.
fn dollars(figures: &Figures) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let lambda: f64 = figures
        .usage
        .iter()
        .map(|(_, usage)| usage.gb_seconds * prices::GB_SECONDS + count(usage.invocations) * prices::INVOCATIONS)
        .sum();
    let units = figures.write_units * prices::WRITE_UNITS + figures.read_units * prices::READ_UNITS;
    (lambda + units) / count(figures.delivered).max(1.0)
}
