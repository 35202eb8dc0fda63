//! What the owner has changed, paused or deleted is heard before the next message, and an old endpoint decides nothing.

use std::time::Duration;

use shared::{
    delivery::SendError,
    domain::{Api, FailurePolicy, Secret, WebhookKey},
    store::queue_key,
};

use crate::support::simulated::{Engine, InOrder, Reply, TYPE, url, wants};

/// A webhook of Standard Webhooks with ten events, whose endpoint takes four seconds for each.
fn slow(api: Api) -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = WebhookKey { api, id: "w".to_owned() };
    let organization = engine.organization.clone();
    engine.webhook_of(&organization, key.clone(), "X", |webhook| webhook.subscriptions = vec![wants(TYPE)]);
    engine.receiver.behave(&url("X"), |_| Reply { takes: Duration::from_secs(4), ..Reply::status(200) });
    for _ in 0..10 {
        engine.publish(Duration::ZERO);
    }
    (engine, key)
}

#[test]
fn after_a_pause_no_further_message_begins() {
    for api in [Api::Flip, Api::Akinon, Api::Socotra] {
        let (mut engine, key) = slow(api);
        let changed = key.clone();
        engine.after(Duration::from_secs(6), move |engine| {
            engine.change(&changed, |webhook| webhook.paused = Some(webhook.created));
        });
        engine.run();
        engine.assert_quiet();
        let asked = engine.receiver.arrivals(&url("X")).len();
        assert_eq!((asked, engine.count(&key, "pending")), (2, 8), "{api:?}: the one under way is the last");
    }
}

#[test]
fn after_a_change_of_the_url_the_next_message_goes_to_the_new_one() {
    let (mut engine, key) = slow(Api::Flip);
    engine.receiver.listen(&url("Y"), &engine.queue(&key), false);
    engine.after(Duration::from_secs(6), move |engine| {
        engine.change(&key, |webhook| webhook.move_to(Secret::new(url("Y"))));
    });
    engine.run();
    engine.assert_quiet();
    assert_eq!(engine.receiver.accepted(&url("X")), [0, 1]);
    assert_eq!(engine.receiver.accepted(&url("Y")), (2..10).collect::<Vec<_>>());
}

#[test]
fn after_a_deletion_no_further_message_begins() {
    let (mut engine, key) = slow(Api::Socotra);
    let deleted = key.clone();
    engine.after(Duration::from_secs(6), move |engine| {
        let organization = engine.organization.clone();
        engine.request("delete", |store, waker| async move {
            assert!(store.delete_webhook(&organization, &deleted, |_| true).await.unwrap());
            waker.wake(&[queue_key(&organization, &deleted)]).await;
        });
    });
    engine.run();
    assert_eq!(engine.receiver.arrivals(&url("X")).len(), 2);
    assert_eq!((engine.count(&key, "pending"), engine.count(&key, "discarded")), (0, 8));
}

#[test]
fn what_an_endpoint_answers_after_its_webhook_has_moved_ends_no_delivery() {
    let late = [Reply::failing(SendError::Timeout), Reply { takes: Duration::from_secs(9), ..Reply::status(418) }];
    for reply in late {
        // By this policy each failure ends the delivery.
        for policy in [None, Some(FailurePolicy::default())] {
            let mut engine = Engine::new(InOrder, 1, true);
            let key = match policy.clone() {
                Some(policy) => engine.socotra("X", policy),
                None => engine.slack("X"),
            };
            let old = reply.clone();
            engine.receiver.behave(&url("X"), move |_| old.clone());
            engine.receiver.listen(&url("Y"), &engine.queue(&key), key.api == Api::SdElements);
            let event = engine.publish(Duration::ZERO);
            let changed = key.clone();
            engine.after(Duration::from_secs(4), move |engine| {
                engine.change(&changed, |webhook| webhook.move_to(Secret::new(url("Y"))));
            });
            engine.run();
            engine.assert_quiet();
            assert_eq!(engine.receiver.accepted(&url("Y")), [event], "{reply:?} {policy:?}");
        }
    }
}
