//! Operational events: the events by which the service tells an organization about its webhooks.

use strum::VariantArray;

/// A kind of operational event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum OperationalEvent {
    /// A webhook has failed three times in a row.
    WebhookFailing,
    /// The system has stopped a webhook's delivery after failures.
    WebhookSuspended,
    /// A webhook that was failing or suspended delivers again.
    WebhookRecovered,
    /// Deliveries were diverted: the first of an hour, with the count since the last such event.
    DeliveryDiverted,
    /// Deliveries were discarded because they were pending for longer than the retention.
    DeliveryExpired,
}

impl OperationalEvent {
    /// Every kind.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What the types of all operational events begin with. Producers cannot publish such types.
    pub const PREFIX: &str = "outhook.";

    /// The event's type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookFailing => "outhook.webhook.failing",
            Self::WebhookSuspended => "outhook.webhook.suspended",
            Self::WebhookRecovered => "outhook.webhook.recovered",
            Self::DeliveryDiverted => "outhook.delivery.diverted",
            Self::DeliveryExpired => "outhook.delivery.expired",
        }
    }

    /// The kind with this type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_reserved_and_reads_back() {
        for &kind in OperationalEvent::ALL {
            assert!(kind.as_str().starts_with(OperationalEvent::PREFIX));
            assert_eq!(OperationalEvent::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(OperationalEvent::parse("outhook.webhook"), None);
    }
}
