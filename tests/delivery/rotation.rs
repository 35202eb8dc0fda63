//! Replacing a signing secret, on a simulated clock: the overlap ends by itself.

use std::time::Duration;

use shared::{
    delivery::standard_webhooks,
    domain::{Api, Secret, Timestamp, Webhook, WebhookKey},
};

use crate::support::simulated::{Engine, InOrder, TYPE, at_once, url, wants};

const OVERLAP: Duration = Duration::from_secs(3_600);

fn secret(number: u8) -> Secret {
    standard_webhooks::generate([number; 32])
}

fn engine() -> (Engine, WebhookKey) {
    let mut engine = Engine::new(InOrder, 1, true);
    let (organization, key) = (engine.organization.clone(), WebhookKey { api: Api::Akinon, id: "a".to_owned() });
    let key = engine.webhook_of(&organization, key, "X", |webhook| {
        webhook.subscriptions = vec![wants(TYPE)];
        webhook.endpoint.set_secret(secret(1));
    });
    (engine, key)
}

fn webhook(engine: &Engine, key: &WebhookKey) -> Webhook {
    at_once(engine.store.webhook(&engine.organization, key)).unwrap().unwrap()
}

/// Replaces the secret, and returns the moment at which the new one signs alone.
fn rotate(engine: &mut Engine, key: &WebhookKey, new: u8, overlap: Duration) -> Timestamp {
    let now = engine.simulation.now();
    engine.change(key, move |webhook| {
        webhook.endpoint.rotate(secret(new), overlap, now).unwrap();
    });
    engine.run();
    now.plus(overlap)
}

/// Which of the secrets 1, 2 and 3 the official library finds in the signatures of the last message. (Its `verify`
/// compares with the clock of this machine.)
fn verifying(engine: &Engine) -> Vec<u8> {
    let arrival = engine.receiver.arrivals(&url("X")).pop().unwrap();
    let header = |wanted: &str| arrival.headers.iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
    let (id, seconds) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    let signatures = header("webhook-signature");
    let verifies = |number: &u8| {
        let verifier = standardwebhooks::Webhook::new(secret(*number).expose()).unwrap();
        let expected = verifier.sign(&id, seconds, arrival.body.as_bytes()).unwrap();
        signatures.split(' ').any(|signature| signature == expected)
    };
    (1..=3).filter(verifies).collect()
}

fn deliver(engine: &mut Engine) -> Vec<u8> {
    engine.publish(Duration::ZERO);
    engine.run();
    engine.assert_quiet();
    verifying(engine)
}

/// Lets the time pass until that moment.
fn wait_until(engine: &mut Engine, moment: Timestamp) {
    let wait = moment.since(engine.simulation.now());
    engine.after(wait, |_| {});
    engine.run();
    assert!(engine.simulation.now() >= moment);
}

#[test]
fn both_secrets_verify_until_the_overlap_ends_by_itself() {
    let (mut engine, key) = engine();
    assert_eq!(deliver(&mut engine), [1]);
    let end = rotate(&mut engine, &key, 2, OVERLAP);
    assert_eq!(deliver(&mut engine), [1, 2]);
    let before = Timestamp(end.0 - 60_000);
    wait_until(&mut engine, before);
    assert_eq!(deliver(&mut engine), [1, 2]);
    wait_until(&mut engine, end);
    assert_eq!(deliver(&mut engine), [2]);
    assert_eq!(webhook(&engine, &key).endpoint.signing_secrets, [secret(2), secret(1)], "it is stored until a change");
}

#[test]
fn a_second_replacement_within_the_overlap_ends_the_oldest() {
    let (mut engine, key) = engine();
    rotate(&mut engine, &key, 2, OVERLAP);
    let end = rotate(&mut engine, &key, 3, OVERLAP * 2);
    assert_eq!(deliver(&mut engine), [2, 3]);
    wait_until(&mut engine, end);
    assert_eq!(deliver(&mut engine), [3]);
}

#[test]
fn the_next_change_forgets_the_ended_secret_and_repairs_nothing() {
    let (mut engine, key) = engine();
    let end = rotate(&mut engine, &key, 2, OVERLAP);
    wait_until(&mut engine, end);
    let repaired = engine.queue_item(&key)["generation"].clone();
    engine.change(&key, |webhook| webhook.endpoint.tag = Some("t".to_owned()));
    engine.run();
    let endpoint = webhook(&engine, &key).endpoint;
    assert_eq!((endpoint.signing_secrets, endpoint.previous_secret_until), (vec![secret(2)], None));
    assert_eq!(engine.queue_item(&key)["generation"], repaired, "the queue does not start afresh");
    assert_eq!(deliver(&mut engine), [2]);
}
