//! Event configurations in requests and replies. Source: docs/apis/sdelements.md.

use serde::Serialize;

use super::{SdElementsFailure, fields::Fields, python::Value};
use crate::domain::{EventSource, Moment, Pattern, Subscription, Timestamp, Webhook};

/// An event configuration, its keys in the documented order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventConfiguration"))]
pub struct ConfigurationBody {
    id: u64,
    webhook: u64,
    event_source: String,
    active: bool,
    created: Moment,
    updated: Moment,
}

impl ConfigurationBody {
    /// Builds the reply for a subscription of the webhook with this id. Returns `None` for subscriptions of other APIs,
    /// which have no configuration.
    #[must_use]
    pub fn of(webhook: u64, subscription: &Subscription) -> Option<Self> {
        let configuration = subscription.configuration.as_ref()?;
        let Pattern::Exact(event_source) = &subscription.pattern else { return None };
        Some(Self {
            id: configuration.id,
            webhook,
            event_source: event_source.clone(),
            active: subscription.active,
            created: configuration.created.into(),
            updated: configuration.updated.into(),
        })
    }

    /// Returns all configurations of a webhook, ordered by id.
    #[must_use]
    pub fn all(webhook: &Webhook) -> Vec<Self> {
        let id = webhook.key.number();
        let mut all: Vec<_> =
            webhook.subscriptions.iter().filter_map(|subscription| Self::of(id, subscription)).collect();
        all.sort_by_key(|configuration| configuration.id);
        all
    }

    /// Returns the webhook's configuration with this id, if it exists.
    #[must_use]
    pub fn find(webhook: &Webhook, id: u64) -> Option<Self> {
        Self::all(webhook).into_iter().find(|configuration| configuration.id == id)
    }
}

/// All event configurations of a webhook, as the documents show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventConfigurations"))]
pub struct ConfigurationsBody {
    /// By id.
    pub results: Vec<ConfigurationBody>,
}

/// A valid request to create an event configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationFields {
    /// The event source to subscribe to. Required.
    pub event_source: EventSource,
    /// Whether the configuration is active. True by default.
    pub active: bool,
}

impl ConfigurationFields {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// 400 with the messages for each invalid field.
    pub fn parse(body: &Value) -> Result<Self, SdElementsFailure> {
        let mut fields = Fields::of(body, false)?;
        let event_source = fields.event_source(true);
        let active = fields.boolean("active").unwrap_or(true);
        fields.finish(event_source.map(|event_source| Self { event_source, active }))
    }
}

/// A valid request to change an event configuration. `event_source` must be a known event source, and there is only
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationChanges {
    /// The event source, if given.
    pub event_source: Option<EventSource>,
    /// Whether the configuration is to be active, if given.
    pub active: Option<bool>,
}

impl ConfigurationChanges {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// 400 with the messages for each invalid field.
    pub fn parse(body: &Value) -> Result<Self, SdElementsFailure> {
        let mut fields = Fields::of(body, true)?;
        let event_source = fields.event_source(false);
        let active = fields.boolean("active");
        fields.finish(Some(Self { event_source, active }))
    }

    /// Applies the changes to the configuration with this id.
    ///
    /// # Errors
    ///
    /// 404 if the webhook has no configuration with this id, 400 if another of its configurations has the new event
    /// source.
    pub fn apply(&self, webhook: &mut Webhook, id: u64, now: Timestamp) -> Result<(), SdElementsFailure> {
        let has = |subscription: &Subscription| subscription.configuration.as_ref().is_some_and(|c| c.id == id);
        let pattern = self.event_source.map(Pattern::from);
        let taken = webhook.subscriptions.iter().any(|s| !has(s) && Some(&s.pattern) == pattern.as_ref());
        let subscription = webhook.subscriptions.iter_mut().find(|s| has(s)).ok_or(SdElementsFailure::NotFound)?;
        if taken {
            return Err(duplicate_configuration());
        }
        if let Some(pattern) = pattern {
            subscription.pattern = pattern;
        }
        subscription.active = self.active.unwrap_or(subscription.active);
        if let Some(configuration) = &mut subscription.configuration {
            configuration.updated = now;
        }
        Ok(())
    }
}

/// The 400 for a second configuration of the same webhook and event source. (DRF validators.UniqueTogetherValidator.)
#[must_use]
pub fn duplicate_configuration() -> SdElementsFailure {
    SdElementsFailure::field("non_field_errors", "The fields webhook, event_source must make a unique set.")
}

#[cfg(test)]
mod tests {
    use super::{super::python::parse, *};

    fn read(body: &str) -> Result<ConfigurationFields, SdElementsFailure> {
        ConfigurationFields::parse(&parse(body).unwrap())
    }

    #[test]
    fn only_the_supported_source_is_taken() {
        let event_source = EventSource::CreatedProjectActivity;
        let body = format!(r#"{{"event_source": "{}"}}"#, event_source.as_str());
        assert_eq!(read(&body), Ok(ConfigurationFields { event_source, active: true }));
        for (body, message) in [
            ("{}", "This field is required."),
            (r#"{"event_source": null}"#, "This field may not be null."),
            (r#"{"event_source": "ModifiedProjectActivity"}"#, "\"ModifiedProjectActivity\" is not a valid choice."),
            (r#"{"event_source": ["\u0001"]}"#, "\"['\\x01']\" is not a valid choice."),
        ] {
            assert_eq!(read(body), Err(SdElementsFailure::field("event_source", message)));
        }
    }
}
