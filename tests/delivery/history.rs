//! The counts of the last 24 hours that a queue keeps.

use std::time::Duration;

use shared::{
    delivery::Command,
    domain::{Counts, HourOfHistory, Timestamp, WebhookKey},
};

use crate::support::simulated::{Engine, Fate, InOrder, Kind, Planned, Reply, at_once, url};

const HOUR: Duration = Duration::from_secs(3_600);

/// The hours of the history in which something happened, by how long ago they are.
fn history(engine: &Engine, key: &WebhookKey) -> Vec<(usize, [u32; 3])> {
    let queue = at_once(engine.store.queue(&engine.queue(key))).unwrap();
    let hours = queue.history.last_day(engine.simulation.now());
    let shown = |(ago, HourOfHistory { counts, .. }): (usize, HourOfHistory)| {
        let Counts { delivered, failed, diverted } = counts;
        (!counts.is_empty()).then_some((ago, [delivered, failed, diverted]))
    };
    (0..24).rev().zip(hours).filter_map(shown).collect()
}

/// An engine at the beginning of an hour.
fn engine() -> Engine {
    let engine = Engine::new(InOrder, 1, true);
    let now = engine.simulation.now();
    let next = Timestamp((now.0 / 3_600_000 + 1) * 3_600_000);
    engine.simulation.pass(next.since(now));
    engine
}

#[test]
fn what_was_delivered_failed_and_diverted_is_counted_by_the_hour() {
    let mut engine = engine();
    let key = engine.slack("X");
    let mut nth = 0;
    engine.receiver.behave(&url("X"), move |_| {
        nth += 1;
        match nth {
            1 => Reply::status(500),
            2 => Reply { retry_after: Some(1), ..Reply::status(429) },
            3 => Reply::status(418),
            _ => Reply::status(200),
        }
    });
    engine.publish(Duration::ZERO);
    engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!(history(&engine, &key), [(0, [1, 2, 1])], "a 429 is not a failure");
    engine.simulation.pass(2 * HOUR);
    engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!(history(&engine, &key), [(2, [1, 2, 1]), (0, [1, 0, 0])]);
    engine.simulation.pass(22 * HOUR);
    assert_eq!(history(&engine, &key), [(22, [1, 0, 0])], "reading writes nothing");
}

#[test]
fn a_suspension_stores_what_was_counted() {
    let mut engine = engine();
    let key = engine.slack("X");
    engine.receiver.behave(&url("X"), |_| Reply::status(410));
    engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!(engine.queue_item(&key)["held"]["S"], "suspended");
    assert_eq!(history(&engine, &key), [(0, [0, 1, 0])]);
}

#[test]
fn a_test_message_and_a_change_leave_the_history_as_it_is() {
    let mut engine = engine();
    let key = engine.slack("X");
    engine.publish(Duration::ZERO);
    engine.run();
    engine.change(&key, |webhook| webhook.paused = Some(webhook.created));
    engine.change(&key, |webhook| webhook.paused = None);
    engine.run();
    assert_eq!(history(&engine, &key), [(0, [1, 0, 0])]);
}

#[test]
fn a_worker_that_dies_loses_no_more_than_its_own_counts() {
    for nth in 1..8 {
        let mut engine = Engine::new(Planned(vec![(Kind::Store("UpdateItem"), nth, Fate::CrashAfter)]), 1, true);
        let key = engine.socotra("X", shared::domain::FailurePolicy::default());
        let now = engine.simulation.now();
        engine.simulation.pass(Timestamp((now.0 / 3_600_000 + 1) * 3_600_000).since(now));
        for _ in 0..3 {
            engine.queue_event(&key);
        }
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        engine.run();
        // Of the batch that it was at; a worker after it counts on.
        let later = engine.queue_event(&key);
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        engine.run();
        let [(0, [delivered, 0, 0])] = history(&engine, &key)[..] else { panic!("{:?}", history(&engine, &key)) };
        let sent = engine.receiver.accepted(&url("X"));
        assert_eq!(sent.last(), Some(&later));
        assert!(delivered >= 1 && delivered as usize <= sent.len(), "{nth}: {delivered} of {sent:?}");
    }
}
