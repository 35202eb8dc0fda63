//! The small scope, whole: every order of the steps of two workers, with a crash before and after each step of either.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::{
    delivery::Command,
    domain::{FailurePolicy, WebhookKey},
};

use crate::support::simulated::{Exhaustive, Path, Reply, World, url};

/// Runs `scenario` once for each way in which it can go; says how many those are.
fn every_way(crashes: usize, mut scenario: impl FnMut(World)) -> usize {
    let path = Arc::new(Mutex::new(Path::default()));
    for ways in 1.. {
        let mut world = World::new(Exhaustive { path: Arc::clone(&path), crashes }, 7, true);
        world.without_ticks_for(SETTLED);
        scenario(world);
        if !path.lock().unwrap().advance() {
            return ways;
        }
    }
    unreachable!("the loop has no end");
}

/// When all that is enumerated is over; from then on nothing goes wrong and every order is the first.
const SETTLED: Duration = Duration::from_secs(58);

/// An endpoint that answers at once: while a worker waits for it, nobody else would have to choose whether to go first.
fn quick(world: &World) {
    world.receiver.behave(&url("X"), |_| Reply { takes: Duration::ZERO, ..Reply::status(200) });
}

/// Runs what was started to its end and looks whether everything arrived.
fn settle(mut world: World, key: &WebhookKey) {
    world.after(SETTLED, |world| world.simulation.end_faults());
    world.run();
    world.assert_quiet();
    world.assert_nothing_lost(key);
    assert_eq!(world.count(key, "diverted"), 0);
}

fn two_workers(mut world: World, key: &WebhookKey) {
    quick(&world);
    world.queue_event(key);
    world.queue_event(key);
    for _ in 0..2 {
        world.drain(Command::Wake(vec![world.queue(key)]));
    }
    settle(world, key);
}

#[test]
fn two_workers_on_two_events_in_one_message_with_a_crash_anywhere() {
    let ways = every_way(1, |mut world| {
        let key = world.slack("X");
        two_workers(world, &key);
    });
    assert!(ways > 200, "{ways}");
}

#[test]
fn two_workers_on_two_events_one_by_one_with_a_crash_anywhere() {
    let ways = every_way(1, |mut world| {
        let key = world.socotra("X", FailurePolicy::default());
        two_workers(world, &key);
    });
    assert!(ways > 200, "{ways}");
}

#[test]
fn a_worker_that_finds_nothing_more_while_an_event_is_queued_with_a_crash_anywhere() {
    let ways = every_way(1, |mut world| {
        let key = world.slack("X");
        quick(&world);
        world.queue_event(&key);
        world.drain(Command::Wake(vec![world.queue(&key)]));
        let (late, process) = world.start_queueing(&key);
        let queued = key.clone();
        world.after(SETTLED, move |world| {
            // After a crash the stream brings the record again, and only then.
            if world.simulation.is_faulty(process) {
                world.start_queueing_again(&queued, late);
            }
        });
        settle(world, &key);
    });
    assert!(ways > 200, "{ways}");
}
