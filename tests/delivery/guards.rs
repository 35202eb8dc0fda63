//! Conditions that look as if one could do without them.

use std::{collections::VecDeque, time::Duration};

use shared::{
    delivery::Command,
    domain::{DeliveryState, EventId, ResendCursor, Suspension},
    store::{Finish, Guard, LeaseFor, Renewal},
};

use crate::support::simulated::{InOrder, Reply, World, at_once, url};

#[test]
fn a_worker_that_has_lost_its_lease_suspends_nothing() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    world.queue_event(&key);
    let queue = world.queue(&key);
    let until = world.simulation.now().plus(Duration::from_secs(30));
    at_once(world.store.lease(&queue, "mine", until, LeaseFor::Delivery)).unwrap();
    let webhook = at_once(world.store.webhook(&world.organization, &key)).unwrap().unwrap();
    let suspension = Suspension { at: world.simulation.now(), reason: "gone".to_owned(), endpoint_gone: true };
    let suspend =
        |token| at_once(world.store.suspend_webhook(&webhook, &suspension, token, &Renewal::default())).unwrap();
    assert!(!suspend("another's"), "the lease is not its own");
    let unchanged = at_once(world.store.webhook(&world.organization, &key)).unwrap().unwrap();
    assert_eq!((unchanged.suspended, world.queue_item(&key)["held"]["S"].as_str()), (None, None));
    assert!(suspend("mine"));
}

#[test]
fn a_worker_that_has_lost_its_lease_diverts_and_discards_nothing() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    let numbers = [world.queue_event(&key), world.queue_event(&key)];
    let queue = world.queue(&key);
    let until = world.simulation.now().plus(Duration::from_secs(30));
    at_once(world.store.lease(&queue, "mine", until, LeaseFor::Delivery)).unwrap();
    let [first, second] = numbers.map(|number| world.records.id(number));
    let kept = numbers.map(|number| (world.records.event_partition(number), world.records.id(number)));
    let (events, _) = at_once(world.store.events(&kept)).unwrap();
    let finish = Finish { state: DeliveryState::Discarded, reason: Some("why".to_owned()), attempts: None };
    let end = |lease| {
        let guard = Guard { lease, generation: 0 };
        let diverted = at_once(world.store.divert(&queue, &events[&first], "why", None, guard)).unwrap();
        (diverted, at_once(world.store.finish_guarded(&queue, second, &finish, guard)).unwrap())
    };
    assert_eq!(end("another's"), (false, false));
    assert_eq!(world.count(&key, "pending"), 2);
    assert_eq!(end("mine"), (true, true));
    assert_eq!((world.count(&key, "diverted"), world.count(&key, "discarded")), (1, 1));
}

#[test]
fn failures_before_a_resend_do_not_count_toward_the_five_after_which_the_next_event_is_tried() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    let mut replies: VecDeque<u16> = VecDeque::from([500, 500, 500, 500, 418]);
    world.receiver.behave(&url("X"), move |_| Reply::status(replies.pop_front().unwrap_or(200)));
    let event = world.publish(Duration::ZERO);
    world.run();
    assert_eq!(world.count(&key, "diverted"), 1, "four failures, and then a refusal");
    // The next failure is the first since it was queued again.
    let mut replies: VecDeque<u16> = VecDeque::from([500, 500]);
    world.receiver.behave(&url("X"), move |_| Reply::status(replies.pop_front().unwrap_or(200)));
    let before = world.receiver.arrivals(&url("X")).len();
    let (queue, id) = (world.queue(&key), world.records.id(event));
    let next = world.queue_event(&key);
    world.request("resend", |store, waker| async move {
        store.resend(&queue, id).await.unwrap();
        waker.wake(&[queue]).await;
    });
    world.run();
    world.assert_quiet();
    let asked: Vec<Vec<u32>> =
        world.receiver.arrivals(&url("X")).split_off(before).into_iter().map(|a| a.events).collect();
    let (last, before) = asked.split_last().unwrap();
    assert_eq!(*last, [next], "alone, and when its turn comes: {asked:?}");
    assert!(before.len() == 3 && before.iter().all(|events| events.contains(&event)), "{asked:?}");
    assert_eq!(world.count(&key, "delivered"), 2);
}

#[test]
fn queues_beyond_the_hundred_of_an_invocation_are_drained_at_once_by_others() {
    let mut world = World::new(InOrder, 1, true);
    let keys: Vec<_> = (0..250).map(|number| world.slack(&format!("Q{number}"))).collect();
    for key in &keys {
        world.queue_event(key);
    }
    let begun = world.simulation.now();
    let queues = keys.iter().map(|key| world.queue(key)).collect();
    world.drain(Command::Wake(queues));
    world.run();
    for number in 0..250 {
        let arrivals = world.receiver.arrivals(&url(&format!("Q{number}")));
        assert_eq!(arrivals.len(), 1, "Q{number}");
        let waited = arrivals[0].at.since(begun);
        assert!(waited < Duration::from_secs(30), "Q{number} was left to a tick: {waited:?}");
    }
}

#[test]
fn a_resend_takes_only_what_was_finished_when_it_was_asked_for() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    let early = world.publish(Duration::ZERO);
    world.run();
    let late = world.queue_event(&key);
    let cursor = ResendCursor {
        next: world.records.id(early),
        last: EventId::last(),
        state: DeliveryState::Delivered,
        requested: world.simulation.now(),
    };
    let queue = world.queue(&key);
    world.receiver.forget(&queue);
    world.request("resend many", |store, waker| async move {
        store.request_resend(&queue, &cursor).await.unwrap();
        waker.wake(&[queue]).await;
    });
    world.run();
    world.assert_quiet();
    // The late one is sent first, since it was pending, and is finished when the resend comes to it.
    assert_eq!(world.receiver.accepted(&url("X")), [early, late, early]);
}
