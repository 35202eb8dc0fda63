//! The reasons for which a webhook's delivery is stopped.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Why and since when the system has stopped a webhook's delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// When delivery was stopped.
    pub at: Timestamp,
    /// The reason, for the owner. It never contains the URL.
    pub reason: String,
    /// Whether the endpoint is gone or rejects our requests. Then a new URL ends the suspension.
    pub endpoint_gone: bool,
}

/// Why a webhook's queue is not being delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// The owner paused the webhook.
    Paused,
    /// The system suspended the webhook after failures.
    Suspended,
    /// The owner made the webhook inactive.
    Inactive,
    /// The webhook is deleted. This hold is never removed.
    Deleted,
}
