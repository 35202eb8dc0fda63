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

    /// After how many failures in a row a webhook is said to be failing.
    pub const FAILING_AFTER: u32 = 3;

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

    /// Whether events of this type are operational events, also of a kind that this version does not know.
    #[must_use]
    pub fn has_type(event_type: &str) -> bool {
        event_type.starts_with(Self::PREFIX)
    }

    /// What the owner of the webhook should do, in one sentence.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::WebhookFailing => "Check that the endpoint is up and answers with a 2xx status.",
            Self::WebhookSuspended => {
                "Repair the endpoint or change its URL, then resume the webhook; waiting events are kept."
            }
            Self::WebhookRecovered => "There is nothing to do.",
            Self::DeliveryDiverted => "Look at the diverted deliveries, and resend or delete them.",
            Self::DeliveryExpired => "Publish again what is still needed; these events are not delivered any more.",
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
            assert!(OperationalEvent::has_type(kind.as_str()));
            assert!(kind.action().ends_with('.') && !kind.action().contains(". "), "one sentence");
            assert_eq!(OperationalEvent::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(OperationalEvent::parse("outhook.webhook"), None);
        assert!(!OperationalEvent::has_type("outhooks.x") && !OperationalEvent::has_type("outhook"));
    }
}
