//! The body of a notice to an `alertEndpoint`. Socotra's documents do not define it, so it has the fields of a diverted
//! event.

use serde::Serialize;

use crate::domain::{Attempt, Event, Webhook};

/// The notice that an event has failed for good under the webhook's failure policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureNotice<'a> {
    webhook_locator: &'a str,
    webhook_name: &'a str,
    event_locator: String,
    request_locator: Option<&'a str>,
    failure_message: &'a str,
    failure_timestamp: String,
    failure_trigger: String,
}

impl<'a> FailureNotice<'a> {
    /// The notice that `attempt` was the last one for `event`.
    #[must_use]
    pub fn new(webhook: &'a Webhook, event: &'a Event, attempt: &'a Attempt) -> Self {
        Self {
            webhook_locator: &webhook.key.id,
            webhook_name: &webhook.name,
            event_locator: event.id.to_string(),
            request_locator: event.request.as_deref(),
            failure_message: attempt.failure.as_deref().unwrap_or_default(),
            failure_timestamp: attempt.at.to_string(),
            failure_trigger: attempt.trigger(),
        }
    }
}
