//! What owners do with their webhooks, at any moment.

use std::time::Duration;

use shared::{
    delivery::{Post, send_test},
    domain::{
        Api, DeliveryState, Endpoint, EventId, FailurePolicy, Growth, OrganizationId, Pattern, ResendCursor,
        RetryStrategy, Secret, TargetKind, Webhook, WebhookKey,
    },
};

use super::{dice::Dice, ledger::Ledger};
use crate::support::simulated::{Engine, url, wants};

/// The types of the events.
pub(crate) const TYPES: [&str; 3] = ["orders.created", "orders.closed", "users.created"];

/// A webhook, by the name of its first endpoint.
#[derive(Clone)]
pub(crate) struct Owned {
    pub(crate) key: WebhookKey,
    pub(crate) name: String,
}

impl Owned {
    fn is_slack(&self) -> bool {
        self.key.api == Api::SdElements
    }
}

/// A header's value; nowhere but in the webhook and in its requests.
pub(crate) fn header_value(number: u64) -> String {
    format!("Bearer header-credential-{number:08}")
}

pub(crate) fn signing_secret(number: u64) -> Secret {
    // 24 bytes of the number's digits, in base64.
    const DIGITS: [&str; 10] = ["MDAw", "MTEx", "MjIy", "MzMz", "NDQ0", "NTU1", "NjY2", "Nzc3", "ODg4", "OTk5"];
    let digits = format!("{number:08}");
    let text: String = digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect();
    Secret::new(format!("whsec_{text}"))
}

pub(crate) fn policy(dice: &mut Dice, alert: &str) -> FailurePolicy {
    let triggers = [&["4xx", "5xx", "timeout"][..], &["5xx"], &["timeout", "404"]][dice.pick(3)];
    let kind = if dice.below(2) == 0 { Growth::Linear } else { Growth::Exponential };
    let retry = RetryStrategy { kind, interval_s: 60, attempts: 1 + u32::try_from(dice.below(3)).unwrap() };
    FailurePolicy {
        triggers: triggers.iter().map(|trigger| trigger.parse().unwrap()).collect(),
        retry: (dice.below(3) > 0).then_some(retry),
        alert_endpoint: (dice.below(2) == 0).then(|| Endpoint::new(Secret::new(url(alert)))),
        divert: dice.below(2) == 0,
        suspend: dice.below(3) == 0,
    }
}

/// A webhook of any API, with what that API allows.
pub(crate) fn webhook(engine: &mut Engine, dice: &mut Dice, organization: &OrganizationId, number: u64) -> Owned {
    let api = Api::ALL[dice.pick(Api::ALL.len())];
    let key = match api {
        Api::SdElements => WebhookKey::sdelements(number),
        api => WebhookKey { api, id: format!("w{number}") },
    };
    // Not to be mistaken for a word.
    let name = format!("endpoint-credential-{number:08}");
    let alert = format!("alert-{number:08}");
    engine.receiver.listen(&url(&alert), &alert, false);
    let policy = (api == Api::Socotra && dice.below(4) > 0).then(|| policy(dice, &alert));
    let both = dice.below(2) == 0;
    let key = engine.webhook_of(organization, key, &name, |webhook| {
        // The name is no secret: operational events say it.
        webhook.name = format!("webhook {number}");
        webhook.subscriptions = TYPES[..if both { 2 } else { 1 }].iter().map(|wanted| wants(wanted)).collect();
        match api {
            Api::SdElements => {}
            Api::Flip => webhook.subscriptions[0].pattern = Pattern::Prefix("orders".to_owned()),
            Api::Akinon => webhook.project = Some("11".to_owned()),
            Api::Socotra => webhook.policy = policy,
            Api::Operations => webhook.target = Some(TargetKind::Webhook),
        }
        if api == Api::Flip {
            webhook.subscriptions.truncate(1);
        }
        if api != Api::SdElements {
            webhook.endpoint.signing_secrets = vec![signing_secret(number)];
            webhook.endpoint.headers = vec![("X-Key".to_owned(), vec![Secret::new(header_value(number))])];
        }
    });
    Owned { key, name }
}

/// A webhook that wants nothing but operational events.
pub(crate) fn listener(engine: &mut Engine, dice: &mut Dice, organization: &OrganizationId, number: u64) -> Owned {
    let (api, target) =
        [(Api::Flip, None), (Api::Operations, Some(TargetKind::Webhook)), (Api::Operations, Some(TargetKind::Slack))]
            [dice.pick(3)];
    let key = WebhookKey { api, id: format!("listener{number}") };
    let name = format!("endpoint-credential-{number:08}");
    let key = engine.webhook_of(organization, key, &name, |webhook| {
        webhook.name = format!("listener {number}");
        webhook.target = target;
        webhook.subscriptions = vec![wants("outhook")];
        webhook.subscriptions[0].pattern = Pattern::Prefix("outhook".to_owned());
        webhook.endpoint.signing_secrets = vec![signing_secret(number)];
    });
    Owned { key, name }
}

/// Does something with the webhook at some moment.
pub(crate) fn meddle(engine: &mut Engine, dice: &mut Dice, owned: &Owned, ledger: &Ledger) {
    let at = dice.seconds(150);
    let (owned, ledger) = (owned.clone(), ledger.clone());
    let mut dice = dice.another();
    engine.after(at, move |engine| act(engine, &mut dice, &owned, &ledger));
}

fn act(engine: &mut Engine, dice: &mut Dice, owned: &Owned, ledger: &Ledger) {
    let (key, number) = (&owned.key, dice.below(1_000_000));
    ledger.acts(key);
    match dice.below(21) {
        0 => engine.change(key, |webhook| webhook.paused = Some(webhook.created)),
        1 | 2 => engine.change(key, |webhook| webhook.paused = None),
        3 => engine.change(key, |webhook| webhook.suspended = None),
        4 => move_away(engine, owned),
        5 => test(engine, owned),
        6 => resend_each(engine, key),
        7 => resend_all(engine, key),
        8 => engine.replay(0),
        9 => engine.replay(1),
        10 => {
            ledger.wants_less(engine, key);
            // SD Elements' subscriptions may name projects.
            let projects = match owned.is_slack() && number % 2 == 0 {
                true => vec!["12".to_owned(), "13".to_owned()],
                false => Vec::new(),
            };
            engine.change(key, move |webhook| {
                webhook.subscriptions.truncate(1);
                webhook.subscriptions[0].projects.clone_from(&projects);
            });
        }
        11 => engine.change(key, |webhook| {
            if !webhook.subscriptions.iter().any(|wanted| wanted.pattern.as_str() == TYPES[2]) {
                webhook.subscriptions.push(wants(TYPES[2]));
            }
        }),
        12 if !owned.is_slack() => engine.change(key, move |webhook| {
            webhook.endpoint.headers = vec![("X-Key".to_owned(), vec![Secret::new(header_value(number))])];
        }),
        13 if key.api == Api::Socotra => {
            let policy = policy(dice, &format!("alert-{}", owned.name.rsplit('-').next().unwrap()));
            engine.change(key, move |webhook| webhook.policy = Some(policy.clone()));
        }
        14 => {
            ledger.wants_less(engine, key);
            engine.change(key, |webhook| webhook.active = false);
        }
        15 => engine.change(key, |webhook| webhook.active = true),
        16 if !owned.is_slack() => engine.change(key, move |webhook: &mut Webhook| {
            // The first one stays: its endpoint goes on showing it.
            let last = webhook.endpoint.signing_secrets.last().cloned();
            webhook.endpoint.signing_secrets = std::iter::once(signing_secret(number)).chain(last).collect();
        }),
        17..=19 => delete_diverted(engine, dice, key, ledger),
        _ => engine.change(key, move |webhook| webhook.endpoint.tag = Some(format!("tag {number}"))),
    }
}

fn move_away(engine: &Engine, owned: &Owned) {
    let fresh = url(&format!("{}-moved", owned.name));
    engine.receiver.listen(&fresh, &engine.queue(&owned.key), owned.is_slack());
    engine.change(&owned.key, move |webhook| webhook.move_to(Secret::new(fresh.clone())));
}

fn test(engine: &Engine, owned: &Owned) {
    let (queue, receiver, target) = (engine.queue(&owned.key), engine.receiver.clone(), url(&owned.name));
    let pace = owned.is_slack().then_some(Duration::from_millis(1_050));
    engine.request("test", |store, waker| async move {
        let post = Post::json(Secret::new(target), "{}".to_owned());
        if send_test(&store, &receiver, &queue, pace, &post).await.is_ok() {
            waker.wake(&[queue]).await;
        }
    });
}

fn resend_each(engine: &Engine, key: &WebhookKey) {
    let queue = engine.queue(key);
    engine.receiver.forget(&queue);
    let events: Vec<_> = engine.records.numbers().into_iter().map(|event| engine.records.id(event)).collect();
    engine.request("resend", |store, waker| async move {
        for event in events {
            if store.resend(&queue, event).await.is_err() {
                return;
            }
        }
        waker.wake(&[queue]).await;
    });
}

fn resend_all(engine: &Engine, key: &WebhookKey) {
    let queue = engine.queue(key);
    engine.receiver.forget(&queue);
    let (now, events) = (engine.simulation.now(), engine.records.numbers());
    let Some(next) = events.iter().map(|event| engine.records.id(*event)).min() else { return };
    let cursor = ResendCursor { next, last: EventId::last(), state: DeliveryState::Diverted, requested: now };
    engine.request("resend many", |store, waker| async move {
        if store.request_resend(&queue, &cursor).await.is_ok() {
            waker.wake(&[queue]).await;
        }
    });
}

/// Deletes one of the deliveries that are kept aside, if there are any.
fn delete_diverted(engine: &Engine, dice: &mut Dice, key: &WebhookKey, ledger: &Ledger) {
    let mut diverted = engine.records.numbers();
    diverted.retain(|event| engine.delivery(key, *event).is_some_and(|item| item["state"]["S"] == "diverted"));
    if diverted.is_empty() {
        return;
    }
    let event = diverted[dice.pick(diverted.len())];
    ledger.may_delete(key, event);
    let (queue, id, simulation) = (engine.queue(key), engine.records.id(event), engine.simulation.clone());
    let (key, ledger) = (key.clone(), ledger.clone());
    engine.request("delete diverted", |store, _| async move {
        if let Ok(true) = store.delete_diverted(&queue, id).await {
            ledger.deleted(simulation.monotonic(), &key, event);
        }
    });
}

/// Deletes the webhook at some moment.
pub(crate) fn delete(engine: &mut Engine, dice: &mut Dice, owned: &Owned, ledger: &Ledger) {
    let at = dice.seconds(90);
    let (key, ledger) = (owned.key.clone(), ledger.clone());
    engine.after(at, move |engine| {
        ledger.wants_less(engine, &key);
        ledger.gone(&key);
        let organization = engine.owner(&key).clone();
        engine.request("delete", |store, waker| async move {
            if let Ok(true) = store.delete_webhook(&organization, &key, |_| true).await {
                waker.wake(&[shared::store::queue_key(&organization, &key)]).await;
            }
        });
    });
}
