//! Pausing, moving, switching off, deleting, sending again: at any moment, and with nothing lost.

use std::time::Duration;

use shared::{
    delivery::Command,
    domain::{DeliveryState, EventId, ResendCursor, Secret, WebhookKey},
    store::{Guard, LeaseFor, Release, Remembered, Renewal, Resent},
};

use crate::support::simulated::{Engine, InOrder, Reply, at_once, new_delivery, url};

fn engine() -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    (engine, key)
}

fn pause(engine: &mut Engine, key: &WebhookKey, paused: bool) {
    engine.change(key, move |webhook| webhook.paused = paused.then_some(webhook.created));
}

/// Moves the webhook's endpoint to `url(name)`.
fn moving(name: &'static str) -> impl Fn(&mut Engine) + Send + 'static {
    move |engine| {
        let key = engine.webhooks[0].clone();
        engine.receiver.listen(&url(name), &engine.queue(&key), true);
        engine.change(&key, move |webhook| webhook.endpoint.url = Secret::new(url(name)));
    }
}

#[test]
fn ten_thousand_events_of_a_pause_are_delivered_in_order_by_several_drains() {
    let (mut engine, key) = engine();
    pause(&mut engine, &key, true);
    engine.run();
    for _ in 0..10_000 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!(engine.count(&key, "pending"), 10_000);
    assert!(engine.receiver.arrivals(&url("X")).is_empty());
    pause(&mut engine, &key, false);
    engine.run();
    engine.assert_quiet();
    let numbers = engine.records.numbers();
    assert_eq!(engine.receiver.accepted(&url("X")), numbers, "each once and in order");
    let arrivals = engine.receiver.arrivals(&url("X"));
    assert_eq!(arrivals.len(), 500);
    assert!(arrivals[499].at.since(arrivals[0].at) > Duration::from_secs(8 * 60), "no drain lasts that long");
}

#[test]
fn a_new_url_ends_the_backoff_of_the_old_one() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply::status(500));
    let event = engine.publish(Duration::ZERO);
    // After the third failure the queue waits for about two minutes, after the fourth for ten.
    engine.after(Duration::from_secs(400), moving("Y"));
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("Y")), [event]);
    let moved = engine.receiver.arrivals(&url("Y"))[0].at;
    let last = engine.receiver.arrivals(&url("X")).last().unwrap().at;
    assert!(moved.since(last) < Duration::from_secs(500), "the old backoff would have taken ten minutes");
    assert_eq!(engine.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn corrected_headers_end_the_backoff() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply::status(500));
    let event = engine.publish(Duration::ZERO);
    engine.after(Duration::from_secs(400), |engine| {
        let key = engine.webhooks[0].clone();
        engine.receiver.heal();
        engine
            .change(&key, |webhook| webhook.endpoint.headers = vec![("x-key".to_owned(), vec![Secret::new("right")])]);
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [event]);
    let arrivals = engine.receiver.arrivals(&url("X"));
    let gap = arrivals[arrivals.len() - 1].at.since(arrivals[arrivals.len() - 2].at);
    assert!(gap < Duration::from_secs(400), "{gap:?}: the backoff would have taken ten minutes");
    assert_eq!(engine.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn a_suspension_lifted_during_a_pause_ends_its_failures() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply::status(400));
    for _ in 0..12 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    pause(&mut engine, &key, true);
    engine.run();
    engine.change(&key, |webhook| webhook.suspended = None);
    engine.run();
    pause(&mut engine, &key, false);
    engine.run();
    engine.assert_quiet();
    let webhook = at_once(engine.store.webhook(&engine.organization, &key)).unwrap().unwrap();
    assert_eq!((engine.count(&key, "diverted"), webhook.suspended), (12, None), "the ten refusals count no more");
}

#[test]
fn a_failure_of_the_old_url_that_comes_late_delays_nothing_at_the_new_one() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply { takes: Duration::from_secs(9), ..Reply::status(500) });
    let event = engine.publish(Duration::ZERO);
    engine.after(Duration::from_secs(3), moving("Y"));
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("Y")), [event]);
    let gap = engine.receiver.arrivals(&url("Y"))[0].at.since(engine.receiver.arrivals(&url("X"))[0].at);
    assert!(gap < Duration::from_secs(12), "{gap:?}: the reply came after nine seconds, and no backoff follows");
    assert_eq!(engine.queue_item(&key)["failures"]["N"], "0");
}

#[test]
fn a_webhook_that_was_repaired_is_not_suspended_by_a_worker_that_saw_the_old_one() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply { takes: Duration::from_secs(9), ..Reply::status(404) });
    let event = engine.publish(Duration::ZERO);
    engine.after(Duration::from_secs(3), moving("Y"));
    engine.run();
    engine.assert_quiet();
    let webhook = at_once(engine.store.webhook(&engine.organization, &key)).unwrap().unwrap();
    assert_eq!(webhook.suspended, None);
    assert_eq!(engine.receiver.accepted(&url("Y")), [event]);
}

#[test]
fn a_pause_is_heard_between_two_messages() {
    let (mut engine, key) = engine();
    for _ in 0..100 {
        engine.queue_event(&key);
    }
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    engine.after(Duration::from_millis(1_500), |engine| {
        let key = engine.webhooks[0].clone();
        pause(engine, &key, true);
    });
    engine.run();
    engine.assert_quiet();
    let sent = engine.receiver.accepted(&url("X")).len();
    assert!((20..=60).contains(&sent), "{sent} were sent before the pause");
    assert_eq!(engine.count(&key, "pending"), 100 - sent);
    engine.heal();
    assert_eq!(engine.receiver.accepted(&url("X")), engine.records.numbers());
}

#[test]
fn switched_off_means_that_new_events_are_not_queued_and_old_ones_are_held() {
    let (mut engine, key) = engine();
    pause(&mut engine, &key, true);
    engine.run();
    let old = engine.publish(Duration::ZERO);
    engine.run();
    engine.change(&key, |webhook| {
        webhook.active = false;
        webhook.paused = None;
    });
    engine.run();
    let missed = engine.publish(Duration::ZERO);
    engine.run();
    assert!(engine.receiver.arrivals(&url("X")).is_empty());
    engine.change(&key, |webhook| webhook.active = true);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [old]);
    assert!(engine.delivery(&key, missed).is_none());
}

#[test]
fn deleting_discards_what_is_pending_and_nothing_is_sent_any_more() {
    let (mut engine, key) = engine();
    pause(&mut engine, &key, true);
    engine.run();
    for _ in 0..250 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    let (organization, doomed) = (engine.organization.clone(), key.clone());
    engine.request("delete", |store, _| async move {
        assert!(store.delete_webhook(&organization, &doomed, |_| true).await.unwrap());
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!((engine.count(&key, "discarded"), engine.count(&key, "pending")), (250, 0));
    assert_eq!(engine.delivery(&key, 0).unwrap()["reason"]["S"], "webhook deleted");
    assert!(engine.receiver.arrivals(&url("X")).is_empty());
}

#[test]
fn what_was_diverted_ends_with_its_webhook() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply::status(400));
    let events: Vec<_> = (0..3).map(|_| engine.publish(Duration::ZERO)).collect();
    engine.run();
    assert_eq!(engine.count(&key, "diverted"), 3);
    at_once(engine.store.delete_webhook(&engine.organization, &key, |_| true)).unwrap();
    engine.run();
    engine.assert_quiet();
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "discarded")), (0, 3));
    for event in events {
        let delivery = engine.delivery(&key, event).unwrap();
        assert!(delivery["event"].is_null() && delivery["expires_at"]["N"].is_string(), "{delivery}");
        assert_eq!(delivery["reason"]["S"], "webhook deleted");
    }
    let left = engine.records.partition("DeliveriesTable", &engine.queue(&key));
    assert!(!left.iter().any(|item| item["sk"]["S"].as_str().unwrap().starts_with("DIV#")), "no pointer is left");
}

#[test]
fn a_delivery_that_is_put_after_the_sweep_and_never_touched_is_discarded_a_day_later() {
    // Fan-out found the webhook subscribed, stood still while it was deleted and swept, put the delivery and died.
    let (mut engine, key) = engine();
    at_once(engine.store.delete_webhook(&engine.organization, &key, |_| true)).unwrap();
    let late = engine.publish(Duration::ZERO);
    engine.after(Duration::from_secs(120), move |engine| {
        let key = engine.webhooks[0].clone();
        let partition = shared::store::event_partition(&engine.organization, engine.records.id(late), 1);
        at_once(engine.store.put_pending(&engine.queue(&key), &new_delivery(engine.records.id(late), &partition, 200)))
            .unwrap();
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.count(&key, "discarded"), 1);
}

fn request(engine: &Engine, key: &WebhookKey, state: DeliveryState) -> Resent {
    let requested = engine.simulation.now();
    let cursor = ResendCursor { next: engine.records.id(0), last: EventId::last(), state, requested };
    at_once(engine.store.request_resend(&engine.queue(key), &cursor)).unwrap()
}

#[test]
fn a_resend_of_many_sends_each_once_more_in_order_and_paced() {
    let (mut engine, key) = engine();
    for _ in 0..250 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    engine.receiver.forget(&engine.queue(&key));
    assert_eq!(request(&engine, &key, DeliveryState::Delivered), Resent::Pending);
    assert_eq!(request(&engine, &key, DeliveryState::Delivered), Resent::Busy, "one at a time");
    engine.run();
    engine.assert_quiet();
    let numbers = engine.records.numbers();
    assert_eq!(engine.receiver.accepted(&url("X")), [numbers.clone(), numbers].concat());
    assert!(engine.queue_item(&key)["resend"].is_null());
}

#[test]
fn a_resend_of_what_was_diverted_leaves_what_was_delivered_alone() {
    let (mut engine, key) = engine();
    engine
        .receiver
        .behave(&url("X"), |events| Reply::status(if events.iter().any(|e| e % 3 == 1) { 400 } else { 200 }));
    for _ in 0..9 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!(engine.count(&key, "diverted"), 3);
    engine.receiver.heal();
    request(&engine, &key, DeliveryState::Diverted);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [0, 2, 3, 5, 6, 8, 1, 4, 7]);
    let left = engine.records.partition("DeliveriesTable", &engine.queue(&key));
    assert!(!left.iter().any(|item| item["sk"]["S"].as_str().unwrap().starts_with("DIV#")), "no pointer is left");
}

#[test]
fn a_diverted_event_is_sent_again_even_after_its_event_and_its_time_are_gone() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |_| Reply::status(400));
    let event = engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!(engine.count(&key, "diverted"), 1);
    engine.receiver.heal();
    engine.forget_event(event);
    engine.simulation.pass(Duration::from_secs(90 * 86_400));
    assert_eq!(at_once(engine.store.resend(&engine.queue(&key), engine.records.id(event))).unwrap(), Resent::Pending);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [event]);
}

/// A webhook that got more events than a read passes by at once, and is to get the first of them again.
fn resent_far_back() -> (Engine, WebhookKey) {
    let (mut engine, key) = engine();
    for _ in 0..3_200 {
        engine.queue_event(&key);
    }
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    engine.run();
    assert_eq!(engine.count(&key, "delivered"), 3_200);
    engine.receiver.forget(&engine.queue(&key));
    assert_eq!(at_once(engine.store.resend(&engine.queue(&key), engine.records.id(0))).unwrap(), Resent::Pending);
    (engine, key)
}

#[test]
fn a_resend_far_back_holds_up_nothing_new() {
    let (mut engine, key) = resent_far_back();
    let steps = engine.simulation.steps();
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    let new = engine.publish(Duration::ZERO);
    engine.run();
    engine.assert_quiet();
    let accepted = engine.receiver.accepted(&url("X"));
    assert_eq!(accepted[3_200..], [0, new]);
    let steps = engine.simulation.steps() - steps;
    assert!(steps < 60, "{steps}: what is finished is passed by once");
}

#[test]
fn a_queue_that_is_touched_all_the_time_gets_past_what_is_finished() {
    let (mut engine, key) = resent_far_back();
    // A touch in every step of the pass, as from a fan-out that never rests: of an event that is pending already.
    let last = engine.queue_event(&key);
    for wait in 0..4_000 {
        engine.after(Duration::from_millis(wait), move |engine| {
            let key = engine.webhooks[0].clone();
            at_once(engine.store.touch(&engine.queue(&key), engine.records.id(last))).unwrap();
        });
    }
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X"))[3_200..], [0, last]);
    let sent = engine.receiver.arrivals(&url("X"));
    let gap = sent[sent.len() - 1].at.since(sent[sent.len() - 2].at);
    assert!(gap < Duration::from_millis(1_500), "{gap:?}: it did not wait for the touches to end");
}

#[test]
fn a_resend_of_large_deliveries_goes_on_past_the_first_page() {
    let (mut engine, key) = engine();
    let queue = engine.queue(&key);
    for _ in 0..15 {
        let number = engine.queue_large(&key, 100_000);
        let id = engine.records.id(number);
        let keys = [(shared::store::event_partition(&engine.organization, id, 1), id)];
        let (events, _) = at_once(engine.store.events(&keys)).unwrap();
        let guard = Guard { lease: "test", generation: 0 };
        at_once(engine.store.lease(
            &queue,
            "test",
            engine.simulation.now().plus(Duration::from_secs(30)),
            LeaseFor::Delivery,
        ))
        .unwrap();
        assert!(
            at_once(engine.store.divert(&queue, &events[&id], "for the test", None, guard, Remembered::Nothing))
                .unwrap()
        );
        at_once(engine.store.release(&queue, "test", Release::More, &Renewal::default())).unwrap();
    }
    request(&engine, &key, DeliveryState::Diverted);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), engine.records.numbers());
}

#[test]
fn large_events_are_read_in_turns_and_arrive_in_order() {
    let (mut engine, key) = engine();
    for _ in 0..15 {
        engine.queue_large(&key, 150_000);
    }
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), engine.records.numbers());
    let sizes: Vec<_> = engine.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.events.len()).collect();
    assert_eq!(sizes, [3, 3, 3, 3, 3]);
}
