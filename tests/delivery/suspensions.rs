//! What ends an endpoint's deliveries, and what does not.

use std::{collections::VecDeque, time::Duration};

use shared::domain::{Api, FailurePolicy, Growth, RetryStrategy, Subscription, Webhook, WebhookKey};

use crate::support::simulated::{InOrder, Reply, TYPE, World, at_once, url, wants};

fn suspension(world: &World, key: &WebhookKey) -> Option<String> {
    let webhook = at_once(world.store.webhook(&world.organization, key)).unwrap().unwrap();
    webhook.suspended.map(|suspension| suspension.reason)
}

fn always(world: &World, reply: Reply) {
    world.receiver.behave(&url("X"), move |_| reply.clone());
}

fn replies(world: &World, replies: impl IntoIterator<Item = Reply>) {
    let mut left: VecDeque<Reply> = replies.into_iter().collect();
    world.receiver.behave(&url("X"), move |_| left.pop_front().unwrap_or_else(|| Reply::status(200)));
}

fn asked(world: &World) -> Vec<Vec<u32>> {
    world.receiver.arrivals(&url("X")).into_iter().map(|arrival| arrival.events).collect()
}

type Change = fn(&mut Webhook);

/// What raises a webhook's generation without being about its endpoint.
const CHANGES: [Change; 4] = [
    |webhook| webhook.subscriptions.push(wants("other")),
    |webhook| webhook.endpoint.tag = Some("another".to_owned()),
    |webhook| webhook.subscriptions.push(Subscription { active: false, ..wants("third") }),
    |webhook| "another".clone_into(&mut webhook.name),
];

/// Changes the webhook while the first request is under way.
fn change_soon(world: &mut World, key: &WebhookKey, change: Change) {
    let key = key.clone();
    world.after(Duration::from_millis(500), move |world| world.change(&key, change));
}

#[test]
fn a_webhook_whose_subscriptions_tag_or_name_have_changed_is_suspended_at_the_first_410() {
    for (number, change) in CHANGES.into_iter().enumerate() {
        let mut world = World::new(InOrder, 1, true);
        let key = world.slack("X");
        world.publish(Duration::ZERO);
        world.run();
        world.change(&key, change);
        world.run();
        always(&world, Reply::status(410));
        let events: Vec<u32> = (0..3).map(|_| world.publish(Duration::ZERO)).collect();
        world.run();
        world.assert_quiet();
        assert_eq!(asked(&world)[1..], [events], "change {number}: one request is enough");
        assert!(suspension(&world, &key).is_some(), "change {number}");
    }
}

#[test]
fn a_change_while_the_endpoint_answers_410_leads_to_one_more_request_at_most() {
    for (number, change) in CHANGES.into_iter().enumerate() {
        let mut world = World::new(InOrder, 1, true);
        let key = world.slack("X");
        always(&world, Reply { takes: Duration::from_secs(5), ..Reply::status(410) });
        world.publish(Duration::ZERO);
        let changed = key.clone();
        world.after(Duration::from_secs(2), move |world| world.change(&changed, change));
        world.run();
        world.assert_quiet();
        assert!(asked(&world).len() <= 2, "change {number}: {:?}", asked(&world));
        assert!(suspension(&world, &key).is_some(), "change {number}");
    }
}

#[test]
fn ten_refusals_suspend_also_after_a_change_of_subscriptions() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    always(&world, Reply { takes: Duration::from_secs(1), ..Reply::status(418) });
    for _ in 0..30 {
        world.publish(Duration::ZERO);
    }
    change_soon(&mut world, &key, CHANGES[0]);
    world.run();
    world.assert_quiet();
    assert_eq!((world.count(&key, "diverted"), world.count(&key, "pending")), (10, 20));
}

#[test]
fn a_policy_that_suspends_does_so_while_its_subscriptions_change_and_gives_each_event_its_retries() {
    let mut world = World::new(InOrder, 1, true);
    let retry = RetryStrategy { kind: Growth::Linear, interval_s: 60, attempts: 2 };
    let triggers = vec!["5xx".parse().unwrap()];
    let policy = FailurePolicy { triggers, retry: Some(retry), divert: true, suspend: true, alert_endpoint: None };
    let key = world.socotra("X", policy);
    // What it wants besides changes while each request is under way.
    always(&world, Reply { takes: Duration::from_secs(5), ..Reply::status(500) });
    for _ in 0..5 {
        world.publish(Duration::ZERO);
    }
    for second in (1..240).step_by(4) {
        let changed = key.clone();
        world.after(Duration::from_secs(second), move |world| {
            world.change(&changed, move |webhook| {
                webhook.subscriptions = vec![wants(TYPE), wants(&format!("other{second}"))]
            });
        });
    }
    world.run();
    world.assert_quiet();
    assert_eq!(asked(&world), [[0], [0], [0]], "the first event, and its two retries");
    assert_eq!((world.count(&key, "diverted"), world.count(&key, "pending")), (1, 4));
    assert!(suspension(&world, &key).is_some());
}

#[test]
fn only_time_under_throttling_counts_toward_the_day_of_429() {
    let mut world = World::new(InOrder, 1, true);
    let key = world.slack("X");
    let wait = || Reply { retry_after: Some(60), ..Reply::status(429) };
    replies(&world, [wait(), wait()]);
    world.publish(Duration::ZERO);
    let paused = key.clone();
    world.after(Duration::from_secs(10), move |world| {
        world.change(&paused, |webhook| webhook.paused = Some(webhook.created));
        world.after(Duration::from_secs(2 * 86_400), move |world| {
            world.change(&paused, |webhook| webhook.paused = None)
        });
    });
    world.run();
    world.assert_quiet();
    assert_eq!(suspension(&world, &key), None, "two answers are no day of nothing else");
    assert_eq!(world.count(&key, "delivered"), 1);
}

/// A webhook whose first event fails with 500 until it is given up, so that its second one is tried after the fifth failure,
/// which answers `probe`.
fn probed(probe: &Reply) -> (World, WebhookKey) {
    let mut world = World::new(InOrder, 1, true);
    let key =
        world.webhook_of(&world.organization.clone(), WebhookKey { api: Api::Flip, id: "w".to_owned() }, "X", |w| {
            w.subscriptions = vec![wants(TYPE)];
        });
    let (mut left, probe) = (1, probe.clone());
    world.receiver.behave(&url("X"), move |events| {
        if events == [0] {
            return Reply::status(500);
        }
        left -= 1;
        if left == 0 { probe.clone() } else { Reply::status(200) }
    });
    world.publish(Duration::ZERO);
    world.publish(Duration::ZERO);
    (world, key)
}

#[test]
fn what_a_probe_is_asked_to_wait_is_waited() {
    for status in [429, 503] {
        let (mut world, key) = probed(&Reply { retry_after: Some(3_600), ..Reply::status(status) });
        world.run();
        let arrivals = world.receiver.arrivals(&url("X"));
        let at = arrivals.iter().position(|arrival| arrival.events == [1]).unwrap();
        assert_eq!(at, 5, "after the fifth failure");
        let wait = arrivals[at + 1].at.since(arrivals[at].at);
        assert!(wait >= Duration::from_secs(3_600), "{status}: {wait:?}");
        assert_eq!(world.count(&key, "delivered"), 1, "{status}");
    }
}

#[test]
fn a_probe_that_is_answered_410_suspends() {
    let (mut world, key) = probed(&Reply::status(410));
    world.run();
    world.assert_quiet();
    assert_eq!(asked(&world), [[0], [0], [0], [0], [0], [1]]);
    assert!(suspension(&world, &key).is_some_and(|reason| reason.contains("410")));
    assert_eq!(world.count(&key, "pending"), 2);
}

#[test]
fn a_probe_that_is_refused_is_diverted_and_says_that_it_was_the_event() {
    let (mut world, key) = probed(&Reply::status(418));
    world.run();
    world.assert_quiet();
    let delivery = world.delivery(&key, 1).unwrap();
    assert_eq!((&delivery["state"]["S"], &delivery["reason"]["S"]), (&"diverted".into(), &"HTTP 418".into()));
}
