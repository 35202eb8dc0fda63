//! A webhook's own failure policy: what counts as a failure, how it is retried and how it ends.

use std::{collections::VecDeque, time::Duration};

use shared::{
    delivery::SendError,
    domain::{Endpoint, FailurePolicy, Growth, RetryStrategy, Secret, WebhookKey},
};

use crate::support::{
    alike,
    simulated::{Engine, InOrder, Reply, at_once, url},
};

fn policy(triggers: &[&str], divert: bool, suspend: bool) -> FailurePolicy {
    let triggers = triggers.iter().map(|trigger| trigger.parse().unwrap()).collect();
    FailurePolicy { triggers, divert, suspend, ..FailurePolicy::default() }
}

fn retrying(kind: Growth, interval_s: u64, attempts: u32) -> Option<RetryStrategy> {
    Some(RetryStrategy { kind, interval_s, attempts })
}

/// A webhook with that policy whose endpoint answers so, then with 200, after two events.
fn run(policy: FailurePolicy, replies: impl IntoIterator<Item = Reply>) -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.socotra("X", policy);
    let mut left: VecDeque<Reply> = replies.into_iter().collect();
    engine.receiver.behave(&url("X"), move |_| left.pop_front().unwrap_or_else(|| Reply::status(200)));
    engine.publish(Duration::ZERO);
    engine.publish(Duration::ZERO);
    engine.run();
    engine.assert_quiet();
    (engine, key)
}

/// State and reason of the first event's delivery.
fn first(engine: &Engine, key: &WebhookKey) -> (String, String) {
    let delivery = engine.delivery(key, 0).unwrap();
    let text = |name: &str| delivery[name]["S"].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

fn gaps(engine: &Engine) -> Vec<f64> {
    let at: Vec<_> = engine.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.at).collect();
    at.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64()).collect()
}

fn is_suspended(engine: &Engine, key: &WebhookKey) -> bool {
    at_once(engine.store.webhook(&engine.organization, key)).unwrap().unwrap().suspended.is_some()
}

#[test]
fn the_default_is_indifferent_a_failure_is_recorded_and_the_queue_goes_on() {
    for reply in [Reply::status(500), Reply::status(404), Reply::status(400), Reply::failing(SendError::Timeout)] {
        let (engine, key) = run(FailurePolicy::default(), [reply.clone()]);
        let (state, reason) = first(&engine, &key);
        assert_eq!(state, "discarded", "{reply:?}");
        assert!(reason.starts_with("the failure policy neither diverts nor suspends: "), "{reason}");
        assert_eq!(engine.receiver.accepted(&url("X")), [1]);
        assert!(!is_suspended(&engine, &key));
    }
}

#[test]
fn what_no_trigger_names_is_ignored_and_recorded() {
    let (engine, key) = run(policy(&["404", "timeout"], true, true), [Reply::status(500)]);
    let reason = "the failure policy ignores this failure: HTTP 500".to_owned();
    assert_eq!(first(&engine, &key), ("discarded".to_owned(), reason));
    assert_eq!(engine.receiver.accepted(&url("X")), [1]);
}

#[test]
fn failures_that_the_policy_ignores_are_told_like_others() {
    let both = ["outhook.webhook.failing", "outhook.webhook.recovered"];
    for (failures, told) in [(2, &[][..]), (5, &both)] {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.socotra("X", policy(&["404"], false, false));
        let mut left: VecDeque<Reply> = vec![Reply::status(500); failures].into();
        engine.receiver.behave(&url("X"), move |_| left.pop_front().unwrap_or_else(|| Reply::status(200)));
        for _ in 0..6 {
            engine.publish(Duration::ZERO);
        }
        engine.run();
        engine.assert_quiet();
        engine.assert_told(true);
        assert_eq!(engine.told(&key), told, "{failures}");
        assert_eq!(engine.count(&key, "discarded"), failures);
    }
}

#[test]
fn dns_connect_and_tls_errors_count_as_timeout() {
    for error in [SendError::Dns, SendError::Connect, SendError::Tls("invalid certificate"), SendError::Timeout] {
        let (engine, key) = run(policy(&["timeout"], true, false), [Reply::failing(error)]);
        assert_eq!(first(&engine, &key), ("diverted".to_owned(), error.to_string()));
    }
}

#[test]
fn linear_retries_are_evenly_spaced_and_end_in_divert() {
    let policy = FailurePolicy { retry: retrying(Growth::Linear, 100, 3), ..policy(&["5xx"], true, false) };
    let (engine, key) = run(policy, vec![Reply::status(500); 4]);
    assert_eq!(first(&engine, &key), ("diverted".to_owned(), "HTTP 500".to_owned()));
    for gap in &gaps(&engine)[..3] {
        assert!((80.0..182.0).contains(gap), "{gap}");
    }
    assert_eq!(engine.delivery(&key, 0).unwrap()["attempts"]["L"].as_array().unwrap().len(), 4);
    assert_eq!(engine.receiver.accepted(&url("X")), [1]);
    engine.assert_nothing_lost(&key);
}

#[test]
fn exponential_retries_double_and_end_in_a_suspension_that_keeps_the_event() {
    let policy = FailurePolicy { retry: retrying(Growth::Exponential, 200, 3), ..policy(&["404"], false, true) };
    let (mut engine, key) = run(policy, vec![Reply::status(404); 4]);
    for (gap, wait) in gaps(&engine).into_iter().zip([200.0, 400.0, 800.0]) {
        assert!((wait * 0.8..wait * 1.2 + 61.0).contains(&gap), "{gap} {wait}");
    }
    assert!(is_suspended(&engine, &key));
    assert_eq!(engine.count(&key, "pending"), 2, "events of a suspension are kept");
    engine.publish(Duration::ZERO);
    engine.heal();
    assert_eq!(engine.receiver.accepted(&url("X")), [0, 1, 2]);
}

#[test]
fn the_next_event_has_its_own_retries() {
    let policy = FailurePolicy { retry: retrying(Growth::Linear, 60, 2), ..policy(&["5xx"], true, false) };
    let (engine, key) = run(policy, vec![Reply::status(500); 5]);
    assert_eq!(first(&engine, &key).0, "diverted");
    assert_eq!(engine.receiver.accepted(&url("X")), [1], "after two failures of its own");
}

#[test]
fn divert_and_suspend_combine() {
    let (mut engine, key) = run(policy(&["4xx"], true, true), [Reply::status(410)]);
    assert_eq!(first(&engine, &key), ("diverted".to_owned(), "HTTP 410".to_owned()));
    assert!(is_suspended(&engine, &key));
    assert_eq!(engine.count(&key, "pending"), 1);
    engine.heal();
    assert_eq!(engine.receiver.accepted(&url("X")), [1]);
}

#[test]
fn no_policy_overrides_what_the_receiver_asks_for() {
    let wait = Reply { retry_after: Some(300), ..Reply::status(429) };
    let (engine, key) = run(policy(&["4xx"], true, true), [wait]);
    assert!((300.0..361.0).contains(&gaps(&engine)[0]));
    assert_eq!(first(&engine, &key).0, "delivered", "being asked to wait is no failure");
    // The event has ended, and the next one waits all the same.
    let busy = Reply { retry_after: Some(300), ..Reply::status(503) };
    let (engine, key) = run(FailurePolicy::default(), [busy]);
    assert_eq!(first(&engine, &key).0, "discarded");
    assert!((300.0..361.0).contains(&gaps(&engine)[0]));
}

#[test]
fn a_day_of_nothing_but_429_is_a_failure_for_the_policy() {
    let hourly = Reply { retry_after: Some(3_600), ..Reply::status(429) };
    let (engine, key) = run(policy(&["429"], true, false), vec![hourly; 26]);
    assert_eq!(first(&engine, &key), ("diverted".to_owned(), "HTTP 429".to_owned()));
    assert!(!is_suspended(&engine, &key));
    assert_eq!(engine.receiver.accepted(&url("X")), [1]);
}

#[test]
fn the_alert_endpoint_is_told_once_after_the_last_attempt_whatever_it_answers() {
    for answer in [200, 500] {
        let mut engine = Engine::new(InOrder, 1, true);
        let alert = Endpoint::new(Secret::new(url("alert")));
        let retry = retrying(Growth::Linear, 60, 2);
        let policy = FailurePolicy { retry, alert_endpoint: Some(alert), ..policy(&["5xx"], true, false) };
        let key = engine.socotra("X", policy);
        engine.receiver.listen(&url("alert"), "alerts", false);
        engine.receiver.behave(&url("alert"), move |_| Reply::status(answer));
        engine.receiver.behave(&url("X"), |_| Reply::status(503));
        engine.publish(Duration::ZERO);
        engine.run();
        engine.assert_quiet();
        let notices = engine.receiver.arrivals(&url("alert"));
        assert_eq!(notices.len(), 1);
        insta::assert_snapshot!("a_notice", alike(&notices[0].body));
        assert_eq!(first(&engine, &key).0, "diverted");
        let last = engine.receiver.arrivals(&url("X")).last().unwrap().at;
        assert!(notices[0].at >= last, "after the last attempt");
    }
}

#[test]
fn the_id_is_the_same_on_every_retry_and_the_timestamp_the_attempts_own() {
    let policy = FailurePolicy { retry: retrying(Growth::Linear, 60, 3), ..policy(&["5xx"], true, false) };
    let (engine, _) = run(policy, vec![Reply::status(500); 2]);
    let arrivals = engine.receiver.arrivals(&url("X"));
    let header =
        |at: usize, name: &str| arrivals[at].headers.iter().find(|(header, _)| *header == name).unwrap().1.clone();
    assert_eq!(header(0, "webhook-id"), engine.records.id(0).to_string());
    assert_eq!(header(0, "webhook-id"), header(2, "webhook-id"));
    assert_eq!(header(2, "webhook-timestamp"), arrivals[2].at.seconds().to_string());
    assert_ne!(header(0, "webhook-timestamp"), header(2, "webhook-timestamp"));
    assert_ne!(header(2, "webhook-id"), header(3, "webhook-id"));
}
