//! The state of a webhook's delivery and of its queue. It is Outhook's own, in the style of this API.

use serde::Serialize;

use crate::{
    domain::{Hold, Moment, QueueState, Webhook},
    store::Waiting,
};

/// Whether events are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum State {
    /// Events are delivered.
    Active,
    /// The owner has paused the webhook; events are kept.
    Paused,
    /// The system has stopped delivery after failures; events are kept.
    Suspended,
    /// The owner has switched the webhook off.
    Inactive,
}

/// A webhook's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookState"))]
pub struct StateBody {
    state: State,
    reason: Option<String>,
    since: Option<Moment>,
}

impl From<&Webhook> for StateBody {
    fn from(webhook: &Webhook) -> Self {
        let suspension = webhook.suspended.as_ref();
        let (state, reason, since) = match webhook.hold() {
            None => (State::Active, None, None),
            Some(Hold::Paused) => (State::Paused, None, webhook.paused),
            Some(Hold::Suspended) => (State::Suspended, suspension.map(|s| s.reason.clone()), suspension.map(|s| s.at)),
            Some(Hold::Inactive | Hold::Deleted) => (State::Inactive, None, None),
        };
        Self { state, reason, since: since.map(Moment::from) }
    }
}

/// A webhook's state with that of its queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookStatus"))]
pub struct StatusBody {
    #[serde(flatten)]
    state: StateBody,
    queued: usize,
    /// Whether more wait than were counted: `queued` is then how many there are at the least.
    more_queued: bool,
    oldest_queued: Option<Moment>,
    next_attempt: Option<Moment>,
    last_success: Option<Moment>,
    last_failure: Option<Moment>,
}

impl StatusBody {
    /// Builds the status of a webhook from the state of its queue and the deliveries that are waiting in it.
    #[must_use]
    pub fn new(webhook: &Webhook, queue: &QueueState, waiting: &Waiting) -> Self {
        let any = waiting.count > 0 || waiting.more;
        let next = queue.due_at.filter(|_| any).map(|due| queue.not_before.map_or(due, |wait| due.max(wait)));
        Self {
            state: webhook.into(),
            queued: waiting.count,
            more_queued: waiting.more,
            oldest_queued: waiting.first.map(|first| first.queued.into()),
            next_attempt: next.map(Moment::from),
            last_success: queue.last_success.map(Moment::from),
            last_failure: queue.last_failure.map(Moment::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrganizationId, Secret, Suspension, Timestamp, WebhookKey};

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
