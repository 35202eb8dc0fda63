//! In which form a webhook's API delivers.

use std::time::Duration;

use super::{sender::Post, slack};
use crate::domain::{Api, Event, Timestamp, Webhook};

/// Between two messages to one Slack webhook: a little over the second that Slack asks for.
const SLACK_PACE: Duration = Duration::from_millis(1_050);

/// How a webhook's messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Block Kit to an incoming webhook of Slack: one message a second, up to twenty events in one.
    Slack,
}

impl Form {
    /// The form of the webhook's API.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Self {
        match webhook.key.api {
            Api::SdElements | Api::Flip | Api::Akinon | Api::Socotra => Self::Slack,
        }
    }

    /// The most events in one message.
    #[must_use]
    pub fn events_a_message(self) -> usize {
        match self {
            Self::Slack => slack::DIGEST,
        }
    }

    /// The least time between two messages.
    #[must_use]
    pub fn pace(self) -> Option<Duration> {
        match self {
            Self::Slack => Some(SLACK_PACE),
        }
    }

    /// The request that carries a message which says that it is a test.
    #[must_use]
    pub fn compose_test(self, webhook: &Webhook, now: Timestamp) -> Post {
        match self {
            Self::Slack => Post::json(webhook.url.clone(), slack::test_message(&webhook.name, now)),
        }
    }

    /// The request that carries the events.
    #[must_use]
    pub fn compose(self, webhook: &Webhook, events: &[&Event], _now: Timestamp) -> Post {
        match self {
            Self::Slack => {
                let body = match events {
                    [event] => slack::message(event),
                    events => slack::digest(events),
                };
                Post::json(webhook.url.clone(), body)
            }
        }
    }
}
