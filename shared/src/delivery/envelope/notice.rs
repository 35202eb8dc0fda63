//! What an `alertEndpoint` is told. Socotra's documents leave the body open; it has the fields of a diverted event.

use serde::Serialize;

use crate::domain::{Attempt, Event, Webhook};

/// A failure that a webhook's policy counts, after its last attempt.
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
    /// That `attempt` was the last one for `event`.
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
