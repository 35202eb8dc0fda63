//! Why a webhook's delivery has stopped.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Why and since when the system has stopped delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub at: Timestamp,
    /// The reason, for the owner to read; never contains the URL.
    pub reason: String,
    /// Whether the endpoint said that it is gone or rejects our requests: a new URL then lifts the suspension.
    pub endpoint_gone: bool,
}

/// Why a webhook's queue is not being delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// Its owner paused it.
    Paused,
    /// The system suspended it.
    Suspended,
    /// Its owner switched it off.
    Inactive,
    /// It is gone; nothing takes this hold away.
    Deleted,
}
