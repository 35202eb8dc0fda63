//! A suspension on the wire, for the APIs whose documents know of none: without it an owner would see a webhook that is on
//! and receives nothing.

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
    /// The webhook's suspension, if there is one.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Option<Self> {
        let Suspension { at, reason, .. } = webhook.suspended.as_ref()?;
        Some(Self { since: (*at).into(), reason: reason.clone() })
    }

    /// The same without the reason, which may tell what the endpoint replied: for who may not read the webhook.
    #[must_use]
    pub fn masked(self) -> Self {
        Self { reason: MASK.to_owned(), ..self }
    }
}
