//! One endpoint's trouble is nobody else's; and what a delivery costs.

use std::time::Duration;

use shared::delivery::SendError;

use crate::support::simulated::{Engine, InOrder, Reply, url};

/// From publishing to the message, at the 99th percentile of 200 healthy webhooks, over five events half a minute apart.
/// `tarpit` adds a webhook whose endpoint never answers.
fn latency(tarpit: bool) -> Duration {
    let mut engine = Engine::new(InOrder, 1, true);
    if tarpit {
        engine.slack("tarpit");
        engine.receiver.behave(&url("tarpit"), |_| Reply::failing(SendError::Timeout));
    }
    let names: Vec<_> = (0..200).map(|number| format!("H{number}")).collect();
    for name in &names {
        engine.slack(name);
    }
    for number in 0..5 {
        engine.after(Duration::from_secs(30 * number), |engine| {
            engine.publish(Duration::ZERO);
        });
    }
    engine.run();
    let arrivals = names.iter().flat_map(|name| engine.receiver.arrivals(&url(name)));
    let published = |event: &u32| engine.records.id(*event).time();
    let mut latencies: Vec<Duration> = arrivals
        .flat_map(|arrival| arrival.events.iter().map(|event| arrival.at.since(published(event))).collect::<Vec<_>>())
        .collect();
    assert_eq!(latencies.len(), 1_000);
    latencies.sort();
    latencies[989]
}

#[test]
fn a_tarpit_delays_none_of_two_hundred_healthy_endpoints() {
    let (without, with) = (latency(false), latency(true));
    assert!(with <= without.mul_f64(1.5), "{with:?} instead of {without:?}");
}

/// Write units of the Deliveries table and its index for each of `events`, queued for one webhook and then delivered.
fn units(events: u32) -> f64 {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.records.count_units();
    for _ in 0..events {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!(engine.receiver.accepted(&url("X")).len(), events as usize);
    assert_eq!(engine.count(&key, "delivered"), events as usize);
    engine.records.write_units("DeliveriesTable") / f64::from(events)
}

#[test]
fn a_delivery_costs_few_write_units() {
    let (single, burst) = (units(1), units(100));
    assert!(single <= 10.0 && burst <= 2.2, "single {single}, of a burst of 100 {burst}");
}
