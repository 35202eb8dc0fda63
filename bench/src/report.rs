//! The figures as tables for people.

use std::fmt::Write as _;

use serde_json::Value;

/// The figures as text.
#[must_use]
pub fn show(figures: &Value) -> String {
    let mut text = functions(figures);
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    let tls = &figures["tls"];
    if !tls.is_null() {
        line(format!(
            "First request after init over TLS ({}): {} ms, warm {} ms, {} times",
            plain(&tls["function"]),
            tls["first_ms"],
            tls["warm_ms"],
            tls["first_times_warm"]
        ));
    }
    let lists = &figures["lists"];
    if !lists.is_null() {
        line(format!(
            "A page of 100: {} ms out of 100, {} ms out of 1,000, {} times",
            lists["page_of_100_ms"], lists["page_of_1000_ms"], lists["times"]
        ));
    }
    for row in figures["throughput"]["rows"].as_array().into_iter().flatten() {
        line(format!(
            "{:>3} events x {:>3} webhooks: fan-out {:>8}/s, drain {:>8}/s",
            row["events"], row["webhooks"], row["fan_out_per_second"], row["drain_per_second"]
        ));
    }
    let linear = &figures["throughput"]["fan_out_per_webhook"];
    if !linear.is_null() {
        line(format!(
            "Fan-out of one event, per webhook: {} ms of 10, {} ms of 1,000, {} times",
            linear["of_10_ms"], linear["of_1000_ms"], linear["times"]
        ));
    }
    for (form, burst) in figures["burst"].as_object().into_iter().flatten() {
        line(format!(
            "A burst of {} to one webhook ({form}): {} write units of the Deliveries table an event",
            burst["events"], burst["deliveries_write_units_per_event"]
        ));
    }
    let latency = &figures["latency"];
    if !latency.is_null() {
        let shown = |of: &Value| format!("p50 {} ms, p99 {} ms", of["p50_ms"], of["p99_ms"]);
        line(format!("Publish to delivery, idle: {}", shown(&latency["idle"])));
        let steady = &latency["steady"];
        line(format!("Publish to delivery, {} events/s: {}", steady["events_per_second"], shown(&steady["latency"])));
        let tarpit = &latency["tarpit"];
        line(format!("{} webhooks without a tarpit: {}", tarpit["webhooks"], shown(&tarpit["without"])));
        line(format!("{} webhooks beside a tarpit: {}", tarpit["webhooks"], shown(&tarpit["with"])));
        line(format!("p99 with a tarpit: {} times", tarpit["p99_times"]));
    }
    text
}

/// One line for each function.
fn functions(figures: &Value) -> String {
    let mut text = format!(
        "{:<33} {:>13} {:>13} {:>19} {:>8} {:>21} {:>5} {:>10} {:>7} {:>9}\n",
        "", "init", "1st answer", "warm, 1 env", "", "warm, 16 env", "RSS", "binary/zip", "calls", "units r/w"
    );
    let _ = writeln!(
        text,
        "{:<33} {:>13} {:>13} {:>19} {:>8} {:>21} {:>5} {:>10} {:>7} {:>9}",
        "function",
        "ms (x floor)",
        "ms (x floor)",
        "p50 p99 ms (x)",
        "/s",
        "p50 p99 ms /s",
        "MB",
        "MB",
        "cold/w",
        "warm"
    );
    for row in figures["functions"].as_array().into_iter().flatten() {
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let (cold, one, many) = (&row["cold"], &row["warm_1"], &row["warm_16"]);
        let megabytes = |value: &Value| number(value) / 1e6;
        let calls = |of: &str| row["dynamodb"][of]["calls"].as_array().map_or(0, Vec::len);
        let warm = &row["dynamodb"]["warm"];
        let _ = writeln!(
            text,
            "{:<33} {:>6.1} ({:>4.2}) {:>6.1} ({:>4.2}) {:>6.2} {:>5.2} ({:>4.2}) {:>8.0} {:>6.1} {:>6.1} {:>7.0} {:>5.1} {:>4.1} / {:>3.1} {:>3} / {:>1} {:>4.1} {:>4.1}",
            plain(&row["function"]),
            number(&cold["init_ms"]),
            number(&cold["init_times_floor"]),
            number(&cold["first_answer_ms"]),
            number(&cold["first_answer_times_floor"]),
            number(&one["p50_ms"]),
            number(&one["p99_ms"]),
            number(&one["times_floor"]),
            number(&one["per_second"]),
            number(&many["p50_ms"]),
            number(&many["p99_ms"]),
            number(&many["per_second"]),
            number(&row["peak_rss_kb"]) / 1e3,
            megabytes(&row["binary_bytes"]),
            megabytes(&row["zip_bytes"]),
            calls("cold"),
            calls("warm"),
            number(&warm["read_units"]),
            number(&warm["write_units"]),
        );
    }
    text
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
