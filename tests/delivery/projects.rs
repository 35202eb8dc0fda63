//! Subscriptions to the events of some projects only, on the simulated machine.

use std::time::Duration;

use shared::domain::{Subscription, WebhookKey};

use crate::support::simulated::{Draft, Engine, InOrder, TYPE, url, wants};

fn of(projects: &[&str]) -> Vec<Subscription> {
    vec![Subscription { projects: projects.iter().map(|project| (*project).to_owned()).collect(), ..wants(TYPE) }]
}

/// A Slack webhook that wants the events of those projects.
fn engine(projects: &[&str]) -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let organization = engine.organization.clone();
    let key = engine.webhook_of(&organization, WebhookKey::sdelements(1), "X", |webhook| {
        webhook.subscriptions = of(projects);
    });
    (engine, key)
}

/// Publishes an event of project 11, of 12, of 13 and of none, and gives those of 0 to 3 that arrived.
fn arriving(engine: &mut Engine) -> Vec<u32> {
    let before = engine.receiver.accepted(&url("X")).len();
    let mut first = None;
    for project in [Some("11"), Some("12"), Some("13"), None] {
        let draft = Draft { project: project.map(str::to_owned), ..engine.draft() };
        let number = engine.publish_draft(draft);
        first.get_or_insert(number);
    }
    engine.run();
    engine.assert_quiet();
    let first = first.unwrap();
    engine.receiver.accepted(&url("X"))[before..].iter().map(|number| number - first).collect()
}

#[test]
fn an_event_of_a_named_project_arrives_and_no_other() {
    let (mut engine, key) = engine(&["11", "13"]);
    assert_eq!(arriving(&mut engine), [0, 2]);
    engine.change(&key, |webhook| webhook.subscriptions = of(&["12"]));
    engine.run();
    assert_eq!(arriving(&mut engine), [1]);
    engine.change(&key, |webhook| webhook.subscriptions = of(&[]));
    engine.run();
    assert_eq!(arriving(&mut engine), [0, 1, 2, 3]);
}

#[test]
fn what_is_queued_for_a_project_still_arrives_when_it_is_no_longer_named() {
    let (mut engine, key) = engine(&["11"]);
    engine.change(&key, |webhook| webhook.pause(webhook.created));
    engine.run();
    engine.publish(Duration::ZERO);
    engine.run();
    engine.change(&key, |webhook| {
        webhook.subscriptions = of(&["12"]);
        webhook.paused = None;
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [0]);
}

#[test]
fn a_webhook_with_as_many_projects_as_fit_can_be_changed_as_a_whole() {
    let named = |from: usize| -> Vec<Subscription> {
        let projects =
            |from: usize| (from..from + Subscription::MAX_PROJECTS).map(|number| number.to_string()).collect();
        [(TYPE, from), ("other", from + 20)]
            .map(|(kind, from)| Subscription { projects: projects(from), ..wants(kind) })
            .into()
    };
    let (mut engine, key) = engine(&[]);
    engine.change(&key, move |webhook| webhook.subscriptions = named(1_000));
    engine.run();
    engine.change(&key, move |webhook| webhook.subscriptions = named(0));
    engine.run();
    assert_eq!(arriving(&mut engine), [0, 1, 2]);
}
