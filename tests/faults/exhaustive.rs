//! The small scope, whole: every order of the steps of two workers, with a crash before and after each step of either.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::{
    delivery::Command,
    domain::{FailurePolicy, WebhookKey},
};

use crate::support::simulated::{Engine, Exhaustive, Path, Reply, url};

/// Runs `scenario` once for each way in which it can go; says how many those are.
fn every_way(crashes: usize, mut scenario: impl FnMut(Engine)) -> usize {
    let path = Arc::new(Mutex::new(Path::default()));
    for ways in 1.. {
        let mut engine = Engine::new(Exhaustive { path: Arc::clone(&path), crashes }, 7, true);
        engine.without_ticks_for(SETTLED);
        scenario(engine);
        if !path.lock().unwrap().advance() {
            return ways;
        }
    }
    unreachable!("the loop has no end");
}

/// When all that is enumerated is over; from then on nothing goes wrong and every order is the first.
const SETTLED: Duration = Duration::from_secs(58);

/// An endpoint that answers at once: while a worker waits for it, nobody else would have to choose whether to go first.
fn quick(engine: &Engine) {
    engine.receiver.behave(&url("X"), |_| Reply { takes: Duration::ZERO, ..Reply::status(200) });
}

/// Runs what was started to its end and looks whether everything arrived.
fn settle(mut engine: Engine, key: &WebhookKey) {
    engine.after(SETTLED, |engine| engine.simulation.end_faults());
    engine.run();
    engine.assert_quiet();
    engine.assert_nothing_lost(key);
    assert_eq!(engine.count(key, "diverted"), 0);
}

fn two_workers(mut engine: Engine, key: &WebhookKey) {
    quick(&engine);
    engine.queue_event(key);
    engine.queue_event(key);
    for _ in 0..2 {
        engine.drain(Command::Wake(vec![engine.queue(key)]));
    }
    settle(engine, key);
}

#[test]
fn two_workers_on_two_events_in_one_message_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = engine.slack("X");
        two_workers(engine, &key);
    });
    assert!(ways > 200, "{ways}");
}

#[test]
fn two_workers_on_two_events_one_by_one_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = engine.socotra("X", FailurePolicy::default());
        two_workers(engine, &key);
    });
    assert!(ways > 200, "{ways}");
}

#[test]
fn a_worker_that_finds_nothing_more_while_an_event_is_queued_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = engine.slack("X");
        quick(&engine);
        engine.queue_event(&key);
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        let (late, process) = engine.start_queueing(&key);
        let queued = key.clone();
        engine.after(SETTLED, move |engine| {
            // After a crash the stream brings the record again, and only then.
            if engine.simulation.is_faulty(process) {
                engine.start_queueing_again(&queued, late);
            }
        });
        settle(engine, &key);
    });
    assert!(ways > 200, "{ways}");
}
