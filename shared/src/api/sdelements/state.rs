//! What keeps a webhook's events from being delivered, and how its queue is. Outhook's own, in this API's style.

use serde::Serialize;

use crate::domain::{Delivery, Hold, QueueState, Timestamp, Webhook};

/// A webhook's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateBody {
    state: &'static str,
    reason: Option<String>,
    since: Option<String>,
}

impl From<&Webhook> for StateBody {
    fn from(webhook: &Webhook) -> Self {
        let suspension = webhook.suspended.as_ref();
        let (state, reason, since) = match webhook.hold() {
            None => ("active", None, None),
            Some(Hold::Paused) => ("paused", None, webhook.paused),
            Some(Hold::Suspended) => ("suspended", suspension.map(|s| s.reason.clone()), suspension.map(|s| s.at)),
            Some(Hold::Inactive | Hold::Deleted) => ("inactive", None, None),
        };
        Self { state, reason, since: since.map(|at| at.to_string()) }
    }
}

/// A webhook's state with that of its queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusBody {
    #[serde(flatten)]
    state: StateBody,
    queued: usize,
    oldest_queued: Option<String>,
    next_attempt: Option<String>,
    last_success: Option<String>,
    last_failure: Option<String>,
}

impl StatusBody {
    /// Of a webhook with `queued` pending deliveries, the first of them `oldest`.
    #[must_use]
    pub fn new(webhook: &Webhook, queue: &QueueState, queued: usize, oldest: Option<&Delivery>) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let next = queue.due_at.filter(|_| queued > 0).map(|due| queue.not_before.map_or(due, |wait| due.max(wait)));
        Self {
            state: webhook.into(),
            queued,
            oldest_queued: text(oldest.map(|delivery| delivery.queued)),
            next_attempt: text(next),
            last_success: text(queue.last_success),
            last_failure: text(queue.last_failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrganizationId, Secret, Suspension, WebhookKey};

    fn webhook() -> Webhook {
        let organization = OrganizationId::parse("acme").unwrap();
        Webhook::new(organization, WebhookKey::sdelements(1), "n".to_owned(), Secret::new("https://x"), Timestamp(0))
    }

    #[test]
    fn the_owners_switch_shows_before_the_pause_and_that_before_the_suspension() {
        let mut webhook = webhook();
        let state = |webhook: &Webhook| serde_json::to_string(&StateBody::from(webhook)).unwrap();
        assert_eq!(state(&webhook), r#"{"state":"active","reason":null,"since":null}"#);
        let reason = "gone".to_owned();
        webhook.suspended = Some(Suspension { at: Timestamp(1000), reason, endpoint_gone: true });
        assert_eq!(state(&webhook), r#"{"state":"suspended","reason":"gone","since":"1970-01-01T00:00:01.000Z"}"#);
        webhook.pause(Timestamp(2000));
        webhook.pause(Timestamp(3000));
        assert_eq!(state(&webhook), r#"{"state":"paused","reason":null,"since":"1970-01-01T00:00:02.000Z"}"#);
        webhook.active = false;
        assert_eq!(state(&webhook), r#"{"state":"inactive","reason":null,"since":null}"#);
    }
}
