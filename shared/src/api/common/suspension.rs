//! A suspension on the wire, for the APIs whose documents know of none: without it an owner would see a webhook that is on
//! and receives nothing.

use serde::Serialize;

use crate::domain::{Suspension, Webhook};

/// Since when, and why, the system has stopped delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuspensionBody {
    since: String,
    reason: String,
}

impl SuspensionBody {
    /// The webhook's suspension, if there is one.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Option<Self> {
        let Suspension { at, reason, .. } = webhook.suspended.as_ref()?;
        Some(Self { since: at.to_string(), reason: reason.clone() })
    }
}
