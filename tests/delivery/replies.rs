//! What each reply does to the event, to its queue and to its webhook: the rows of docs/delivery.md, on a simulated clock.

use std::{collections::VecDeque, time::Duration};

use serde_json::Value;
use shared::{delivery::SendError, domain::WebhookKey};

use crate::support::simulated::{Engine, InOrder, Reply, at_once, url};

fn engine() -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    (engine, key)
}

/// Answers with the replies one after the other, then with 200.
fn then_fine(engine: &Engine, replies: &[Reply]) {
    let mut left: VecDeque<Reply> = replies.iter().cloned().collect();
    engine.receiver.behave(&url("X"), move |_| left.pop_front().unwrap_or_else(|| Reply::status(200)));
}

fn always(engine: &Engine, reply: Reply) {
    engine.receiver.behave(&url("X"), move |_| reply.clone());
}

fn throttled(seconds: u64) -> Reply {
    Reply { retry_after: Some(seconds), ..Reply::status(429) }
}

/// The seconds between the requests.
fn gaps(engine: &Engine) -> Vec<f64> {
    let at: Vec<_> = engine.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.at).collect();
    at.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64()).collect()
}

/// Whether `gap` is the schedule's `wait` give or take a fifth, or the tick after it.
fn is_about(gap: f64, wait: f64) -> bool {
    (wait * 0.8..=wait * 1.2 + 61.0).contains(&gap)
}

fn reason(engine: &Engine, key: &WebhookKey) -> String {
    let webhook = at_once(engine.store.webhook(&engine.organization, key)).unwrap().unwrap();
    webhook.suspended.map_or_else(|| "not suspended".to_owned(), |suspension| suspension.reason)
}

#[test]
fn every_2xx_delivers() {
    for status in [200, 201, 202, 204, 299] {
        let (mut engine, key) = engine();
        always(&engine, Reply::status(status));
        let event = engine.publish(Duration::ZERO);
        engine.run();
        engine.assert_quiet();
        let delivery = engine.delivery(&key, event).unwrap();
        assert_eq!(delivery["state"]["S"], "delivered", "{status}");
        assert_eq!(delivery["attempts"]["L"][0]["M"]["status"]["N"], status.to_string());
        assert!(delivery["expires_at"]["N"].is_string(), "what is finished does not stay forever");
        assert_eq!(engine.receiver.arrivals(&url("X")).len(), 1);
    }
}

#[test]
fn a_short_retry_after_is_waited_out_in_place_and_counts_as_no_failure() {
    let (mut engine, key) = engine();
    then_fine(&engine, &[throttled(20)]);
    engine.publish(Duration::ZERO);
    engine.run();
    let gap = gaps(&engine)[0];
    assert!((20.0..21.0).contains(&gap), "{gap}");
    assert_eq!((engine.count(&key, "delivered"), &engine.queue_item(&key)["failures"]["N"]), (1, &Value::from("0")));
}

#[test]
fn a_long_retry_after_is_left_to_the_tick_and_one_beyond_an_hour_is_cut_there() {
    for (asked, least) in [(600, 600.0), (9_999, 3_600.0)] {
        let (mut engine, key) = engine();
        then_fine(&engine, &[throttled(asked)]);
        engine.publish(Duration::ZERO);
        engine.run();
        let gap = gaps(&engine)[0];
        assert!((least..least + 61.0).contains(&gap), "{asked}: {gap}");
        assert_eq!(engine.count(&key, "delivered"), 1);
    }
}

#[test]
fn throttling_without_retry_after_waits_by_the_schedule() {
    let (mut engine, key) = engine();
    then_fine(&engine, &[Reply::status(429), Reply::status(429), Reply::status(429)]);
    engine.publish(Duration::ZERO);
    engine.run();
    for (gap, wait) in gaps(&engine).into_iter().zip([5.0, 30.0, 120.0]) {
        assert!(is_about(gap, wait), "{gap} {wait}");
    }
    assert_eq!(engine.count(&key, "delivered"), 1);
}

#[test]
fn the_first_429_after_failures_waits_as_a_first_one() {
    let (mut engine, key) = engine();
    then_fine(&engine, &[Reply::status(500), Reply::status(500), Reply::status(500), Reply::status(429)]);
    engine.publish(Duration::ZERO);
    engine.run();
    for (gap, wait) in gaps(&engine).into_iter().zip([5.0, 30.0, 120.0, 5.0]) {
        assert!(is_about(gap, wait), "{gap} {wait}");
    }
    assert_eq!(engine.count(&key, "delivered"), 1);
}

#[test]
fn a_day_of_nothing_but_429_suspends_and_keeps_the_queue() {
    let (mut engine, key) = engine();
    always(&engine, throttled(3_600));
    for _ in 0..3 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    engine.assert_quiet();
    assert_eq!(reason(&engine, &key), "the endpoint has answered nothing but 429 for a day");
    assert_eq!((engine.count(&key, "pending"), engine.count(&key, "diverted")), (3, 0));
    let asked = gaps(&engine).len();
    assert!((23..=25).contains(&asked), "once an hour: {asked}");
    engine.heal();
    assert_eq!(engine.receiver.accepted(&url("X")), [0, 1, 2]);
}

#[test]
fn any_other_answer_ends_the_day_of_429() {
    let (mut engine, key) = engine();
    let mut asked = 0;
    engine.receiver.behave(&url("X"), move |_| {
        asked += 1;
        match asked {
            20 => Reply::status(500),
            41.. => Reply::status(200),
            _ => throttled(3_600),
        }
    });
    engine.publish(Duration::ZERO);
    engine.run();
    assert_eq!((engine.count(&key, "delivered"), reason(&engine, &key).as_str()), (1, "not suspended"));
}

#[test]
fn trouble_is_retried_after_about_five_seconds() {
    let statuses = [500, 502, 503, 504, 599, 408, 425, 300, 301, 302, 307, 308, 103, 999].map(Reply::status);
    let errors = [
        SendError::Timeout,
        SendError::Dns,
        SendError::Connect,
        SendError::Tls("invalid certificate"),
        SendError::BadReply,
        SendError::Refused,
        SendError::Unsendable,
    ];
    for reply in statuses.into_iter().chain(errors.map(Reply::failing)) {
        let (mut engine, key) = engine();
        then_fine(&engine, std::slice::from_ref(&reply));
        let event = engine.publish(Duration::ZERO);
        engine.run();
        engine.assert_quiet();
        let gap = gaps(&engine)[0] - reply.takes.as_secs_f64();
        assert!((4.0..=6.5).contains(&gap), "{reply:?}: {gap}");
        let attempts = engine.delivery(&key, event).unwrap()["attempts"]["L"].clone();
        assert_eq!(attempts.as_array().unwrap().len(), 2, "{reply:?}");
        assert!(attempts[0]["M"]["failure"]["S"].is_string() && attempts[1]["M"]["failure"].is_null(), "{attempts}");
    }
}

#[test]
fn retry_after_makes_the_schedule_longer_and_never_shorter() {
    for (asked, least, most) in [(40, 40.0, 41.0), (1, 4.0, 6.5)] {
        let (mut engine, _) = engine();
        then_fine(&engine, &[Reply { retry_after: Some(asked), ..Reply::status(503) }]);
        engine.publish(Duration::ZERO);
        engine.run();
        let gap = gaps(&engine)[0];
        assert!((least..most).contains(&gap), "{asked}: {gap}");
    }
}

#[test]
fn a_dead_endpoint_is_tried_by_the_schedule_and_then_suspended() {
    let (mut engine, key) = engine();
    always(&engine, Reply::status(500));
    let event = engine.publish(Duration::ZERO);
    engine.run();
    engine.assert_quiet();
    let hour = 3_600.0;
    let schedule = [5.0, 30.0, 120.0, 600.0, 1_800.0, hour, 3.0 * hour, 6.0 * hour, 12.0 * hour, 24.0 * hour];
    let gaps = gaps(&engine);
    assert_eq!(gaps.len(), schedule.len());
    for (gap, wait) in gaps.iter().zip(schedule) {
        assert!(is_about(*gap, wait), "{gap} {wait}");
    }
    assert_eq!(reason(&engine, &key), "given up after 11 failures in a row: HTTP 500");
    let seen = [engine.total(|t| t.failed), engine.total(|t| t.warned), engine.total(|t| t.suspended)];
    assert_eq!(seen, [11, 1, 1], "each failure is counted, the warning comes once and before the end");
    assert_eq!(engine.delivery(&key, event).unwrap()["state"]["S"], "pending");
    engine.heal();
    assert_eq!(engine.receiver.accepted(&url("X")), [event]);
}

#[test]
fn a_queue_is_retried_by_one_probe_and_then_the_rest_follows_at_once() {
    let (mut engine, _) = engine();
    then_fine(&engine, &[Reply::status(500), Reply::status(500)]);
    for _ in 0..9 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    let sizes: Vec<_> = engine.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.events.len()).collect();
    assert_eq!(sizes, [9, 1, 1, 8], "a digest that failed, a probe that failed, a probe, the rest");
    assert_eq!(engine.receiver.accepted(&url("X")), (0..9).collect::<Vec<_>>());
}

#[test]
fn an_event_that_fails_five_times_is_diverted_if_the_next_one_arrives() {
    let (mut engine, key) = engine();
    engine.receiver.behave(&url("X"), |events| Reply::status(if events.contains(&1) { 500 } else { 200 }));
    for _ in 0..4 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    engine.assert_quiet();
    assert_eq!((engine.count(&key, "delivered"), engine.count(&key, "diverted")), (3, 1));
    let diverted = engine.delivery(&key, 1).unwrap();
    assert_eq!((&diverted["state"]["S"], &diverted["reason"]["S"]), (&"diverted".into(), &"HTTP 500".into()));
    assert_eq!(diverted["attempts"]["L"].as_array().unwrap().len(), 5);
    assert_eq!(diverted["event"]["M"]["type"]["S"], "CreatedProjectActivity", "it carries a copy of its event");
    assert_eq!(engine.receiver.accepted(&url("X")), [0, 2, 3]);
    engine.assert_nothing_lost(&key);
}

#[test]
fn a_probe_that_fails_too_shows_that_it_is_the_endpoint() {
    let (mut engine, key) = engine();
    let mut asked = 0;
    engine.receiver.behave(&url("X"), move |_| {
        asked += 1;
        Reply::status(if asked < 9 { 500 } else { 200 })
    });
    for _ in 0..4 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!((engine.count(&key, "delivered"), engine.count(&key, "diverted")), (4, 0));
}

#[test]
fn being_asked_to_wait_does_not_count_toward_five() {
    let (mut engine, key) = engine();
    let replies: Vec<_> = (0..6).map(|_| throttled(1)).chain([Reply::status(500)]).collect();
    then_fine(&engine, &replies);
    for _ in 0..3 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!((engine.count(&key, "delivered"), engine.count(&key, "diverted")), (3, 0));
}

#[test]
fn a_digest_that_is_refused_is_sent_one_by_one_so_that_only_the_bad_event_is_diverted() {
    for status in [400, 413, 422, 418, 405, 451] {
        let (mut engine, key) = engine();
        engine.receiver.behave(&url("X"), move |events| Reply::status(if events.contains(&3) { status } else { 200 }));
        for _ in 0..6 {
            engine.publish(Duration::ZERO);
        }
        engine.run();
        engine.assert_quiet();
        assert_eq!(engine.receiver.accepted(&url("X")), [0, 1, 2, 4, 5], "{status}");
        // Each event of a refused digest is asked for once more, alone.
        let arrivals = engine.receiver.arrivals(&url("X"));
        let digests = arrivals.iter().filter(|arrival| arrival.events.len() > 1 && arrival.events.contains(&3)).count();
        assert!(digests <= 1, "{status}: {digests} digests with the bad event");
        assert_eq!(engine.delivery(&key, 3).unwrap()["reason"]["S"], format!("HTTP {status}"));
        engine.assert_nothing_lost(&key);
    }
}

#[test]
fn ten_refused_events_in_a_row_suspend_and_the_rest_is_kept() {
    let (mut engine, key) = engine();
    always(&engine, Reply::status(418));
    for _ in 0..14 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    engine.assert_quiet();
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "pending")), (10, 4));
    assert_eq!(reason(&engine, &key), "10 events in a row were refused: HTTP 418");
}

#[test]
fn refusals_with_a_success_between_them_do_not_suspend() {
    let (mut engine, key) = engine();
    engine
        .receiver
        .behave(&url("X"), |events| Reply::status(if events.iter().any(|e| e % 10 != 9) { 418 } else { 200 }));
    for _ in 0..20 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    assert_eq!((engine.count(&key, "diverted"), engine.count(&key, "delivered")), (18, 2));
    assert_eq!(reason(&engine, &key), "not suspended");
}

#[test]
fn an_endpoint_that_is_gone_or_forbids_suspends_at_once_and_keeps_everything() {
    for status in [401, 403, 404, 410] {
        let (mut engine, key) = engine();
        always(&engine, Reply::status(status));
        for _ in 0..3 {
            engine.publish(Duration::ZERO);
        }
        engine.run();
        engine.assert_quiet();
        assert_eq!(engine.receiver.arrivals(&url("X")).len(), 1, "{status}");
        assert_eq!((engine.count(&key, "pending"), engine.count(&key, "diverted")), (3, 0));
        assert_eq!(reason(&engine, &key), format!("the endpoint is gone or rejects our requests: HTTP {status}"));
        engine.heal();
        assert_eq!(engine.receiver.accepted(&url("X")), [0, 1, 2]);
    }
}

#[test]
fn what_is_pending_for_longer_than_the_retention_is_discarded_with_the_reason() {
    let (mut engine, key) = engine();
    engine.change(&key, |webhook| webhook.paused = Some(webhook.created));
    engine.run();
    engine.publish(Duration::ZERO);
    engine.run();
    engine.simulation.pass(Duration::from_secs(29 * 86_400));
    engine.publish(Duration::ZERO);
    engine.run();
    engine.simulation.pass(Duration::from_secs(2 * 86_400));
    engine.heal();
    assert_eq!((engine.count(&key, "discarded"), engine.count(&key, "delivered")), (1, 1));
    assert_eq!((engine.total(|t| t.expired), engine.total(|t| t.delivered)), (1, 1), "counted, and alarmed apart");
    assert_eq!(engine.delivery(&key, 0).unwrap()["reason"]["S"], "expired: pending for longer than the retention");
    assert_eq!(engine.receiver.accepted(&url("X")), [1]);
}
