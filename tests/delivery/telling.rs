//! Operational events: each change of a webhook's state is told once (docs/delivery.md).

use std::{collections::VecDeque, time::Duration};

use serde_json::{Value, json};
use shared::domain::{Api, FailurePolicy, OperationalEvent, Pattern, Subscription, TargetKind, Timestamp, WebhookKey};

use crate::support::simulated::{Draft, Engine, Fate, InOrder, Kind, Planned, Reply, TYPE, url, wants};

const FAILING: &str = "outhook.webhook.failing";
const SUSPENDED: &str = "outhook.webhook.suspended";
const RECOVERED: &str = "outhook.webhook.recovered";
const DIVERTED: &str = "outhook.delivery.diverted";
const EXPIRED: &str = "outhook.delivery.expired";

fn flip(engine: &mut Engine, name: &str, wanted: &[&str]) -> WebhookKey {
    let (organization, key) = (engine.organization.clone(), WebhookKey { api: Api::Flip, id: name.to_owned() });
    let pattern = |wanted: &&str| Pattern::Prefix((*wanted).to_owned());
    let subscription = |wanted| Subscription::new(pattern(wanted));
    engine.webhook_of(&organization, key, name, |webhook| {
        webhook.subscriptions = wanted.iter().map(subscription).collect();
    })
}

/// The endpoint answers so, one after the other, and then accepts everything.
fn replies(engine: &Engine, name: &str, statuses: impl IntoIterator<Item = u16>) {
    let mut left: VecDeque<u16> = statuses.into_iter().collect();
    engine.receiver.behave(&url(name), move |_| Reply::status(left.pop_front().unwrap_or(200)));
}

/// Runs until everything is quiet, and looks whether what was told is what has happened.
fn settle(engine: &mut Engine) {
    engine.run();
    engine.assert_quiet();
    engine.assert_told(true);
}

fn resume(engine: &mut Engine, key: &WebhookKey) {
    engine.change(key, |webhook| webhook.unsuspend());
}

#[test]
fn the_third_failure_in_a_row_is_told_and_the_first_success_after_it() {
    for (failures, told) in
        [(1, &[][..]), (2, &[]), (3, &[FAILING, RECOVERED]), (4, &[FAILING, RECOVERED]), (7, &[FAILING, RECOVERED])]
    {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        replies(&engine, "X", vec![503; failures]);
        engine.publish(Duration::ZERO);
        settle(&mut engine);
        assert_eq!(engine.told(&key), told, "{failures}");
    }
}

#[test]
fn what_is_told_names_the_webhook_the_reason_and_how_many_wait() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    replies(&engine, "X", [503, 503, 503]);
    let start = engine.simulation.now();
    for _ in 0..3 {
        engine.queue_event(&key);
    }
    settle(&mut engine);
    let webhook = json!({"id": "sdelements:1", "api": "sdelements", "name": "X",
        "endpoint": "https://hooks.slack.com/services/…/…/…"});
    let [failing, recovered] = &engine.told_data(&key)[..] else { panic!("{:?}", engine.told_data(&key)) };
    assert_eq!((&failing["webhook"], &recovered["webhook"]), (&webhook, &webhook));
    assert_eq!(failing["reason"], "3 failures in a row: trouble (HTTP 503)");
    assert_eq!((&failing["queued"], &recovered["queued"]), (&json!(3), &json!(2)));
    let since: Timestamp = failing["since"].as_str().unwrap().parse().unwrap();
    assert!(since.since(start) < Duration::from_secs(5), "since the first failure");
    assert!(failing["action"].as_str().unwrap().contains("endpoint"));
    assert!(failing.get("more_queued").is_none() && failing.get("count").is_none());
    let item = &engine.told_items(&key)[0];
    assert_eq!((&item["ordering_key"]["S"], &item["hops"]["N"]), (&json!("sdelements:1"), &json!("1")));
    assert!(item["project"].is_null());
}

#[test]
fn a_suspension_is_told_with_its_reason_and_the_first_success_after_it() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    replies(&engine, "X", [410]);
    for _ in 0..3 {
        engine.publish(Duration::ZERO);
    }
    settle(&mut engine);
    let [data] = &engine.told_data(&key)[..] else { panic!("{:?}", engine.told(&key)) };
    assert_eq!(engine.told(&key), [SUSPENDED]);
    assert_eq!(data["queued"], 3);
    assert_eq!(data["reason"], "the endpoint is gone or rejects our requests: gone (HTTP 410)");
    // Neither a new URL nor resuming means that it has recovered; an accepted delivery does.
    engine.receiver.listen(&url("Y"), &engine.queue(&key), true);
    replies(&engine, "Y", [410, 410]);
    engine.change(&key, |webhook| webhook.move_to(shared::domain::Secret::new(url("Y"))));
    settle(&mut engine);
    assert_eq!(engine.told(&key), [SUSPENDED, SUSPENDED], "it is another suspension");
    for _ in 0..2 {
        resume(&mut engine, &key);
        settle(&mut engine);
    }
    assert_eq!(engine.told(&key), [SUSPENDED, SUSPENDED, SUSPENDED, RECOVERED]);
    engine.publish(Duration::ZERO);
    settle(&mut engine);
    assert_eq!(engine.told(&key).len(), 4, "a success without trouble before it tells nothing");
}

#[test]
fn a_repaired_webhook_that_goes_on_failing_is_told_again() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = flip(&mut engine, "F", &[TYPE]);
    replies(&engine, "F", vec![500; 6]);
    engine.publish(Duration::ZERO);
    let changed = key.clone();
    engine.after(Duration::from_secs(60), move |engine| {
        engine.change(&changed, |webhook| {
            webhook.endpoint.headers = vec![("x".to_owned(), vec![shared::domain::Secret::new("y")])];
        });
    });
    settle(&mut engine);
    assert_eq!(engine.told(&key), [FAILING, FAILING, RECOVERED]);
}

#[test]
fn a_pause_changes_nothing_of_what_was_told_and_a_deletion_ends_it_silently() {
    let mut engine = Engine::new(InOrder, 1, true);
    let (paused, deleted) = (engine.slack("X"), engine.slack("Y"));
    replies(&engine, "X", vec![500; 5]);
    replies(&engine, "Y", vec![500; 100]);
    engine.publish(Duration::ZERO);
    let (one, other) = (paused.clone(), deleted.clone());
    engine.after(Duration::from_secs(60), move |engine| {
        engine.change(&one, |webhook| webhook.paused = Some(webhook.created));
        let organization = engine.organization.clone();
        engine.request("delete", |store, _| async move {
            assert!(store.delete_webhook(&organization, &other, |_| true).await.unwrap());
        });
    });
    let one = paused.clone();
    engine.after(Duration::from_secs(600), move |engine| engine.change(&one, |webhook| webhook.paused = None));
    settle(&mut engine);
    assert_eq!(engine.told(&paused), [FAILING, RECOVERED]);
    assert_eq!(engine.told(&deleted), [FAILING]);
}

#[test]
fn of_ten_diverted_in_an_hour_the_first_is_told_and_the_next_hour_tells_the_count() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = flip(&mut engine, "F", &[TYPE]);
    let mut nth = 0;
    engine.receiver.behave(&url("F"), move |_| {
        nth += 1;
        // Nine in a row, so that the webhook is not suspended.
        Reply::status(if nth % 10 == 0 { 200 } else { 418 })
    });
    for _ in 0..11 {
        engine.publish(Duration::ZERO);
    }
    settle(&mut engine);
    assert_eq!((engine.count(&key, "diverted"), engine.told(&key)), (10, vec![DIVERTED.to_owned()]));
    engine.after(Duration::from_secs(3_600), |engine| {
        engine.publish(Duration::ZERO);
        engine.publish(Duration::ZERO);
    });
    settle(&mut engine);
    assert_eq!((engine.count(&key, "diverted"), engine.told(&key)), (12, vec![DIVERTED.to_owned(); 2]));
    let told = engine.told_data(&key);
    assert_eq!((&told[0]["count"], &told[1]["count"]), (&json!(1), &json!(10)));
    assert_eq!(told[0]["event"], engine.records.id(0).to_string());
    assert_eq!((&told[0]["queued"], &told[0]["reason"]), (&json!(10), &json!("refused (HTTP 418)")));
}

#[test]
fn a_policy_that_ends_each_event_after_one_failure_is_told_too() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.socotra("S", FailurePolicy { divert: true, ..FailurePolicy::default() });
    replies(&engine, "S", [500; 5]);
    for _ in 0..6 {
        engine.publish(Duration::ZERO);
    }
    settle(&mut engine);
    assert_eq!(engine.told(&key), [DIVERTED, FAILING, RECOVERED]);
}

#[test]
fn a_queue_that_expires_tells_it_once_an_hour() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    engine.change(&key, |webhook| webhook.paused = Some(webhook.created));
    engine.run();
    for _ in 0..30 {
        engine.queue_event(&key);
    }
    engine.simulation.pass(Duration::from_secs(31 * 86_400));
    engine.change(&key, |webhook| webhook.paused = None);
    settle(&mut engine);
    assert_eq!((engine.told(&key), engine.total(|tally| tally.expired)), (vec![EXPIRED.to_owned()], 30));
    assert_eq!(engine.queue_item(&key)["expired_more"]["N"], "29");
    assert_eq!(engine.told_data(&key)[0]["count"], 1);
}

#[test]
fn whoever_subscribes_to_it_hears_of_every_webhook_but_itself() {
    let mut engine = Engine::new(InOrder, 1, true);
    let [both, hears] = ["both", "hears"].map(|name| flip(&mut engine, name, &[TYPE, "outhook"]));
    let exact = engine.socotra("exact", FailurePolicy::default());
    engine.change(&exact, |webhook| webhook.subscriptions = vec![wants(SUSPENDED)]);
    engine.run();
    replies(&engine, "both", [500, 500, 500]);
    replies(&engine, "hears", [410]);
    engine.publish(Duration::ZERO);
    settle(&mut engine);
    assert_eq!((engine.told(&both), engine.told(&hears)), (strings(&[FAILING, RECOVERED]), strings(&[SUSPENDED])));
    let received = |key: &WebhookKey| {
        let arrivals = engine.receiver.arrivals_of(&engine.queue(key));
        let bodies = arrivals.iter().filter(|arrival| arrival.status == Some(200));
        let body = |body: &str| serde_json::from_str::<Value>(body).unwrap();
        bodies.map(|arrival| body(&arrival.body)).filter(|body| body["type"] != TYPE).collect::<Vec<_>>()
    };
    let [about] = &received(&both)[..] else { panic!("{:?}", received(&both)) };
    assert_eq!((&about["type"], &about["data"]["webhook"]["id"]), (&json!(SUSPENDED), &json!("flip:hears")));
    assert_eq!(received(&exact).len(), 1);
    let about_both = engine.told_items(&both);
    for item in &about_both {
        let id = item["sk"]["S"].as_str().unwrap();
        assert!(engine.records.item("DeliveriesTable", &engine.queue(&both), id).is_none(), "about itself");
        assert!(engine.records.item("DeliveriesTable", &engine.queue(&hears), id).is_some());
    }
}

fn strings(told: &[&str]) -> Vec<String> {
    told.iter().map(|told| (*told).to_owned()).collect()
}

#[test]
fn an_event_that_many_want_is_not_spread_to_the_webhook_that_it_is_about() {
    let mut engine = Engine::new(InOrder, 1, true);
    let about = flip(&mut engine, "about", &[TYPE, "outhook"]);
    let others: Vec<WebhookKey> =
        (0..30).map(|number| flip(&mut engine, &format!("W{number}"), &["outhook"])).collect();
    replies(&engine, "about", [410]);
    engine.publish(Duration::ZERO);
    settle(&mut engine);
    assert_eq!(engine.told(&about), [SUSPENDED]);
    assert_eq!((engine.count(&about, "pending"), engine.count(&about, "delivered")), (1, 0));
    assert!(others.iter().all(|other| engine.count(other, "delivered") == 1));
}

#[test]
fn two_webhooks_that_hear_of_each_other_and_accept_nothing_come_to_rest() {
    for status in [500, 418, 410] {
        let mut engine = Engine::new(InOrder, 1, true);
        let keys = ["A", "B"].map(|name| flip(&mut engine, name, &[TYPE, "outhook"]));
        for name in ["A", "B"] {
            engine.receiver.behave(&url(name), move |_| Reply::status(status));
        }
        engine.publish(Duration::ZERO);
        settle(&mut engine);
        for key in &keys {
            let told = engine.told(key);
            assert!(told.len() <= 2, "{status}: {told:?}");
            let diverted = told.iter().filter(|told| *told == DIVERTED).count();
            assert_eq!(diverted, usize::from(status == 418), "one, of the event that is not operational");
        }
    }
}

#[test]
fn what_has_come_back_too_often_is_told_no_further() {
    for (hops, told) in [(3, &[SUSPENDED][..]), (4, &[])] {
        let mut engine = Engine::new(InOrder, 1, true);
        let key = engine.slack("X");
        replies(&engine, "X", [410]);
        let draft = Draft { hops, ..engine.draft() };
        engine.publish_draft(draft);
        engine.run();
        engine.assert_quiet();
        engine.assert_told(false);
        assert_eq!(
            (engine.told(&key), engine.queue_item(&key)["held"]["S"].as_str()),
            (strings(told), Some("suspended"))
        );
        if hops == 3 {
            assert_eq!(engine.told_items(&key)[0]["hops"]["N"], "4");
        }
    }
}

#[test]
fn a_webhook_of_a_project_is_told_within_it() {
    let mut engine = Engine::new(InOrder, 1, true);
    let organization = engine.organization.clone();
    let akinon = |engine: &mut Engine, name: &str, project: &str, wanted: &str| {
        let key = WebhookKey { api: Api::Akinon, id: name.to_owned() };
        let subscriptions = vec![wants(wanted)];
        engine.webhook_of(&organization, key, name, |webhook| {
            webhook.project = Some(project.to_owned());
            webhook.subscriptions = subscriptions;
        })
    };
    let about = akinon(&mut engine, "about", "11", TYPE);
    let (same, other) = (akinon(&mut engine, "same", "11", SUSPENDED), akinon(&mut engine, "other", "12", SUSPENDED));
    replies(&engine, "about", [410]);
    engine.publish(Duration::ZERO);
    settle(&mut engine);
    assert_eq!(engine.told(&about), [SUSPENDED]);
    assert_eq!((engine.count(&same, "delivered"), engine.count(&other, "delivered")), (1, 0));
}

#[test]
fn a_notification_target_hears_of_webhooks_in_digests_and_is_itself_never_told_about() {
    for kind in [TargetKind::Slack, TargetKind::Webhook] {
        let mut engine = Engine::new(InOrder, 1, true);
        let (organization, key) =
            (engine.organization.clone(), WebhookKey { api: Api::Operations, id: "T".to_owned() });
        let target = engine.webhook_of(&organization, key, "T", |webhook| {
            webhook.target = Some(kind);
            webhook.subscriptions = OperationalEvent::ALL.iter().map(|event| wants(event.as_str())).collect();
        });
        let keys: Vec<WebhookKey> = (0..4).map(|number| engine.slack(&format!("W{number}"))).collect();
        for number in 0..4 {
            replies(&engine, &format!("W{number}"), [410]);
        }
        // The target fails, is suspended, and hears everything once it is repaired.
        replies(&engine, "T", [500, 500, 500, 410]);
        engine.publish(Duration::ZERO);
        settle(&mut engine);
        assert_eq!(engine.queue_item(&target)["held"]["S"], "suspended");
        resume(&mut engine, &target);
        settle(&mut engine);
        assert!(keys.iter().all(|key| engine.told(key) == [SUSPENDED]));
        assert_eq!(engine.told(&target), [""; 0], "nothing about a target");
        let arrivals = engine.receiver.arrivals(&url("T"));
        let heard: Vec<_> = arrivals.iter().filter(|arrival| arrival.status == Some(200)).collect();
        let all: String = heard.iter().map(|arrival| arrival.body.as_str()).collect();
        assert!((1..=4).all(|number| all.contains(&format!("sdelements:{}", number + 1))), "{all}");
        match kind {
            TargetKind::Slack => assert_eq!(heard.len(), 1, "one digest"),
            TargetKind::Webhook => {
                assert_eq!(heard.len(), 4);
                let names = ["type", "id", "time", "data"];
                let at = names.map(|name| heard[0].body.find(&format!("\"{name}\":")).unwrap());
                assert!(at.is_sorted(), "{}", heard[0].body);
            }
        }
    }
}

#[test]
fn an_expired_operational_event_is_not_told_though_it_is_gone() {
    let mut engine = Engine::new(InOrder, 1, true);
    let (about, hears) = (engine.slack("X"), flip(&mut engine, "F", &["outhook"]));
    replies(&engine, "X", [410]);
    engine.change(&hears, |webhook| webhook.paused = Some(webhook.created));
    engine.run();
    engine.publish(Duration::ZERO);
    settle(&mut engine);
    let [item] = &engine.told_items(&about)[..] else { panic!("{:?}", engine.told(&about)) };
    let text = |name: &str| item[name]["S"].as_str().unwrap();
    engine.records.remove("EventsTable", text("pk"), text("sk"));
    engine.simulation.pass(Duration::from_secs(31 * 86_400));
    engine.change(&hears, |webhook| webhook.paused = None);
    settle(&mut engine);
    assert_eq!((engine.total(|tally| tally.expired), engine.told(&hears).len()), (1, 0));
}

#[test]
fn an_answer_of_dynamodb_that_is_lost_repeated_or_refused_leads_neither_to_none_nor_to_two() {
    for fate in [Fate::AnswerLost, Fate::Repeated, Fate::Conflict, Fate::Refused, Fate::CrashBefore, Fate::CrashAfter] {
        for nth in 1..5 {
            let mut engine = Engine::new(Planned(vec![(Kind::Store("TransactWriteItems"), nth, fate)]), 1, true);
            let key = flip(&mut engine, "F", &[TYPE]);
            let (told, queue) = (engine.tellings(), engine.queue(&key));
            engine.receiver.behave(&url("F"), move |events| {
                Reply::status(match told.about(&queue).len() {
                    0 => 500,
                    // The event after it is refused, and the last one finds the endpoint gone.
                    _ if events == [1] => 418,
                    _ if events == [2] => 410,
                    _ => 200,
                })
            });
            for _ in 0..3 {
                engine.publish(Duration::ZERO);
            }
            settle(&mut engine);
            assert_eq!(engine.told(&key), [FAILING, RECOVERED, DIVERTED, SUSPENDED], "{fate:?} {nth}");
        }
    }
}
