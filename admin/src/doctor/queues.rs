//! Checks that queues move, and that the items of the Deliveries table are consistent.

use std::collections::BTreeMap;

use serde_json::json;
use shared::{
    domain::{EventId, Hold, QueueState, Timestamp, Webhook},
    store::{DeliveriesSurvey, QueueSurvey, WebhooksSurvey, due_shard, is_lane, queue_key, split_queue_key},
};

use super::{
    attention::{SETTLED, late, quarantine_finding},
    finding::{Findings, found},
    mender::Mender,
};

/// What is wrong with them.
pub(super) fn judge(
    webhooks: &WebhooksSurvey,
    deliveries: &DeliveriesSurvey,
    now: Timestamp,
    mender: &Mender,
) -> Findings {
    let webhooks: BTreeMap<String, &Webhook> =
        webhooks.webhooks.iter().map(|webhook| (queue_key(&webhook.organization, &webhook.key), webhook)).collect();
    let mut findings = Findings::new();
    let table = &mender.tables.deliveries;
    for (name, queue) in &deliveries.queues {
        let mut wrong = |what: String, fix| found(&mut findings, format!("queue {name}: {what}"), fix);
        let webhook = webhooks.get(name).copied();
        match &queue.state {
            None if is_old(queue, now) => {
                let fix = if webhook.is_some() { renewal(name, mender) } else { mender.bury(name) };
                wrong("deliveries are pending, but it does not exist".to_owned(), fix);
            }
            None => {}
            Some(state) => {
                if let Some((what, fix)) = standstill(name, queue, webhook, now, mender) {
                    wrong(what, fix);
                }
                if let Some((what, fix)) = unlike(name, webhook, state, mender) {
                    wrong(what, fix);
                }
            }
        }
        let pointer = |event: &EventId| format!("DIV#{event}");
        for event in queue.pointers.difference(&queue.diverted) {
            let fix = mender.delete(table, (name, &pointer(event)));
            wrong(format!("event {event} is listed as diverted, but is not"), fix);
        }
        for event in queue.diverted.difference(&queue.pointers) {
            let fix = mender.put(table, (name, &pointer(event)));
            wrong(format!("event {event} is diverted, but not listed"), fix);
        }
    }
    for (id, why) in &deliveries.quarantined {
        let (what, fix) = quarantine_finding(id, why, mender);
        found(&mut findings, what, fix);
    }
    for ((pk, sk), why) in &deliveries.unreadable {
        found(&mut findings, why.clone(), mender.look(table, (pk, sk)));
    }
    findings
}

/// Whether something was queued so long ago that a worker should have come.
fn is_old(queue: &QueueSurvey, now: Timestamp) -> bool {
    queue.oldest.is_some_and(|oldest| now.since(oldest) > SETTLED)
}

/// Why a queue does not move although it should, and what to do.
fn standstill(
    name: &str,
    queue: &QueueSurvey,
    webhook: Option<&Webhook>,
    now: Timestamp,
    mender: &Mender,
) -> Option<(String, String)> {
    let state = queue.state.as_ref()?;
    if state.held.is_some_and(|hold| hold != Hold::Deleted) {
        return None;
    }
    if state.due_at.is_some() && !queue.indexed {
        let values = json!({":shard": {"S": due_shard(name)}});
        let fix = mender.update(&mender.tables.deliveries, (name, "QUEUE"), "SET due_shard = :shard", &values);
        return Some(("it is due, but not in the index of what is due".to_owned(), fix));
    }
    if let Some(what) = late(state, now) {
        return Some((what, mender.wake(name, webhook.is_some())));
    }
    let stranded = state.due_at.is_none() && state.lease.is_none() && is_old(queue, now);
    stranded.then(|| ("deliveries are pending, but it is neither due nor held".to_owned(), renewal(name, mender)))
}

/// Makes a queue due again.
fn renewal(name: &str, mender: &Mender) -> String {
    match split_queue_key(name) {
        Some((organization, key)) => mender.renew(&organization, &key),
        None => {
            let values = json!({":now": {"N": "0"}, ":shard": {"S": due_shard(name)}});
            let change = "SET due_at = :now, due_shard = :shard";
            mender.update(&mender.tables.deliveries, (name, "QUEUE"), change, &values)
        }
    }
}

/// How a queue differs from its webhook, and what to do.
fn unlike(queue: &str, webhook: Option<&Webhook>, state: &QueueState, mender: &Mender) -> Option<(String, String)> {
    let name = |hold: Option<Hold>| {
        hold.map_or_else(|| "held by nothing".to_owned(), |hold| format!("{hold:?}").to_lowercase())
    };
    match webhook {
        None if state.held == Some(Hold::Deleted) || is_lane(queue) => None,
        None => Some(("its webhook does not exist".to_owned(), mender.bury(queue))),
        // A test message to a webhook that was made inactive leaves a queue that nothing was ever put into.
        Some(webhook) if webhook.hold() != state.held && state.touched > 0 => {
            let what = format!("it is {}, but its webhook is {}", name(state.held), name(webhook.hold()));
            Some((what, mender.align(queue, webhook.hold())))
        }
        Some(_) => None,
    }
}
