//! The state of a webhook as this API shows it.

use serde::Serialize;
use strum::VariantArray;

use crate::domain::{Hold, QueueState, Timestamp, Webhook};

/// Whether a webhook's events are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookState"))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Events are delivered.
    Delivering,
    /// The last attempt failed, or the endpoint asks to wait. Events are kept, and the attempt is repeated.
    Retrying,
    /// The owner has stopped delivery. Events are kept.
    Paused,
    /// The system has stopped delivery after failures. Events are kept.
    Suspended,
    /// The owner has switched the webhook off. New events are not queued.
    Inactive,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The state of the webhook, whose queue is `queue`.
    #[must_use]
    pub fn of(webhook: &Webhook, queue: &QueueState) -> Self {
        match webhook.hold() {
            None if queue.failures > 0 || queue.throttled_since.is_some() => Self::Retrying,
            None => Self::Delivering,
            Some(Hold::Paused) => Self::Paused,
            Some(Hold::Suspended) => Self::Suspended,
            Some(Hold::Inactive | Hold::Deleted) => Self::Inactive,
        }
    }

    /// The state's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::Retrying => "retrying",
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::Inactive => "inactive",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

/// Why the webhook is in its state, and since when, as far as that is known.
pub(super) fn reason(webhook: &Webhook, queue: &QueueState) -> (Option<String>, Option<Timestamp>) {
    match State::of(webhook, queue) {
        State::Delivering | State::Inactive => (None, None),
        State::Retrying if queue.failures == 0 => {
            (Some("the endpoint asks to wait (HTTP 429)".to_owned()), queue.throttled_since)
        }
        State::Retrying if queue.failures == 1 => (Some("the last attempt failed".to_owned()), queue.last_failure),
        State::Retrying => (Some(format!("the last {} attempts failed", queue.failures)), queue.told.trouble),
        State::Paused => (None, webhook.paused),
        State::Suspended => {
            let suspension = webhook.suspended.as_ref();
            (suspension.map(|suspension| suspension.reason.clone()), suspension.map(|suspension| suspension.at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrganizationId, Secret, Suspension, WebhookKey};

    #[test]
    fn what_the_owner_chose_shows_before_what_the_endpoint_did() {
        let organization = OrganizationId::parse("acme").unwrap();
        let url = Secret::new("https://x");
        let mut webhook = Webhook::new(organization, WebhookKey::sdelements(1), "n".to_owned(), url, Timestamp(0));
        let mut queue = QueueState::default();
        assert_eq!(State::of(&webhook, &queue), State::Delivering);
        queue.failures = 2;
        assert_eq!(reason(&webhook, &queue), (Some("the last 2 attempts failed".to_owned()), None));
        queue.told.trouble = Some(Timestamp(3));
        assert_eq!(reason(&webhook, &queue).1, Some(Timestamp(3)));
        let asked = QueueState { throttled_since: Some(Timestamp(4)), ..QueueState::default() };
        assert_eq!(
            (State::of(&webhook, &asked), reason(&webhook, &asked)),
            (State::Retrying, (Some("the endpoint asks to wait (HTTP 429)".to_owned()), Some(Timestamp(4))))
        );
        webhook.suspended = Some(Suspension { at: Timestamp(5), reason: "HTTP 404".to_owned(), endpoint_gone: true });
        assert_eq!(reason(&webhook, &queue), (Some("HTTP 404".to_owned()), Some(Timestamp(5))));
        webhook.pause(Timestamp(7));
        assert_eq!(reason(&webhook, &queue), (None, Some(Timestamp(7))));
        webhook.active = false;
        assert_eq!(State::of(&webhook, &queue), State::Inactive);
        for &state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
    }
}
