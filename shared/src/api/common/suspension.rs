//! A suspension in a reply, for APIs whose documents do not mention suspensions. Without it, an owner would see a
//! webhook that is active but receives nothing.

use serde::Serialize;

use super::MASK;
use crate::domain::{Moment, Suspension, Webhook};

/// Since when, and why, the system has stopped delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Suspension"))]
pub struct SuspensionBody {
    since: Moment,
    reason: String,
}

impl SuspensionBody {
    /// Returns the webhook's suspension, or `None` if the webhook is not suspended.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Option<Self> {
        let Suspension { at, reason, .. } = webhook.suspended.as_ref()?;
        Some(Self { since: (*at).into(), reason: reason.clone() })
    }

    /// Masks the reason, which may quote the endpoint's reply. For callers who may not read the webhook.
    #[must_use]
    pub fn masked(self) -> Self {
        Self { reason: MASK.to_owned(), ..self }
    }
}
