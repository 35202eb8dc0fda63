//! Notification targets: webhooks of the API `operations`.

use serde::{Deserialize, Serialize};

/// What a notification target receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Slack messages.
    Slack,
    /// Signed requests with a JSON body.
    Webhook,
}

impl TargetKind {
    /// The kind's name in requests and replies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}
