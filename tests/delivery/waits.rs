//! Nobody waits for what he did not cause (issue 12), on a machine with the limits of a small account.

use std::time::Duration;

use shared::domain::{Api, OrganizationId, WebhookKey};

use crate::support::simulated::{Aws, Draft, Engine, Fate, Function, InOrder, Kind, Planned, Reply, TYPE, url, wants};

fn asking_for(seconds: u64) -> impl FnMut(&[u32]) -> Reply + Send + 'static {
    move |_| Reply { retry_after: Some(seconds), ..Reply::status(429) }
}

/// Publishes so many events of that type, one each `every`.
fn stream_of(engine: &mut Engine, event_type: &'static str, events: u32, every: Duration) {
    for number in 0..events {
        engine.after(every * number, move |engine| {
            let draft = Draft { event_type: event_type.to_owned(), ..engine.draft() };
            engine.publish_draft(draft);
        });
    }
}

fn wanting(engine: &mut Engine, organization: &OrganizationId, name: &str, event_type: &str) -> WebhookKey {
    let key = WebhookKey { api: Api::Flip, id: name.to_owned() };
    engine.webhook_of(organization, key, name, |webhook| webhook.subscriptions = vec![wants(event_type)])
}

/// How long the event took to the endpoint of that name.
fn took(engine: &Engine, name: &str, event: u32) -> Duration {
    let arrivals = engine.receiver.arrivals(&url(name));
    let arrival = arrivals.iter().find(|arrival| arrival.events.contains(&event)).unwrap_or_else(|| panic!("{name}"));
    arrival.since_start - engine.records.event(event).at
}

#[test]
fn an_endpoint_that_asks_for_time_occupies_a_constant_number_of_environments() {
    for seconds in [20, 45] {
        let mut engine = Engine::on(Aws { environments: None, ..Aws::USUAL }, InOrder, 1, true);
        let organization = engine.organization.clone();
        wanting(&mut engine, &organization, "busy", "busy");
        engine.receiver.behave(&url("busy"), asking_for(seconds));
        stream_of(&mut engine, "busy", 200, Duration::from_millis(200));
        engine.after(Duration::from_secs(50), |engine| engine.receiver.heal());
        engine.run();
        engine.assert_quiet();
        let usage = engine.account.usage(Function::Drain);
        assert!(usage.peak <= 4, "{seconds}: {usage:?}");
    }
}

#[test]
fn an_endpoint_that_asks_for_time_delays_no_neighbour_on_four_environments() {
    let mut engine = Engine::on(Aws { environments: Some(4), ..Aws::USUAL }, InOrder, 1, true);
    let organization = engine.organization.clone();
    wanting(&mut engine, &organization, "busy", "busy");
    wanting(&mut engine, &organization, "calm", "calm");
    engine.receiver.behave(&url("busy"), asking_for(20));
    stream_of(&mut engine, "busy", 150, Duration::from_millis(100));
    stream_of(&mut engine, "calm", 10, Duration::from_millis(1_500));
    engine.after(Duration::from_secs(40), |engine| engine.receiver.heal());
    engine.run();
    let calm = engine.records.numbers().into_iter().filter(|event| engine.records.event(*event).event_type == "calm");
    for event in calm {
        let took = took(&engine, "calm", event);
        assert!(took < Duration::from_secs(1), "event {event} took {took:?}");
    }
}

#[test]
fn an_event_for_hundreds_of_webhooks_delays_no_other_organization() {
    let mut engine = Engine::on(Aws::USUAL, InOrder, 1, true);
    let crowd = engine.organization.clone();
    for number in 0..300 {
        let key = wanting(&mut engine, &crowd, &format!("C{number}"), TYPE);
        // Each of them counts for the stream, though nothing is sent.
        engine.change(&key, |webhook| webhook.paused = Some(webhook.created));
    }
    engine.run();
    let other = OrganizationId::parse("globex").unwrap();
    wanting(&mut engine, &other, "other", TYPE);
    for _ in 0..20 {
        engine.publish(Duration::ZERO);
    }
    for number in 0..3 {
        let other = other.clone();
        engine.after(Duration::from_millis(200 + 1_000 * number), move |engine| {
            let draft = Draft { organization: other, ..engine.draft() };
            engine.publish_draft(draft);
        });
    }
    engine.run();
    engine.assert_quiet();
    for event in 20..23 {
        let took = took(&engine, "other", event);
        assert!(took < Duration::from_secs(2), "event {event} took {took:?}");
    }
    for key in engine.webhooks.clone() {
        let wanted = if *engine.owner(&key) == crowd { 20 } else { 0 };
        assert_eq!(engine.count(&key, "pending"), wanted, "{key}");
    }
    assert_eq!(engine.account.usage(Function::FanOut).timed_out, 0);
}

#[test]
fn a_queue_above_what_its_partition_takes_falls_behind_alone() {
    let mut engine = Engine::on(Aws::USUAL, InOrder, 1, true);
    let organization = engine.organization.clone();
    let hot = wanting(&mut engine, &organization, "hot", TYPE);
    wanting(&mut engine, &organization, "calm", TYPE);
    let now = engine.simulation.monotonic();
    engine.records.exhaust("DeliveriesTable", &engine.queue(&hot), now, Duration::from_secs(20));
    stream_of(&mut engine, TYPE, 10, Duration::from_secs(1));
    engine.run();
    engine.assert_quiet();
    assert!(engine.records.throttles() > 0, "the queue was hot");
    for event in 0..10 {
        let took = took(&engine, "calm", event);
        assert!(took < Duration::from_secs(1), "event {event} took {took:?}");
    }
    assert_eq!(engine.receiver.accepted(&url("hot")), (0..10).collect::<Vec<_>>());
}

#[test]
fn events_of_many_types_behind_one_that_is_spread_go_together() {
    let mut engine = Engine::on(Aws { environments: None, ..Aws::USUAL }, InOrder, 1, true);
    let crowd = engine.organization.clone();
    let names: Vec<String> = (0..300).map(|number| format!("C{number}")).collect();
    for name in &names {
        let key = WebhookKey { api: Api::Flip, id: name.clone() };
        engine.webhook_of(&crowd, key, name, |webhook| webhook.subscriptions = vec![wants(TYPE), wants(name)]);
    }
    engine.publish(Duration::ZERO);
    for name in &names {
        let draft = Draft { event_type: name.clone(), ..engine.draft() };
        engine.publish_draft(draft);
    }
    engine.run();
    engine.assert_quiet();
    for (event, name) in (1..).zip(&names) {
        assert_eq!(engine.receiver.accepted(&url(name)), [0, event], "{name}");
        let took = took(&engine, name, event);
        assert!(took < Duration::from_secs(6), "event {event} took {took:?}");
    }
}

#[test]
fn a_thousand_due_queues_of_one_organization_delay_no_other() {
    let mut engine = Engine::on(Aws::USUAL, InOrder, 1, true);
    let crowd = engine.organization.clone();
    let keys: Vec<WebhookKey> =
        (0..1_000).map(|number| wanting(&mut engine, &crowd, &format!("C{number}"), "none")).collect();
    let other = OrganizationId::parse("other").unwrap();
    let quiet = wanting(&mut engine, &other, "quiet", "none");
    // Nobody was woken for them.
    for key in keys.iter().chain([&quiet]) {
        engine.queue_event(key);
    }
    engine.run();
    engine.assert_quiet();
    let arrived = |name: &str| engine.receiver.arrivals(&url(name))[0].since_start;
    let all: Vec<_> = (0..1_000).map(|number| arrived(&format!("C{number}"))).collect();
    let (first, last) = (all.iter().min().unwrap(), all.iter().max().unwrap());
    assert!(arrived("quiet") <= *first + Duration::from_secs(3), "{:?} after {first:?}", arrived("quiet"));
    assert!(*last - *first < Duration::from_secs(58), "{first:?} to {last:?}");
    assert!(engine.account.usage(Function::Drain).peak <= 9, "{:?}", engine.account.usage(Function::Drain));
}

#[test]
fn fan_out_has_the_rest_brought_again_before_its_time_is_up() {
    // A hundred events that ten webhooks want take several minutes.
    let latency = Some((Duration::from_millis(400), Duration::from_millis(500)));
    let mut engine = Engine::on(Aws { environments: None, latency, ..Aws::USUAL }, InOrder, 1, true);
    let organization = engine.organization.clone();
    for number in 0..10 {
        wanting(&mut engine, &organization, &format!("W{number}"), TYPE);
    }
    for _ in 0..100 {
        engine.publish(Duration::ZERO);
    }
    engine.run();
    engine.assert_quiet();
    let usage = engine.account.usage(Function::FanOut);
    assert!(usage.timed_out == 0 && usage.longest > Duration::from_secs(40), "{usage:?}");
    assert_eq!(engine.receiver.accepted(&url("W9")), (0..100).collect::<Vec<_>>());
}

/// The seconds between the messages.
fn gaps(engine: &Engine, name: &str) -> Vec<f64> {
    let at: Vec<_> = engine.receiver.arrivals(&url(name)).iter().map(|arrival| arrival.since_start).collect();
    at.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
}

#[test]
fn a_backlog_goes_out_a_message_a_second_throughout() {
    let mut engine = Engine::on(Aws::USUAL, InOrder, 1, true);
    let key = engine.slack("X");
    for _ in 0..1_300 {
        engine.queue_event(&key);
    }
    let queue = engine.queue(&key);
    engine.request("wake", |_, waker| async move { waker.wake(&[queue]).await });
    engine.run();
    engine.assert_quiet();
    let gaps = gaps(&engine, "X");
    assert_eq!(gaps.len(), 64, "65 messages, which take longer than an invocation may");
    assert!(gaps.iter().all(|gap| (1.0..2.5).contains(gap)), "{gaps:?}");
}

#[test]
fn what_a_killed_worker_has_left_comes_within_35_seconds() {
    let mut engine = Engine::new(Planned(vec![(Kind::Send, 1, Fate::CrashAfter)]), 1, true);
    engine.slack("X");
    engine.publish(Duration::ZERO);
    engine.run();
    let gaps = gaps(&engine, "X");
    assert!(gaps.len() == 1 && gaps[0] <= 35.0, "{gaps:?}");
}

#[test]
fn retries_keep_to_the_schedule_within_a_few_seconds() {
    // Wherever in the schedule's minute the first failure is.
    for begin in [0, 13, 26, 39, 52] {
        let mut engine = Engine::on(Aws::USUAL, InOrder, begin, true);
        engine.slack("X");
        let mut failures = 0;
        engine.receiver.behave(&url("X"), move |_| {
            failures += 1;
            Reply::status(if failures <= 4 { 500 } else { 200 })
        });
        engine.after(Duration::from_secs(begin), |engine| {
            engine.publish(Duration::ZERO);
        });
        engine.run();
        for (gap, wait) in gaps(&engine, "X").into_iter().zip([5.0, 30.0, 120.0, 600.0]) {
            assert!((wait * 0.8..wait * 1.2 + 4.0).contains(&gap), "{gap} instead of {wait}");
        }
    }
}
