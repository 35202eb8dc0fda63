//! Checks that queues move, and that the items of the Deliveries table are consistent.

use std::{collections::BTreeMap, time::Duration};

use shared::{
    domain::{Hold, QueueState, Timestamp, Webhook},
    store::{DeliveriesSurvey, QueueSurvey, WebhooksSurvey, is_lane, queue_key},
};

use super::findings::Findings;

/// After how long something that a worker or a tick should have done by now counts as stuck.
const SETTLED: Duration = Duration::from_secs(600);

/// What is wrong with them.
pub(super) fn judge(webhooks: &WebhooksSurvey, deliveries: &DeliveriesSurvey, now: Timestamp) -> Findings {
    let webhooks: BTreeMap<String, &Webhook> =
        webhooks.webhooks.iter().map(|webhook| (queue_key(&webhook.organization, &webhook.key), webhook)).collect();
    let mut findings = Findings::new();
    for (name, queue) in &deliveries.queues {
        let mut wrong = |what: String| findings.insert(format!("queue {name}: {what}"));
        let old = queue.oldest.is_some_and(|oldest| now.since(oldest) > SETTLED);
        match &queue.state {
            None if old => {
                wrong("deliveries are pending, but it does not exist".to_owned());
            }
            None => {}
            Some(state) => {
                if let Some(what) = standstill(queue, state, now, old) {
                    wrong(what);
                }
                if let Some(what) = unlike(name, webhooks.get(name).copied(), state) {
                    wrong(what);
                }
            }
        }
        for event in queue.pointers.difference(&queue.diverted) {
            wrong(format!("event {event} is listed as diverted, but is not"));
        }
        for event in queue.diverted.difference(&queue.pointers) {
            wrong(format!("event {event} is diverted, but not listed"));
        }
    }
    let quarantined = deliveries.quarantined.iter();
    findings.extend(quarantined.map(|(id, why)| format!("the record {id} was quarantined: {why}")));
    findings.extend(deliveries.unreadable.iter().cloned());
    findings
}

/// Why a queue does not move although it should.
fn standstill(queue: &QueueSurvey, state: &QueueState, now: Timestamp, old: bool) -> Option<String> {
    if state.held.is_some_and(|hold| hold != Hold::Deleted) {
        return None;
    }
    let late = |at: Timestamp| now.since(at) > SETTLED;
    if state.due_at.is_some() && !queue.indexed {
        return Some("it is due, but not in the index of what is due".to_owned());
    }
    match (state.due_at, &state.lease) {
        (_, Some((_, until))) if late(*until) => {
            Some(format!("its lease ended at {until}, and nobody has taken it since"))
        }
        (_, Some(_)) => None,
        (Some(due), None) => late(due).then(|| format!("it has been due since {due}")),
        (None, None) => old.then(|| "deliveries are pending, but it is neither due nor held".to_owned()),
    }
}

/// How a queue differs from its webhook.
fn unlike(queue: &str, webhook: Option<&Webhook>, state: &QueueState) -> Option<String> {
    let name = |hold: Option<Hold>| {
        hold.map_or_else(|| "held by nothing".to_owned(), |hold| format!("{hold:?}").to_lowercase())
    };
    match webhook {
        None if state.held == Some(Hold::Deleted) || is_lane(queue) => None,
        None => Some("its webhook does not exist".to_owned()),
        // A test message to a webhook that was made inactive leaves a queue that nothing was ever put into.
        Some(webhook) if webhook.hold() != state.held && state.touched > 0 => {
            Some(format!("it is {}, but its webhook is {}", name(state.held), name(webhook.hold())))
        }
        Some(_) => None,
    }
}
