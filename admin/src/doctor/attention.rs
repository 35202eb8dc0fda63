//! What of the present state needs attention: what does not move although it should, what the system has stopped, and what
//! will expire if nothing is done.

use std::time::Duration;

use shared::{
    domain::{Hold, QueueState, Timestamp},
    store::{Quarantined, Store, StoreError, queue_key},
};

use super::{
    finding::{Findings, found},
    mender::{Mender, quoted},
};
use crate::{
    moments::span,
    waiting::{Survey, Waiting},
};

/// After how long something that a worker or a tick should have done by now counts as stuck.
pub(super) const SETTLED: Duration = Duration::from_secs(600);

/// An event that has waited for longer than this, although nobody stopped it, is trouble: the threshold of `QueueAgeAlarm`.
const LONG_WAIT: Duration = Duration::from_secs(3_600);

/// How long before its end an event that is held is worth a word.
const SOON: Duration = Duration::from_secs(2 * 86_400);

/// The most quarantined records that are named.
const MOST_NAMED: usize = 100;

/// What needs attention of what is due, held and suspended.
pub(super) fn judge(survey: &Survey, now: Timestamp, retention: Duration, mender: &Mender) -> Findings {
    let mut findings = Findings::new();
    for webhook in &survey.suspended {
        let (organization, key) = (&webhook.organization, &webhook.key);
        let Some(suspension) = &webhook.suspended else { continue };
        let what = format!(
            "webhook {} is suspended since {}: {}; repair the endpoint first",
            queue_key(organization, key),
            suspension.at,
            suspension.reason
        );
        found(&mut findings, what, mender.webhook("unsuspend", organization, key, ""));
    }
    for waiting in &survey.waiting {
        if let Some((what, fix)) = standing(waiting, now, retention, mender) {
            found(&mut findings, format!("queue {}: {what}", waiting.key), fix);
        }
    }
    findings
}

/// What is wrong with a queue in which something waits, and what to do.
fn standing(waiting: &Waiting, now: Timestamp, retention: Duration, mender: &Mender) -> Option<(String, String)> {
    let (key, queue) = (&waiting.key, &waiting.queue);
    let held = queue.held.is_some_and(|hold| hold != Hold::Deleted);
    if !held && let Some(what) = late(queue, now) {
        return Some((what, mender.wake(key, waiting.webhook.is_some())));
    }
    let oldest = waiting.oldest()?;
    let age = now.since(oldest);
    if !held {
        let waits = format!("its oldest event has waited for {}", span(age));
        let failures = match queue.failures {
            0 => String::new(),
            1 => ", and the last attempt failed".to_owned(),
            count => format!(", and the last {count} attempts failed"),
        };
        return (age > LONG_WAIT).then(|| (waits + &failures, mender.why(key)));
    }
    let webhook = waiting.webhook.as_ref()?;
    let left = retention.saturating_sub(age);
    let (organization, id) = (&webhook.organization, &webhook.key);
    let (name, fix) = match webhook.hold() {
        Some(Hold::Paused) => ("paused", mender.webhook("unpause", organization, id, "")),
        Some(Hold::Inactive) => ("inactive", mender.why(key)),
        // It is reported as suspended.
        _ => return None,
    };
    (left < SOON).then(|| (format!("it is {name}, and its oldest event expires in {}", span(left)), fix))
}

/// Why a queue that is not held stands still, if a worker or the tick should have been there long ago.
pub(super) fn late(queue: &QueueState, now: Timestamp) -> Option<String> {
    let late = |at: Timestamp| now.since(at) > SETTLED;
    match (queue.due_at, &queue.lease) {
        (_, Some((_, until))) => {
            late(*until).then(|| format!("its lease ended at {until}, and nobody has taken it since"))
        }
        (Some(due), None) => late(due).then(|| format!("it has been due since {due}")),
        (None, None) => None,
    }
}

/// The quarantined records.
pub(super) async fn quarantined(store: &Store, mender: &Mender) -> Result<(usize, Findings), StoreError> {
    let (records, more) = store.quarantined(MOST_NAMED).await?;
    let mut findings = Findings::new();
    for Quarantined { id, reason, .. } in &records {
        let (what, fix) = quarantine_finding(id, reason, mender);
        found(&mut findings, what, fix);
    }
    if more {
        let what = format!("more than {MOST_NAMED} records are quarantined");
        found(&mut findings, what, mender.admin("quarantine list --limit 1000"));
    }
    Ok((records.len(), findings))
}

/// What to say about a quarantined record.
pub(super) fn quarantine_finding(id: &str, reason: &str, mender: &Mender) -> (String, String) {
    let what = format!("the record {id} was quarantined: {reason}");
    (what, mender.admin(&format!("quarantine retry {}", quoted(id))))
}
