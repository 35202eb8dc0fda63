//! How a message shows an operational event: one line, and the webhook's details in small print.

use super::{
    escape::{clean, shortened},
    moment::moment,
};
use crate::{
    delivery::operational::OperationalData,
    domain::{Event, OperationalEvent, Timestamp},
};

/// The longest name or URL within a line, in UTF-16 units once escaped.
const NAME: usize = 100;

/// The longest reason within a line.
const REASON: usize = 200;

/// An operational event. The texts are not escaped yet.
pub(super) struct Operational {
    what: OperationalEvent,
    data: OperationalData,
}

impl Operational {
    /// Reads an operational event; `None` for any other event, and for one whose data has another form.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let what = OperationalEvent::parse(&event.event_type)?;
        let data = serde_json::from_str(event.data.as_str()).ok()?;
        Some(Self { what, data })
    }

    /// What has happened, in one line: `Webhook “Claims” was suspended: gone (HTTP 410)`.
    pub(super) fn line(&self) -> String {
        // Flip's webhooks have no name, and an id means nothing to people.
        let webhook = &self.data.webhook;
        let name = if webhook.name.trim().is_empty() { &webhook.endpoint } else { &webhook.name };
        let name = shortened(&clean(name), NAME);
        let reason = shortened(&clean(&self.data.reason), REASON);
        let (deliveries, were, have) = match self.data.count {
            None | Some(1) => ("A delivery".to_owned(), "was", "has"),
            Some(count) => (format!("{count} deliveries"), "were", "have"),
        };
        match self.what {
            OperationalEvent::WebhookFailing => format!("Webhook “{name}” is failing: {reason}"),
            OperationalEvent::WebhookSuspended => format!("Webhook “{name}” was suspended: {reason}"),
            OperationalEvent::WebhookRecovered => format!("Webhook “{name}” works again"),
            OperationalEvent::DeliveryDiverted => format!("{deliveries} to webhook “{name}” {were} diverted: {reason}"),
            OperationalEvent::DeliveryExpired => format!("{deliveries} to webhook “{name}” {have} expired"),
        }
    }

    /// The details: which webhook, of which API and with which endpoint, since when, and how many deliveries wait.
    pub(super) fn details(&self) -> String {
        let OperationalData { webhook, since, queued, more_queued, .. } = &self.data;
        let short = |text: &str| shortened(&clean(text), NAME);
        let since = since.parse::<Timestamp>().map_or_else(|_| short(since), moment);
        let waiting = match (queued, more_queued) {
            (queued, true) => format!("more than {queued} events wait"),
            (0, false) => "no event waits".to_owned(),
            (1, false) => "1 event waits".to_owned(),
            (queued, false) => format!("{queued} events wait"),
        };
        let (id, api, endpoint) = (short(&webhook.id), short(&webhook.api), short(&webhook.endpoint));
        format!("{id}, API {api}, {endpoint}, since {since}, {waiting}")
    }

    /// What the owner should do.
    pub(super) fn action(&self) -> &str {
        &self.data.action
    }
}
