//! The queue and its lease, rule by rule (docs/delivery.md).

use std::time::Duration;

use shared::{
    delivery::Command,
    domain::{EventId, Hold, QueueState, Timestamp, WebhookKey},
    store::{Lease, LeaseFor, Release, Renewal, Touch},
};

use crate::support::simulated::{Engine, Fate, InOrder, Kind, Planned, Reply, at_once, url};

const LEASE: Duration = Duration::from_secs(30);

/// A queue to be handled by its operations alone.
struct Queue {
    engine: Engine,
    key: WebhookKey,
}

impl Queue {
    fn new() -> Self {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        Self { engine, key }
    }

    fn name(&self) -> String {
        self.engine.queue(&self.key)
    }

    fn now(&self) -> Timestamp {
        self.engine.simulation.now()
    }

    fn state(&self) -> QueueState {
        at_once(self.engine.store.queue(&self.name())).unwrap()
    }

    fn touch(&self, number: u128) -> Touch {
        at_once(self.engine.store.touch(&self.name(), id(number))).unwrap()
    }

    fn lease(&self, token: &str) -> Lease {
        let until = self.now().plus(LEASE);
        at_once(self.engine.store.lease(&self.name(), token, until, LeaseFor::Delivery)).unwrap()
    }

    fn renew(&self, token: &str, head: Option<(EventId, u64)>) -> Option<QueueState> {
        let renewal = Renewal { until: self.now().plus(LEASE), head, ..Renewal::default() };
        at_once(self.engine.store.renew(&self.name(), token, &renewal)).unwrap()
    }

    fn release(&self, token: &str, release: Release) -> bool {
        at_once(self.engine.store.release(&self.name(), token, release, &Renewal::default())).unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.engine.simulation.pass(Duration::from_secs(seconds));
    }

    fn hold(&mut self, paused: bool) {
        self.engine.change(&self.key, move |webhook| webhook.paused = paused.then_some(webhook.created));
        self.engine.run();
    }
}

fn id(number: u128) -> EventId {
    EventId::new(Timestamp(1_743_416_100_000), number)
}

#[test]
fn a_touch_counts_lowers_the_head_and_makes_the_queue_due_once() {
    let queue = Queue::new();
    assert_eq!(queue.touch(5), Touch::Due);
    let first = queue.state();
    assert_eq!((first.touched, first.head, first.due_at), (1, Some(id(5)), Some(queue.now())));
    queue.pass(60);
    assert_eq!(queue.touch(7), Touch::Due);
    let second = queue.state();
    assert_eq!((second.touched, second.head), (2, Some(id(5))), "a higher one leaves the head");
    assert_eq!(second.due_at, first.due_at, "it was due already");
    queue.touch(3);
    assert_eq!((queue.state().touched, queue.state().head), (3, Some(id(3))), "a lower one takes it down");
}

#[test]
fn a_touch_never_moves_what_delays_the_queue() {
    let queue = Queue::new();
    queue.touch(1);
    assert!(matches!(queue.lease("a"), Lease::Taken(_)));
    let later = queue.now().plus(Duration::from_secs(600));
    queue.release("a", Release::NotBefore(later));
    queue.touch(0);
    let state = queue.state();
    assert_eq!((state.not_before, state.due_at), (Some(later), Some(later)));
    assert_eq!(queue.lease("b"), Lease::Wait(later));
}

#[test]
fn a_touch_of_a_held_queue_counts_without_making_it_due() {
    let mut queue = Queue::new();
    queue.hold(true);
    assert_eq!(queue.touch(4), Touch::Held);
    let state = queue.state();
    assert_eq!((state.touched, state.head, state.due_at), (1, Some(id(4)), None));
    assert_eq!(queue.lease("a"), Lease::Held);
    queue.engine.receiver.behave(&url("X"), |_| Reply::status(200));
    queue.hold(false);
    assert_eq!(queue.state().held, None);
}

#[test]
fn a_touch_never_revives_a_deleted_queue() {
    let mut queue = Queue::new();
    queue.touch(1);
    at_once(queue.engine.store.delete_webhook(&queue.engine.organization, &queue.key, |_| true)).unwrap();
    assert_eq!(queue.touch(2), Touch::Deleted);
    queue.engine.run();
    assert_eq!(queue.touch(3), Touch::Deleted);
    let state = queue.state();
    assert_eq!((state.held, state.due_at), (Some(Hold::Deleted), None), "swept, and it stays");
}

#[test]
fn a_lease_is_one_workers_until_it_runs_out_with_two_seconds_to_spare() {
    let queue = Queue::new();
    queue.touch(1);
    assert!(matches!(queue.lease("a"), Lease::Taken(_)));
    assert_eq!(queue.lease("b"), Lease::Busy);
    queue.pass(31);
    assert_eq!(queue.lease("b"), Lease::Busy, "the other's clock may be slow");
    queue.pass(2);
    assert!(matches!(queue.lease("b"), Lease::Taken(_)));
    assert_eq!(queue.renew("a", None), None, "it is lost");
    assert!(queue.renew("b", None).is_some());
}

#[test]
fn a_queue_that_is_leased_is_due_again_when_its_worker_has_died() {
    let queue = Queue::new();
    queue.touch(1);
    queue.lease("a");
    let again = queue.state().due_at.unwrap();
    assert!(again >= queue.now().plus(LEASE), "and not before, so that ticks leave it alone");
    queue.pass(33);
    assert!(matches!(queue.lease("b"), Lease::Taken(_)));
}

#[test]
fn there_is_no_lease_of_a_queue_that_was_never_touched() {
    assert_eq!(Queue::new().lease("a"), Lease::Held);
}

#[test]
fn the_head_rises_only_if_nothing_was_touched_since_the_read() {
    let queue = Queue::new();
    queue.touch(1);
    queue.lease("a");
    let state = queue.renew("a", Some((id(2), 1))).unwrap();
    assert_eq!(state.head, Some(id(2)));
    // A late event with a lower id comes between the read and the renewal.
    queue.touch(0);
    let state = queue.renew("a", Some((id(9), 1))).unwrap();
    assert_eq!((state.head, state.touched), (Some(id(0)), 2), "the lease is kept, the head stays");
}

#[test]
fn an_empty_queue_is_released_only_if_nothing_was_touched_since_the_read() {
    let queue = Queue::new();
    queue.touch(1);
    queue.lease("a");
    queue.touch(2);
    assert!(!queue.release("a", Release::Empty { touched: 1 }), "go on");
    assert!(queue.renew("a", None).is_some(), "the lease is still there");
    assert!(queue.release("a", Release::Empty { touched: 2 }));
    let state = queue.state();
    assert_eq!((state.due_at, state.lease, state.head), (None, None, None));
}

#[test]
fn a_lost_lease_changes_nothing_of_the_queue() {
    let queue = Queue::new();
    queue.touch(1);
    queue.lease("a");
    queue.pass(33);
    queue.lease("b");
    let before = queue.state();
    for release in [Release::Empty { touched: 1 }, Release::More, Release::NotBefore(queue.now()), Release::AsItWas] {
        assert!(queue.release("a", release), "it is the other's to release");
        assert_eq!(queue.state(), before, "{release:?}");
    }
}

#[test]
fn a_hold_during_the_lease_outlives_the_release() {
    let mut queue = Queue::new();
    queue.touch(1);
    queue.lease("a");
    queue.hold(true);
    queue.release("a", Release::NotBefore(queue.now()));
    let state = queue.state();
    assert_eq!((state.held, state.due_at, state.lease), (Some(Hold::Paused), None, None));
}

#[test]
fn a_lost_lease_still_marks_as_delivered_what_was_answered_2xx() {
    // The worker stands still for a minute while it writes the outcome; meanwhile another one takes over.
    let mut engine =
        Engine::new(Planned(vec![(Kind::Store("UpdateItem"), 3, Fate::Freeze(Duration::from_secs(50)))]), 1, true);
    let key = engine.slack("X");
    let event = engine.queue_event(&key);
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    let behind = engine.queue(&key);
    engine.after(Duration::from_secs(40), move |engine| {
        engine.receiver.behave(&url("X"), |_| Reply::status(500));
        engine.drain(Command::Wake(vec![behind]));
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.delivery(&key, event).unwrap()["state"]["S"], "delivered", "{}", engine.simulation.trace());
}

#[test]
fn a_worker_that_was_frozen_past_its_lease_sends_nothing() {
    // Frozen while it reads the webhook, the queue and the events, one after the other.
    for step in ["GetItem", "Query", "BatchGetItem"] {
        let freeze = Fate::Freeze(Duration::from_secs(40));
        let mut engine = Engine::new(Planned(vec![(Kind::Store(step), 1, freeze)]), 1, true);
        let key = engine.slack("X");
        let event = engine.queue_event(&key);
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        let queue = engine.queue(&key);
        engine.after(Duration::from_secs(36), move |engine| {
            engine.drain(Command::Wake(vec![queue]));
        });
        engine.run();
        engine.assert_quiet();
        assert_eq!(engine.receiver.accepted(&url("X")), [event], "{step}: {}", engine.simulation.trace());
    }
}

#[test]
fn no_request_starts_with_less_than_15_s_of_the_lease_left() {
    // The worker stands still at each of its calls: taking the lease, reading, renewing between the two messages. The receiver
    // checks what is left of the lease.
    for (step, calls) in [("UpdateItem", 24), ("GetItem", 2), ("Query", 2), ("BatchGetItem", 1)] {
        for (nth, seconds) in (1..=calls).flat_map(|nth| [8, 16, 20, 25, 29].map(|seconds| (nth, seconds))) {
            let freeze = (Kind::Store(step), nth, Fate::Freeze(Duration::from_secs(seconds)));
            let mut engine = Engine::new(Planned(vec![freeze]), 1, true);
            let key = engine.slack("X");
            let events: Vec<_> = (0..21).map(|_| engine.queue_event(&key)).collect();
            engine.drain(Command::Wake(vec![engine.queue(&key)]));
            engine.run();
            engine.assert_quiet();
            let accepted = engine.receiver.accepted(&url("X"));
            assert_eq!(accepted, events, "{step} {nth} {seconds} s: {}", engine.simulation.trace());
        }
    }
}

#[test]
fn a_queue_stays_due_when_a_worker_dies_at_any_of_its_writes() {
    for nth in 1..6 {
        let crash = (Kind::Store("UpdateItem"), nth, Fate::CrashAfter);
        let mut engine = Engine::new(Planned(vec![crash]), 1, true);
        let key = engine.slack("X");
        engine.publish(Duration::ZERO);
        engine.publish(Duration::ZERO);
        engine.run();
        engine.assert_quiet();
        engine.assert_nothing_lost(&key);
    }
}

#[test]
fn an_event_costs_the_same_whoever_else_does_not_want_it_and_however_long_a_paused_queue_is() {
    let cost = |others: usize, waiting: usize| {
        let mut engine = Engine::new(InOrder, 1, true);
        for number in 0..others {
            engine.deaf(&format!("D{number}"));
        }
        let key = engine.slack("X");
        engine.change(&key, |webhook| webhook.paused = Some(webhook.created));
        engine.run();
        for _ in 0..waiting {
            engine.queue_event(&key);
        }
        let before = engine.simulation.steps();
        // A minute later: of what was accepted before a subscription ended, a delivery may be there.
        engine.after(Duration::from_secs(60), |engine| {
            engine.publish(Duration::ZERO);
        });
        engine.run();
        assert_eq!(engine.count(&key, "pending"), waiting + 1);
        engine.simulation.steps() - before
    };
    let alone = cost(0, 0);
    assert_eq!((cost(60, 0), cost(0, 150)), (alone, alone));
}
