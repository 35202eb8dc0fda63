//! The small scope, whole: every order of the steps of two workers, with a crash before and after each step of either.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::{
    delivery::Command,
    domain::{Api, FailurePolicy, WebhookKey},
    store::{Health, LeaseFor, Release, Renewal},
};

use crate::support::simulated::{Engine, Exhaustive, Path, Reply, TYPE, at_once, url, wants};

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

/// A webhook whose endpoint answers as `status` says, by what was told of it so far and by the events that it is sent.
fn telling(engine: &mut Engine, status: impl Fn(&[String], &[u32]) -> u16 + Send + 'static) -> WebhookKey {
    let (organization, key) = (engine.organization.clone(), WebhookKey { api: Api::Flip, id: "w".to_owned() });
    let key = engine.webhook_of(&organization, key, "X", |webhook| webhook.subscriptions = vec![wants(TYPE)]);
    let (told, queue) = (engine.tellings(), engine.queue(&key));
    engine.receiver.behave(&url("X"), move |events| Reply {
        takes: Duration::ZERO,
        ..Reply::status(status(&told.about(&queue), events))
    });
    key
}

/// Runs a worker on the queue, and another one if it dies, and looks whether exactly that was told.
fn tells(mut engine: Engine, key: &WebhookKey, told: &[&str]) {
    engine.without_stream_for(SETTLED);
    engine.without_ticks_for(SETTLED);
    engine.drain(Command::Wake(vec![engine.queue(key)]));
    engine.after(SETTLED, |engine| engine.simulation.end_faults());
    engine.run();
    engine.assert_quiet();
    engine.assert_told(true);
    assert_eq!(engine.told(key), told, "{}", engine.simulation.trace());
}

#[test]
fn the_third_failure_and_the_success_after_it_are_told_once_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = telling(&mut engine, |told, _| if told.is_empty() { 500 } else { 200 });
        engine.queue_event(&key);
        let (store, queue) = (&engine.store, engine.queue(&key));
        let until = engine.simulation.now().plus(Duration::from_secs(30));
        at_once(store.lease(&queue, "before", until, LeaseFor::Delivery)).unwrap();
        // The next retry comes soon, while everything is still enumerated.
        let health = Health { in_a_row: 2, ..Health::default() };
        let renewal = Renewal { health: Some((health, 0)), ..Renewal::default() };
        assert!(at_once(store.release(&queue, "before", Release::More, &renewal)).unwrap());
        tells(engine, &key, &["outhook.webhook.failing", "outhook.webhook.recovered"]);
    });
    assert!(ways > 30, "{ways}");
}

#[test]
fn a_suspension_is_told_once_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = telling(&mut engine, |_, _| 410);
        engine.queue_event(&key);
        tells(engine, &key, &["outhook.webhook.suspended"]);
    });
    assert!(ways > 30, "{ways}");
}

#[test]
fn a_diverted_event_is_told_once_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = telling(&mut engine, |_, events| if events == [2] { 200 } else { 418 });
        for _ in 0..3 {
            engine.queue_event(&key);
        }
        tells(engine, &key, &["outhook.delivery.diverted"]);
    });
    assert!(ways > 30, "{ways}");
}

#[test]
fn an_expired_delivery_is_told_once_with_a_crash_anywhere() {
    let ways = every_way(1, |mut engine| {
        let key = telling(&mut engine, |_, _| 200);
        engine.queue_event(&key);
        engine.queue_event(&key);
        engine.simulation.pass(Duration::from_secs(31 * 86_400));
        tells(engine, &key, &["outhook.delivery.expired"]);
    });
    assert!(ways > 20, "{ways}");
}
