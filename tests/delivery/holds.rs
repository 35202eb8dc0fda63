//! Pausing, moving, switching off, deleting, sending again: at any moment, and with nothing lost.

use std::time::Duration;

use shared::{
    delivery::Command,
    domain::{DeliveryState, EventId, ResendCursor, Secret, WebhookKey},
    store::{Guard, LeaseFor, Release, Renewal, Resent},
};

use crate::support::simulated::{InOrder, Reply, World, at_once, url};

fn world() -> (World, WebhookKey) {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    (world, key)
}

fn pause(world: &mut World, key: &WebhookKey, paused: bool) {
    world.change(key, move |webhook| webhook.paused = paused.then_some(webhook.created));
}

/// Moves the webhook's endpoint to `url(name)`.
fn moving(name: &'static str) -> impl Fn(&mut World) + Send + 'static {
    move |world| {
        let key = world.webhooks[0].clone();
        world.receiver.listen(&url(name), &world.queue(&key), true);
        world.change(&key, move |webhook| webhook.endpoint.url = Secret::new(url(name)));
    }
}

#[test]
fn ten_thousand_events_of_a_pause_are_delivered_in_order_by_several_drains() {
    let (mut world, key) = world();
    pause(&mut world, &key, true);
    world.run();
    for _ in 0..10_000 {
        world.publish(Duration::ZERO);
    }
    world.run();
    assert_eq!(world.count(&key, "pending"), 10_000);
    assert!(world.receiver.arrivals(&url("X")).is_empty());
    pause(&mut world, &key, false);
    world.run();
    world.assert_quiet();
    let numbers = world.records.numbers();
    assert_eq!(world.receiver.accepted(&url("X")), numbers, "each once and in order");
    let arrivals = world.receiver.arrivals(&url("X"));
    assert_eq!(arrivals.len(), 500);
    assert!(arrivals[499].at.since(arrivals[0].at) > Duration::from_secs(8 * 60), "no drain lasts that long");
}

#[test]
fn a_new_url_ends_the_backoff_of_the_old_one() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply::status(500));
    let event = world.publish(Duration::ZERO);
    // After the third failure the queue waits for about two minutes, after the fourth for ten.
    world.after(Duration::from_secs(400), moving("Y"));
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("Y")), [event]);
    let moved = world.receiver.arrivals(&url("Y"))[0].at;
    let last = world.receiver.arrivals(&url("X")).last().unwrap().at;
    assert!(moved.since(last) < Duration::from_secs(500), "the old backoff would have taken ten minutes");
    assert_eq!(world.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn corrected_headers_end_the_backoff() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply::status(500));
    let event = world.publish(Duration::ZERO);
    world.after(Duration::from_secs(400), |world| {
        let key = world.webhooks[0].clone();
        world.receiver.heal();
        world.change(&key, |webhook| webhook.endpoint.headers = vec![("x-key".to_owned(), vec![Secret::new("right")])]);
    });
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), [event]);
    let arrivals = world.receiver.arrivals(&url("X"));
    let gap = arrivals[arrivals.len() - 1].at.since(arrivals[arrivals.len() - 2].at);
    assert!(gap < Duration::from_secs(400), "{gap:?}: the backoff would have taken ten minutes");
    assert_eq!(world.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn a_suspension_lifted_during_a_pause_ends_its_failures() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply::status(400));
    for _ in 0..12 {
        world.publish(Duration::ZERO);
    }
    world.run();
    pause(&mut world, &key, true);
    world.run();
    world.change(&key, |webhook| webhook.suspended = None);
    world.run();
    pause(&mut world, &key, false);
    world.run();
    world.assert_quiet();
    let webhook = at_once(world.store.webhook(&world.organization, &key)).unwrap().unwrap();
    assert_eq!((world.count(&key, "diverted"), webhook.suspended), (12, None), "the ten refusals count no more");
}

#[test]
fn a_failure_of_the_old_url_that_comes_late_delays_nothing_at_the_new_one() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply { takes: Duration::from_secs(9), ..Reply::status(500) });
    let event = world.publish(Duration::ZERO);
    world.after(Duration::from_secs(3), moving("Y"));
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("Y")), [event]);
    let gap = world.receiver.arrivals(&url("Y"))[0].at.since(world.receiver.arrivals(&url("X"))[0].at);
    assert!(gap < Duration::from_secs(12), "{gap:?}: the reply came after nine seconds, and no backoff follows");
    assert_eq!(world.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn a_webhook_that_was_repaired_is_not_suspended_by_a_worker_that_saw_the_old_one() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply { takes: Duration::from_secs(9), ..Reply::status(404) });
    let event = world.publish(Duration::ZERO);
    world.after(Duration::from_secs(3), moving("Y"));
    world.run();
    world.assert_quiet();
    let webhook = at_once(world.store.webhook(&world.organization, &key)).unwrap().unwrap();
    assert_eq!(webhook.suspended, None);
    assert_eq!(world.receiver.accepted(&url("Y")), [event]);
}

#[test]
fn a_pause_is_heard_between_two_messages() {
    let (mut world, key) = world();
    for _ in 0..100 {
        world.queue_event(&key);
    }
    world.drain(Command::Wake(vec![world.queue(&key)]));
    world.after(Duration::from_millis(1_500), |world| {
        let key = world.webhooks[0].clone();
        pause(world, &key, true);
    });
    world.run();
    world.assert_quiet();
    let sent = world.receiver.accepted(&url("X")).len();
    assert!((20..=60).contains(&sent), "{sent} were sent before the pause");
    assert_eq!(world.count(&key, "pending"), 100 - sent);
    world.heal();
    assert_eq!(world.receiver.accepted(&url("X")), world.records.numbers());
}

#[test]
fn switched_off_means_that_new_events_are_not_queued_and_old_ones_are_held() {
    let (mut world, key) = world();
    pause(&mut world, &key, true);
    world.run();
    let old = world.publish(Duration::ZERO);
    world.run();
    world.change(&key, |webhook| {
        webhook.active = false;
        webhook.paused = None;
    });
    world.run();
    let missed = world.publish(Duration::ZERO);
    world.run();
    assert!(world.receiver.arrivals(&url("X")).is_empty());
    world.change(&key, |webhook| webhook.active = true);
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), [old]);
    assert!(world.delivery(&key, missed).is_none());
}

#[test]
fn deleting_discards_what_is_pending_and_nothing_is_sent_any_more() {
    let (mut world, key) = world();
    pause(&mut world, &key, true);
    world.run();
    for _ in 0..250 {
        world.publish(Duration::ZERO);
    }
    world.run();
    let (organization, doomed) = (world.organization.clone(), key.clone());
    world.request("delete", |store, _| async move {
        assert!(store.delete_webhook(&organization, &doomed, |_| true).await.unwrap());
    });
    world.run();
    world.assert_quiet();
    assert_eq!((world.count(&key, "discarded"), world.count(&key, "pending")), (250, 0));
    assert_eq!(world.delivery(&key, 0).unwrap()["reason"]["S"], "webhook deleted");
    assert!(world.receiver.arrivals(&url("X")).is_empty());
}

#[test]
fn what_was_diverted_ends_with_its_webhook() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply::status(400));
    let events: Vec<_> = (0..3).map(|_| world.publish(Duration::ZERO)).collect();
    world.run();
    assert_eq!(world.count(&key, "diverted"), 3);
    at_once(world.store.delete_webhook(&world.organization, &key, |_| true)).unwrap();
    world.run();
    world.assert_quiet();
    assert_eq!((world.count(&key, "diverted"), world.count(&key, "discarded")), (0, 3));
    for event in events {
        let delivery = world.delivery(&key, event).unwrap();
        assert!(delivery["event"].is_null() && delivery["expires_at"]["N"].is_string(), "{delivery}");
        assert_eq!(delivery["reason"]["S"], "webhook deleted");
    }
    let left = world.records.partition("DeliveriesTable", &world.queue(&key));
    assert!(!left.iter().any(|item| item["sk"]["S"].as_str().unwrap().starts_with("DIV#")), "no pointer is left");
}

#[test]
fn a_delivery_that_is_put_after_the_sweep_and_never_touched_is_discarded_a_day_later() {
    // Fan-out found the webhook subscribed, stood still while it was deleted and swept, put the delivery and died.
    let (mut world, key) = world();
    at_once(world.store.delete_webhook(&world.organization, &key, |_| true)).unwrap();
    let late = world.publish(Duration::ZERO);
    world.after(Duration::from_secs(120), move |world| {
        let key = world.webhooks[0].clone();
        let partition = shared::store::event_partition(&world.organization, world.records.id(late), 1);
        at_once(world.store.put_pending(&world.queue(&key), world.records.id(late), &partition, 200)).unwrap();
    });
    world.run();
    world.assert_quiet();
    assert_eq!(world.count(&key, "discarded"), 1);
}

fn request(world: &World, key: &WebhookKey, state: DeliveryState) -> Resent {
    let requested = world.simulation.now();
    let cursor = ResendCursor { next: world.records.id(0), last: EventId::last(), state, requested };
    at_once(world.store.request_resend(&world.queue(key), &cursor)).unwrap()
}

#[test]
fn a_resend_of_many_sends_each_once_more_in_order_and_paced() {
    let (mut world, key) = world();
    for _ in 0..250 {
        world.publish(Duration::ZERO);
    }
    world.run();
    world.receiver.forget(&world.queue(&key));
    assert_eq!(request(&world, &key, DeliveryState::Delivered), Resent::Pending);
    assert_eq!(request(&world, &key, DeliveryState::Delivered), Resent::Busy, "one at a time");
    world.run();
    world.assert_quiet();
    let numbers = world.records.numbers();
    assert_eq!(world.receiver.accepted(&url("X")), [numbers.clone(), numbers].concat());
    assert!(world.queue_item(&key)["resend"].is_null());
}

#[test]
fn a_resend_of_what_was_diverted_leaves_what_was_delivered_alone() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |events| Reply::status(if events.iter().any(|e| e % 3 == 1) { 400 } else { 200 }));
    for _ in 0..9 {
        world.publish(Duration::ZERO);
    }
    world.run();
    assert_eq!(world.count(&key, "diverted"), 3);
    world.receiver.heal();
    request(&world, &key, DeliveryState::Diverted);
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), [0, 2, 3, 5, 6, 8, 1, 4, 7]);
    let left = world.records.partition("DeliveriesTable", &world.queue(&key));
    assert!(!left.iter().any(|item| item["sk"]["S"].as_str().unwrap().starts_with("DIV#")), "no pointer is left");
}

#[test]
fn a_diverted_event_is_sent_again_even_after_its_event_and_its_time_are_gone() {
    let (mut world, key) = world();
    world.receiver.behave(&url("X"), |_| Reply::status(400));
    let event = world.publish(Duration::ZERO);
    world.run();
    assert_eq!(world.count(&key, "diverted"), 1);
    world.receiver.heal();
    world.forget_event(event);
    world.simulation.pass(Duration::from_secs(90 * 86_400));
    assert_eq!(at_once(world.store.resend(&world.queue(&key), world.records.id(event))).unwrap(), Resent::Pending);
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), [event]);
}

/// A webhook that got more events than a read passes by at once, and is to get the first of them again.
fn resent_far_back() -> (World, WebhookKey) {
    let (mut world, key) = world();
    for _ in 0..3_200 {
        world.queue_event(&key);
    }
    world.drain(Command::Wake(vec![world.queue(&key)]));
    world.run();
    assert_eq!(world.count(&key, "delivered"), 3_200);
    world.receiver.forget(&world.queue(&key));
    assert_eq!(at_once(world.store.resend(&world.queue(&key), world.records.id(0))).unwrap(), Resent::Pending);
    (world, key)
}

#[test]
fn a_resend_far_back_holds_up_nothing_new() {
    let (mut world, key) = resent_far_back();
    let steps = world.simulation.steps();
    world.drain(Command::Wake(vec![world.queue(&key)]));
    let new = world.publish(Duration::ZERO);
    world.run();
    world.assert_quiet();
    let accepted = world.receiver.accepted(&url("X"));
    assert_eq!(accepted[3_200..], [0, new]);
    let steps = world.simulation.steps() - steps;
    assert!(steps < 60, "{steps}: what is finished is passed by once");
}

#[test]
fn a_queue_that_is_touched_all_the_time_gets_past_what_is_finished() {
    let (mut world, key) = resent_far_back();
    // A touch in every step of the pass, as from a fan-out that never rests: of an event that is pending already.
    let last = world.queue_event(&key);
    for wait in 0..4_000 {
        world.after(Duration::from_millis(wait), move |world| {
            let key = world.webhooks[0].clone();
            at_once(world.store.touch(&world.queue(&key), world.records.id(last))).unwrap();
        });
    }
    world.drain(Command::Wake(vec![world.queue(&key)]));
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X"))[3_200..], [0, last]);
    let sent = world.receiver.arrivals(&url("X"));
    let gap = sent[sent.len() - 1].at.since(sent[sent.len() - 2].at);
    assert!(gap < Duration::from_millis(1_500), "{gap:?}: it did not wait for the touches to end");
}

#[test]
fn a_resend_of_large_deliveries_goes_on_past_the_first_page() {
    let (mut world, key) = world();
    let queue = world.queue(&key);
    for _ in 0..15 {
        let number = world.queue_large(&key, 100_000);
        let id = world.records.id(number);
        let keys = [(shared::store::event_partition(&world.organization, id, 1), id)];
        let (events, _) = at_once(world.store.events(&keys)).unwrap();
        let guard = Guard { lease: "test", generation: 0 };
        at_once(world.store.lease(
            &queue,
            "test",
            world.simulation.now().plus(Duration::from_secs(30)),
            LeaseFor::Delivery,
        ))
        .unwrap();
        assert!(at_once(world.store.divert(&queue, &events[&id], "for the test", None, guard)).unwrap());
        at_once(world.store.release(&queue, "test", Release::More, &Renewal::default())).unwrap();
    }
    request(&world, &key, DeliveryState::Diverted);
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), world.records.numbers());
}

#[test]
fn large_events_are_read_in_turns_and_arrive_in_order() {
    let (mut world, key) = world();
    for _ in 0..15 {
        world.queue_large(&key, 150_000);
    }
    world.run();
    world.assert_quiet();
    assert_eq!(world.receiver.accepted(&url("X")), world.records.numbers());
    let sizes: Vec<_> = world.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.events.len()).collect();
    assert_eq!(sizes, [3, 3, 3, 3, 3]);
}
