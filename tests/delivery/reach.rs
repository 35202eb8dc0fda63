//! Nothing pending is ever out of reach, whatever happens between two writes, and nothing that has ended comes back.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use shared::{
    delivery::Command,
    domain::WebhookKey,
    store::{Resent, SpreadTask, late_lane_key},
};

use crate::support::simulated::{Engine, Fate, InOrder, Kind, Planned, Reply, TYPE, at_once, new_delivery, url};

#[test]
fn an_event_that_was_put_before_a_fault_is_in_reach_though_its_owner_has_unsubscribed_since() {
    for operation in ["PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"] {
        for fate in [Fate::CrashBefore, Fate::CrashAfter, Fate::Refused, Fate::AnswerLost] {
            for nth in 1..=2 {
                let mut engine = Engine::new(Planned(vec![(Kind::Store(operation), nth, fate)]), 1, true);
                let key = engine.slack("X");
                // The record comes again when nobody wants it any more.
                engine.stream_backoff = Duration::from_secs(30);
                engine.publish(Duration::ZERO);
                let changed = key.clone();
                engine.after(Duration::from_secs(10), move |engine| {
                    engine.change(&changed, |webhook| webhook.subscriptions.clear());
                });
                engine.run();
                engine.assert_quiet();
                assert_eq!(engine.count(&key, "pending"), 0, "{operation} {nth} {fate:?}");
            }
        }
    }
}

#[test]
fn a_resend_of_what_is_pending_makes_its_queue_due() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let event = engine.queue_event(&key);
    let (queue, id) = (engine.queue(&key), engine.records.id(event));
    // As a version before this one could leave it.
    engine.records.remove("DeliveriesTable", &queue, "QUEUE");
    let resent = at_once(engine.store.resend(&queue, id)).unwrap();
    assert_eq!(resent, Resent::Pending);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [event]);
}

#[test]
fn a_diverted_delivery_that_its_owner_has_deleted_does_not_come_back() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.receiver.behave(&url("X"), |_| Reply::status(418));
    let event = engine.publish(Duration::ZERO);
    engine.run();
    engine.receiver.heal();
    let (queue, id) = (engine.queue(&key), engine.records.id(event));
    assert!(at_once(engine.store.delete_diverted(&queue, id)).unwrap());
    engine.replay(0);
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [0; 0], "{:?}", engine.delivery(&key, event));
    if let Some(tombstone) = engine.delivery(&key, event) {
        assert_eq!(tombstone["state"]["S"], "discarded");
        assert!(tombstone["expires_at"]["N"].is_string() && tombstone["event"].is_null(), "{tombstone}");
    }
}

/// Fills the delivery's item with attempts until DynamoDB would take hardly a word more.
fn fill(engine: &Engine, key: &WebhookKey, event: u32, room: usize) {
    let mut item = engine.delivery(key, event).unwrap();
    let attempt = |length: usize| {
        let failure = "x".repeat(length);
        json!({"M": {"at": {"N": "1743416100000"}, "status": {"N": "500"}, "duration_ms": {"N": "1"}, "failure": {"S": failure}}})
    };
    let mut fits = |attempts: usize, last: usize| {
        let mut list = vec![attempt(1_024); attempts];
        list.push(attempt(last));
        item["attempts"] = json!({"L": list});
        engine.records.try_put("DeliveriesTable", &item)
    };
    let attempts = (1..400).collect::<Vec<_>>().partition_point(|attempts| fits(*attempts, 0));
    let last = (0..1_500).collect::<Vec<_>>().partition_point(|last| fits(attempts, *last));
    assert!(fits(attempts, last.saturating_sub(room)), "there is room for that much");
}

fn attempts(item: &Value) -> usize {
    item["attempts"]["L"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_item_that_has_no_room_for_another_attempt_ends_all_the_same() {
    for (status, padding) in [(418, 0), (200, 0), (418, 150_000), (500, 0)] {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        let event = engine.queue_large(&key, padding);
        fill(&engine, &key, event, 40);
        let mut tries = 0;
        engine.receiver.behave(&url("X"), move |_| {
            tries += 1;
            assert!(tries < 40, "asked forever");
            Reply::status(if tries == 1 || status == 418 { status } else { 200 })
        });
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        engine.run();
        engine.assert_quiet();
        let delivery = engine.delivery(&key, event).unwrap();
        let wanted = if status == 418 { "diverted" } else { "delivered" };
        assert_eq!(delivery["state"]["S"], wanted, "{status} {padding}");
        assert_eq!(engine.records.invalid(), [""; 0], "{status} {padding}");
    }
}

#[test]
fn a_delivery_remembers_its_first_and_its_last_attempts_however_often_it_is_sent() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.receiver.behave(&url("X"), |_| Reply::status(418));
    let event = engine.publish(Duration::ZERO);
    engine.run();
    let first = engine.delivery(&key, event).unwrap()["attempts"]["L"][0].clone();
    for _ in 0..70 {
        let (queue, id) = (engine.queue(&key), engine.records.id(event));
        engine.change(&key, |webhook| webhook.suspended = None);
        engine.request("resend", |store, waker| async move {
            store.resend(&queue, id).await.unwrap();
            waker.wake(&[queue]).await;
        });
        engine.run();
    }
    let delivery = engine.delivery(&key, event).unwrap();
    assert!(attempts(&delivery) <= 50, "{}", attempts(&delivery));
    assert_eq!(delivery["attempts"]["L"][0], first, "the first is kept");
    let last = engine.receiver.arrivals(&url("X")).last().unwrap().at;
    let kept = delivery["attempts"]["L"].as_array().unwrap().last().unwrap();
    let at = &kept["M"]["at"]["N"];
    let since = last.0 - at.as_str().unwrap().parse::<i64>().unwrap();
    assert!((0..1_000).contains(&since), "and the last: {since}");
}

#[test]
fn one_write_that_fails_repeats_no_other_event_of_the_message() {
    for nth in 2..=8 {
        let mut engine = Engine::new(Planned(vec![(Kind::Store("UpdateItem"), nth, Fate::Refused)]), 1, true);
        let key = engine.slack("X");
        for _ in 0..20 {
            engine.queue_event(&key);
        }
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        engine.run();
        engine.assert_quiet();
        let mut times: BTreeMap<u32, usize> = BTreeMap::new();
        for event in engine.receiver.accepted(&url("X")) {
            *times.entry(event).or_default() += 1;
        }
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(times.len() == 20 && twice.len() <= 1, "the {nth}th write failed: {twice:?}");
    }
}

#[test]
fn a_lease_whose_answer_was_lost_is_still_the_workers() {
    let mut engine = Engine::new(Planned(vec![(Kind::Store("UpdateItem"), 1, Fate::Repeated)]), 1, true);
    let key = engine.slack("X");
    let event = engine.queue_event(&key);
    let begun = engine.simulation.now();
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    engine.run();
    let arrivals = engine.receiver.arrivals(&url("X"));
    assert_eq!(arrivals[0].events, [event]);
    assert!(arrivals[0].at.since(begun) < Duration::from_secs(2), "{:?}", arrivals[0].at.since(begun));
}

#[test]
fn a_write_that_the_sdk_repeats_changes_nothing_that_arrives() {
    for nth in 1..=8 {
        for operation in ["UpdateItem", "PutItem", "TransactWriteItems"] {
            let mut engine = Engine::new(Planned(vec![(Kind::Store(operation), nth, Fate::Repeated)]), 1, true);
            let key = engine.slack("X");
            engine.receiver.behave(&url("X"), |events| Reply::status(if events.contains(&1) { 418 } else { 200 }));
            for _ in 0..3 {
                engine.publish(Duration::ZERO);
            }
            engine.run();
            engine.assert_quiet();
            assert_eq!(engine.receiver.accepted(&url("X")), [0, 2], "{operation} {nth}");
            engine.assert_nothing_lost(&key);
        }
    }
}

#[test]
fn unpausing_a_queue_that_has_to_wait_makes_it_due_when_it_may_be_sent() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.receiver.behave(&url("X"), |_| Reply { retry_after: Some(3_000), ..Reply::status(503) });
    engine.queue_event(&key);
    engine.drain(Command::Wake(vec![engine.queue(&key)]));
    let changed = key.clone();
    engine.after(Duration::from_secs(5), move |engine| {
        engine.change(&changed, |webhook| webhook.paused = Some(webhook.created));
        engine.after(Duration::from_secs(5), move |engine| {
            engine.change(&changed, |webhook| webhook.paused = None);
            engine.after(Duration::from_secs(5), move |engine| {
                let queue = engine.queue_item(&changed);
                assert_eq!(queue["due_at"], queue["not_before"], "{queue}");
                assert!(queue["due_at"]["N"].is_string(), "{queue}");
                engine.receiver.heal();
            });
        });
    });
    engine.run();
    engine.assert_quiet();
    let arrivals = engine.receiver.arrivals(&url("X"));
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[1].at.since(arrivals[0].at) >= Duration::from_secs(3_000), "the wait was the receiver's wish");
}

#[test]
fn a_put_of_what_has_ended_leaves_it_ended() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let event = engine.publish(Duration::ZERO);
    engine.run();
    let (queue, id) = (engine.queue(&key), engine.records.id(event));
    at_once(engine.store.put_pending(&queue, &new_delivery(id, &engine.records.event(event).partition, 200))).unwrap();
    assert_eq!((engine.count(&key, "delivered"), engine.count(&key, "pending")), (1, 0));
}

#[test]
fn what_is_queued_for_a_webhook_after_its_deletion_is_discarded_at_once() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let event = engine.queue_event(&key);
    let (organization, queue) = (engine.organization.clone(), engine.queue(&key));
    let deleted = key.clone();
    engine.request("delete", |store, waker| async move {
        assert!(store.delete_webhook(&organization, &deleted, |_| true).await.unwrap());
        waker.wake(&[queue]).await;
    });
    engine.run_for(Duration::from_secs(60));
    // What had been left to its late lane comes only now.
    let lane = late_lane_key(&engine.queue(&key));
    let other = engine.slack("Y");
    let late = engine.queue_event(&other);
    let task = SpreadTask {
        event: engine.records.id(late),
        event_partition: engine.records.event_partition(late),
        project: None,
        event_type: TYPE.to_owned(),
        weight: 200,
        about: None,
        only: Some(key.clone()),
    };
    at_once(engine.store.put_task(&lane, &task)).unwrap();
    at_once(engine.store.touch(&lane, task.event)).unwrap();
    engine.run_for(Duration::from_secs(60));
    assert_eq!((engine.count(&key, "pending"), engine.count(&key, "discarded")), (0, 2));
    assert_eq!(engine.receiver.accepted(&url("X")), [0; 0], "event {event}");
}
