//! What ends an endpoint's deliveries, and what does not.

use std::{collections::VecDeque, time::Duration};

use shared::domain::{Api, FailurePolicy, Growth, RetryStrategy, Subscription, Webhook, WebhookKey};

use crate::support::simulated::{Engine, InOrder, Reply, TYPE, at_once, url, wants};

fn suspension(engine: &Engine, key: &WebhookKey) -> Option<String> {
    let webhook = at_once(engine.store.webhook(&engine.organization, key)).unwrap().unwrap();
    webhook.suspended.map(|suspension| suspension.reason)
}

fn always(engine: &Engine, reply: Reply) {
    engine.receiver.behave(&url("X"), move |_| reply.clone());
}

fn replies(engine: &Engine, replies: impl IntoIterator<Item = Reply>) {
    let mut left: VecDeque<Reply> = replies.into_iter().collect();
    engine.receiver.behave(&url("X"), move |_| left.pop_front().unwrap_or_else(|| Reply::status(200)));
}

fn asked(engine: &Engine) -> Vec<Vec<u32>> {
    engine.receiver.arrivals(&url("X")).into_iter().map(|arrival| arrival.events).collect()
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
fn change_soon(engine: &mut Engine, key: &WebhookKey, change: Change) {
    let key = key.clone();
    engine.after(Duration::from_millis(500), move |engine| engine.change(&key, change));
}

#[test]
fn a_webhook_whose_subscriptions_tag_or_name_have_changed_is_suspended_at_the_first_410() {
    for (number, change) in CHANGES.into_iter().enumerate() {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        engine.publish(Duration::ZERO);
        engine.run();
        engine.change(&key, change);
        engine.run();
        always(&engine, Reply::status(410));
        let events: Vec<u32> = (0..3).map(|_| engine.publish(Duration::ZERO)).collect();
        engine.run();
        engine.assert_quiet();
        assert_eq!(asked(&engine)[1..], [events], "change {number}: one request is enough");
        assert!(suspension(&engine, &key).is_some(), "change {number}");
    }
}

#[test]
fn a_change_while_the_endpoint_answers_410_leads_to_one_more_request_at_most() {
    for (number, change) in CHANGES.into_iter().enumerate() {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        always(&engine, Reply { takes: Duration::from_secs(5), ..Reply::status(410) });
        engine.publish(Duration::ZERO);
        let changed = key.clone();
        engine.after(Duration::from_secs(2), move |engine| engine.change(&changed, change));
        engine.run();
        engine.assert_quiet();
        assert!(asked(&engine).len() <= 2, "change {number}: {:?}", asked(&engine));
        assert!(suspension(&engine, &key).is_some(), "change {number}");
    }
}

#[test]
fn ten_refusals_suspend_also_after_a_change_of_subscriptions() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    always(&engine, Reply { takes: Duration::from_secs(1), ..Reply::status(418) });
    for _ in 0..30 {
        engine.publish(Duration::ZERO);
    }
    change_soon(&mut engine, &key, CHANGES[0]);
    engine.run();
    engine.assert_quiet();
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "pending")), (10, 20));
}

#[test]
fn a_policy_that_suspends_does_so_while_its_subscriptions_change_and_gives_each_event_its_retries() {
    let mut engine = Engine::new(InOrder, 1, true);
    let retry = RetryStrategy { kind: Growth::Linear, interval_s: 60, attempts: 2 };
    let triggers = vec!["5xx".parse().unwrap()];
    let policy = FailurePolicy { triggers, retry: Some(retry), divert: true, suspend: true, alert_endpoint: None };
    let key = engine.socotra("X", policy);
    // What it wants besides changes while each request is under way.
    always(&engine, Reply { takes: Duration::from_secs(5), ..Reply::status(500) });
    for _ in 0..5 {
        engine.publish(Duration::ZERO);
    }
    for second in (1..240).step_by(4) {
        let changed = key.clone();
        engine.after(Duration::from_secs(second), move |engine| {
            engine.change(&changed, move |webhook| {
                webhook.subscriptions = vec![wants(TYPE), wants(&format!("other{second}"))]
            });
        });
    }
    engine.run();
    engine.assert_quiet();
    assert_eq!(asked(&engine), [[0], [0], [0]], "the first event, and its two retries");
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "pending")), (1, 4));
    assert!(suspension(&engine, &key).is_some());
}

#[test]
fn only_time_under_throttling_counts_toward_the_day_of_429() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let wait = || Reply { retry_after: Some(60), ..Reply::status(429) };
    replies(&engine, [wait(), wait()]);
    engine.publish(Duration::ZERO);
    let paused = key.clone();
    engine.after(Duration::from_secs(10), move |engine| {
        engine.change(&paused, |webhook| webhook.paused = Some(webhook.created));
        engine.after(Duration::from_secs(2 * 86_400), move |engine| {
            engine.change(&paused, |webhook| webhook.paused = None)
        });
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(suspension(&engine, &key), None, "two answers are no day of nothing else");
    assert_eq!(engine.count(&key, "delivered"), 1);
}

/// A webhook whose first event fails with 500 until it is given up, so that its second one is tried after the fifth failure,
/// which answers `probe`.
fn probed(probe: &Reply) -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let key =
        engine.webhook_of(&engine.organization.clone(), WebhookKey { api: Api::Flip, id: "w".to_owned() }, "X", |w| {
            w.subscriptions = vec![wants(TYPE)];
        });
    let (mut left, probe) = (1, probe.clone());
    engine.receiver.behave(&url("X"), move |events| {
        if events == [0] {
            return Reply::status(500);
        }
        left -= 1;
        if left == 0 { probe.clone() } else { Reply::status(200) }
    });
    engine.publish(Duration::ZERO);
    engine.publish(Duration::ZERO);
    (engine, key)
}

#[test]
fn what_a_probe_is_asked_to_wait_is_waited() {
    for status in [429, 503] {
        let (mut engine, key) = probed(&Reply { retry_after: Some(3_600), ..Reply::status(status) });
        engine.run();
        let arrivals = engine.receiver.arrivals(&url("X"));
        let at = arrivals.iter().position(|arrival| arrival.events == [1]).unwrap();
        assert_eq!(at, 5, "after the fifth failure");
        let wait = arrivals[at + 1].at.since(arrivals[at].at);
        assert!(wait >= Duration::from_secs(3_600), "{status}: {wait:?}");
        assert_eq!(engine.count(&key, "delivered"), 1, "{status}");
    }
}

#[test]
fn a_probe_that_is_answered_410_suspends() {
    let (mut engine, key) = probed(&Reply::status(410));
    engine.run();
    engine.assert_quiet();
    assert_eq!(asked(&engine), [[0], [0], [0], [0], [0], [1]]);
    assert!(suspension(&engine, &key).is_some_and(|reason| reason.contains("410")));
    assert_eq!(engine.count(&key, "pending"), 2);
}

#[test]
fn a_probe_that_is_refused_is_diverted_and_says_that_it_was_the_event() {
    let (mut engine, key) = probed(&Reply::status(418));
    engine.run();
    engine.assert_quiet();
    let delivery = engine.delivery(&key, 1).unwrap();
    assert_eq!((&delivery["state"]["S"], &delivery["reason"]["S"]), (&"diverted".into(), &"HTTP 418".into()));
}
