//! Order that a publisher can rely on: what is published one after the other, each acknowledged before the next, arrives so.

use std::time::Duration;

use shared::domain::{Api, WebhookKey};

use crate::support::simulated::{Aws, Draft, Engine, Fate, InOrder, Kind, Odds, Planned, Seeded, TYPE, url, wants};

/// How late events were: how many arrived after a later one. `subscribers` webhooks want them; every one is looked at.
fn late(seed: u64, events: u32, subscribers: usize, project: Option<&str>) -> usize {
    let aws = Aws {
        environments: Some(10),
        latency: Some((Duration::from_millis(2), Duration::from_millis(25))),
        ..Aws::USUAL
    };
    let mut engine = Engine::on(aws, Seeded::new(seed, Odds::default()), seed, true);
    engine.event_shards = 4;
    engine.set_stream_shards(4);
    let organization = engine.organization.clone();
    let names: Vec<String> = (0..subscribers).map(|number| format!("X{number}")).collect();
    for name in &names {
        let key = WebhookKey { api: Api::Flip, id: name.clone() };
        engine.webhook_of(&organization, key, name, |webhook| webhook.subscriptions = vec![wants(TYPE)]);
    }
    for number in 0..events {
        let project = project.map(str::to_owned);
        engine.after(Duration::from_millis(15) * number, move |engine| {
            let draft = Draft { project, ..engine.draft() };
            engine.publish_draft(draft);
        });
    }
    engine.run();
    engine.assert_quiet();
    let late_at = |name: &String| {
        let accepted = engine.receiver.accepted(&url(name));
        let mut all = accepted.clone();
        all.sort_unstable();
        assert_eq!(all, (0..events).collect::<Vec<_>>(), "each once");
        accepted.windows(2).filter(|pair| pair[1] < pair[0]).count()
    };
    names.iter().map(late_at).sum()
}

#[test]
fn of_200_events_published_one_by_one_none_is_late_in_fifty_runs() {
    let late: Vec<(u64, usize)> = (0..50).map(|seed| (seed, late(seed, 200, 1, Some("11")))).collect();
    let worse: Vec<_> = late.into_iter().filter(|(_, late)| *late > 0).collect();
    assert!(worse.is_empty(), "seed and late events: {worse:?}");
}

#[test]
fn an_organizations_events_without_a_project_keep_their_order() {
    for seed in 0..5 {
        assert_eq!(late(seed, 100, 1, None), 0, "seed {seed}");
    }
}

#[test]
fn events_for_so_many_webhooks_that_they_are_spread_keep_their_order() {
    assert_eq!(late(1, 20, 60, Some("11")), 0);
}

#[test]
fn what_follows_an_event_that_is_being_spread_does_not_overtake_it() {
    // Without latency both are in one batch of the stream, with it in two.
    for latency in [None, Aws::USUAL.latency] {
        let mut engine = Engine::on(Aws { latency, ..Aws::USUAL }, InOrder, 1, true);
        let organization = engine.organization.clone();
        // The last of sixty wants another type, too, which nobody else wants.
        for number in 0..60 {
            let key = WebhookKey { api: Api::Flip, id: format!("w{number:02}") };
            engine.webhook_of(&organization, key, &format!("X{number}"), |webhook| {
                webhook.subscriptions = vec![wants(TYPE)];
                if number == 59 {
                    webhook.subscriptions.push(wants("rare"));
                }
            });
        }
        let first = engine.publish(Duration::ZERO);
        let rare = Draft { event_type: "rare".to_owned(), ..engine.draft() };
        let second = engine.publish_draft(rare);
        engine.run();
        engine.assert_quiet();
        assert_eq!(engine.receiver.accepted(&url("X59")), [first, second], "{latency:?}");
    }
}

#[test]
fn what_follows_a_record_that_failed_does_not_overtake_it_in_the_next_chunk() {
    // Ten webhooks want each of eleven events: the last of them are another chunk of the batch.
    for nth in 1..=10 {
        let planned = Planned(vec![(Kind::Store("PutItem"), nth, Fate::AnswerLost)]);
        let mut engine = Engine::new(planned, 1, true);
        engine.event_shards = 1;
        // Time enough to send what was queued meanwhile.
        engine.stream_backoff = Duration::from_secs(5);
        let names: Vec<String> = (0..10).map(|number| format!("X{number}")).collect();
        let organization = engine.organization.clone();
        for name in &names {
            let key = WebhookKey { api: Api::Flip, id: name.clone() };
            engine.webhook_of(&organization, key, name, |webhook| webhook.subscriptions = vec![wants(TYPE)]);
        }
        for _ in 0..11 {
            engine.publish(Duration::ZERO);
        }
        engine.run();
        engine.assert_quiet();
        for name in &names {
            assert_eq!(engine.receiver.accepted(&url(name)), (0..11).collect::<Vec<_>>(), "{nth}: {name}");
        }
    }
}

#[test]
fn what_follows_an_event_of_a_queue_that_fell_behind_does_not_overtake_it() {
    // The queue takes nothing at first, and again later while its late lane is at work; an event comes every 150 ms meanwhile.
    for seed in 0..20 {
        let aws = Aws { environments: Some(10), ..Aws::USUAL };
        let mut engine = Engine::on(aws, Seeded::new(seed, Odds::default()), seed, false);
        engine.event_shards = 4;
        engine.set_stream_shards(4);
        let key = WebhookKey { api: Api::Flip, id: "hot".to_owned() };
        let organization = engine.organization.clone();
        engine.webhook_of(&organization, key.clone(), "hot", |webhook| webhook.subscriptions = vec![wants(TYPE)]);
        let queue = engine.queue(&key);
        for (from, lasting) in [(300, 4), (9_000, 3)] {
            let queue = queue.clone();
            engine.after(Duration::from_millis(from + seed * 13), move |engine| {
                let now = engine.simulation.monotonic();
                engine.records.exhaust("DeliveriesTable", &queue, now, Duration::from_secs(lasting));
            });
        }
        for number in 0..120 {
            engine.after(Duration::from_millis(150) * number, move |engine| {
                let draft = Draft { project: Some("11".to_owned()), ..engine.draft() };
                engine.publish_draft(draft);
            });
        }
        engine.run();
        engine.assert_quiet();
        assert!(engine.records.throttles() > 0, "the queue was hot");
        // An outcome that could not be written is sent again; what counts is when an event first arrived.
        let mut first = Vec::new();
        for event in engine.receiver.accepted(&url("hot")) {
            if !first.contains(&event) {
                first.push(event);
            }
        }
        assert_eq!(first, (0..120).collect::<Vec<_>>(), "seed {seed}");
        // It has caught up: nothing says any more that it is behind.
        let lane = engine.records.partition("DeliveriesTable", &shared::store::lane_key(&organization));
        let marks: Vec<_> = lane.iter().filter(|item| item["sk"]["S"].as_str().unwrap().starts_with("LATE#")).collect();
        assert!(marks.is_empty(), "seed {seed}: {marks:?}");
    }
}
