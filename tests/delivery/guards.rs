//! Conditions that look as if one could do without them.

use std::{collections::VecDeque, time::Duration};

use shared::{
    delivery::Command,
    domain::{DeliveryState, EventId, ResendCursor, Suspension},
    store::{Finish, Guard, LeaseFor, Remembered, Renewal},
};

use crate::support::simulated::{Engine, InOrder, Reply, at_once, url};

#[test]
fn a_worker_that_has_lost_its_lease_suspends_nothing() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.queue_event(&key);
    let queue = engine.queue(&key);
    let until = engine.simulation.now().plus(Duration::from_secs(30));
    at_once(engine.store.lease(&queue, "mine", until, LeaseFor::Delivery)).unwrap();
    let webhook = at_once(engine.store.webhook(&engine.organization, &key)).unwrap().unwrap();
    let suspension = Suspension { at: engine.simulation.now(), reason: "gone".to_owned(), endpoint_gone: true };
    let suspend =
        |token| at_once(engine.store.suspend_webhook(&webhook, &suspension, token, &Renewal::default(), None)).unwrap();
    assert!(!suspend("another's"), "the lease is not its own");
    let unchanged = at_once(engine.store.webhook(&engine.organization, &key)).unwrap().unwrap();
    assert_eq!((unchanged.suspended, engine.queue_item(&key)["held"]["S"].as_str()), (None, None));
    assert!(suspend("mine"));
}

#[test]
fn a_worker_that_has_lost_its_lease_diverts_and_discards_nothing() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let numbers = [engine.queue_event(&key), engine.queue_event(&key)];
    let queue = engine.queue(&key);
    let until = engine.simulation.now().plus(Duration::from_secs(30));
    at_once(engine.store.lease(&queue, "mine", until, LeaseFor::Delivery)).unwrap();
    let [first, second] = numbers.map(|number| engine.records.id(number));
    let kept = numbers.map(|number| (engine.records.event_partition(number), engine.records.id(number)));
    let (events, _) = at_once(engine.store.events(&kept)).unwrap();
    let finish = Finish { state: DeliveryState::Discarded, reason: Some("why".to_owned()), attempts: None };
    let end = |lease| {
        let guard = Guard { lease, generation: 0 };
        let diverted =
            at_once(engine.store.divert(&queue, &events[&first], "why", None, guard, Remembered::Nothing)).unwrap();
        (diverted, at_once(engine.store.finish_guarded(&queue, second, &finish, guard)).unwrap())
    };
    assert_eq!(end("another's"), (false, false));
    assert_eq!(engine.count(&key, "pending"), 2);
    assert_eq!(end("mine"), (true, true));
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "discarded")), (1, 1));
}

#[test]
fn failures_before_a_resend_do_not_count_toward_the_five_after_which_the_next_event_is_tried() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let mut replies: VecDeque<u16> = VecDeque::from([500, 500, 500, 500, 418]);
    engine.receiver.behave(&url("X"), move |_| Reply::status(replies.pop_front().unwrap_or(200)));
    let event = engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!(engine.count(&key, "diverted"), 1, "four failures, and then a refusal");
    // The next failure is the first since it was queued again.
    let mut replies: VecDeque<u16> = VecDeque::from([500, 500]);
    engine.receiver.behave(&url("X"), move |_| Reply::status(replies.pop_front().unwrap_or(200)));
    let before = engine.receiver.arrivals(&url("X")).len();
    let (queue, id) = (engine.queue(&key), engine.records.id(event));
    let next = engine.queue_event(&key);
    engine.request("resend", |store, waker| async move {
        store.resend(&queue, id).await.unwrap();
        waker.wake(&[queue]).await;
    });
    engine.run();
    engine.assert_quiet();
    let asked: Vec<Vec<u32>> =
        engine.receiver.arrivals(&url("X")).split_off(before).into_iter().map(|a| a.events).collect();
    let (last, before) = asked.split_last().unwrap();
    assert_eq!(*last, [next], "alone, and when its turn comes: {asked:?}");
    assert!(before.len() == 3 && before.iter().all(|events| events.contains(&event)), "{asked:?}");
    assert_eq!(engine.count(&key, "delivered"), 2);
}

#[test]
fn queues_beyond_the_hundred_of_an_invocation_are_drained_at_once_by_others() {
    let mut engine = Engine::new(InOrder, 1, true);
    let keys: Vec<_> = (0..250).map(|number| engine.slack(&format!("Q{number}"))).collect();
    for key in &keys {
        engine.queue_event(key);
    }
    let begun = engine.simulation.now();
    let queues = keys.iter().map(|key| engine.queue(key)).collect();
    engine.drain(Command::Wake(queues));
    engine.run();
    for number in 0..250 {
        let arrivals = engine.receiver.arrivals(&url(&format!("Q{number}")));
        assert_eq!(arrivals.len(), 1, "Q{number}");
        let waited = arrivals[0].at.since(begun);
        assert!(waited < Duration::from_secs(30), "Q{number} was left to a tick: {waited:?}");
    }
}

#[test]
fn a_resend_takes_only_what_was_finished_when_it_was_asked_for() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let early = engine.publish(Duration::ZERO);
    engine.run();
    let late = engine.queue_event(&key);
    let cursor = ResendCursor {
        next: engine.records.id(early),
        last: EventId::last(),
        state: DeliveryState::Delivered,
        requested: engine.simulation.now(),
    };
    let queue = engine.queue(&key);
    engine.receiver.forget(&queue);
    engine.request("resend many", |store, waker| async move {
        store.request_resend(&queue, &cursor).await.unwrap();
        waker.wake(&[queue]).await;
    });
    engine.run();
    engine.assert_quiet();
    // The late one is sent first, since it was pending, and is finished when the resend comes to it.
    assert_eq!(engine.receiver.accepted(&url("X")), [early, late, early]);
}
