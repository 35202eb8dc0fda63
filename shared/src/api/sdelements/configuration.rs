//! Event configurations in requests and replies. Source: docs/apis/sdelements.md.

use serde::Serialize;

use super::{SdElementsFailure, fields::Fields, python::Value};
use crate::domain::{EventSource, Moment, Pattern, Subscription, Timestamp, Webhook};

/// An event configuration, its keys in the documented order. `projects` is Outhook's own and is absent unless it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventConfiguration"))]
pub struct ConfigurationBody {
    id: u64,
    webhook: u64,
    event_source: String,
    active: bool,
    created: Moment,
    updated: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projects: Vec<u64>,
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
            projects: subscription.projects.iter().filter_map(|project| project.parse().ok()).collect(),
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
    /// The projects whose events it wants, at most 20. Empty, the default, for events of any project or none.
    pub projects: Vec<u64>,
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
        let projects = projects(&mut fields).unwrap_or_default();
        fields.finish(event_source.map(|event_source| Self { event_source, active, projects }))
    }

    /// The subscription that the request asks for.
    #[must_use]
    pub fn subscription(&self) -> Subscription {
        Subscription {
            active: self.active,
            projects: texts(&self.projects),
            ..Subscription::new(self.event_source.into())
        }
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
    /// The projects whose events it is to want, if given; empty for events of any project or none.
    pub projects: Option<Vec<u64>>,
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
        let projects = projects(&mut fields);
        fields.finish(Some(Self { event_source, active, projects }))
    }

    /// Applies the changes to the configuration with this id.
    ///
    /// # Errors
    ///
    /// 404 if the webhook has no configuration with this id, 400 if another of its configurations has the new event
    /// source or if they name too many projects together.
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
        if let Some(projects) = &self.projects {
            subscription.projects = texts(projects);
        }
        if let Some(configuration) = &mut subscription.configuration {
            configuration.updated = now;
        }
        if webhook.fits() { Ok(()) } else { Err(too_many_projects()) }
    }
}

fn projects(fields: &mut Fields<'_>) -> Option<Vec<u64>> {
    fields.ids("projects", Subscription::MAX_PROJECTS)
}

/// Project ids as events have them.
fn texts(projects: &[u64]) -> Vec<String> {
    projects.iter().map(u64::to_string).collect()
}

/// The 400 for a webhook whose configurations would name more projects than one webhook may subscribe to.
#[must_use]
pub fn too_many_projects() -> SdElementsFailure {
    let most = Webhook::MAX_SUBSCRIPTIONS;
    let message = format!(
        "The event configurations of a webhook may name {most} projects together; one for all projects counts as one."
    );
    SdElementsFailure::field("projects", message)
}

/// The 400 for a second configuration of the same webhook and event source. (DRF validators.UniqueTogetherValidator.)
#[must_use]
pub fn duplicate_configuration() -> SdElementsFailure {
    SdElementsFailure::field("non_field_errors", "The fields webhook, event_source must make a unique set.")
}

#[cfg(test)]
mod tests {
    use super::{super::python::parse, *};
    use crate::domain::{Configuration, OrganizationId, Secret, WebhookKey};

    fn read(body: &str) -> Result<ConfigurationFields, SdElementsFailure> {
        ConfigurationFields::parse(&parse(body).unwrap())
    }

    #[test]
    fn only_the_supported_source_is_taken() {
        let event_source = EventSource::CreatedProjectActivity;
        let body = format!(r#"{{"event_source": "{}"}}"#, event_source.as_str());
        assert_eq!(read(&body), Ok(ConfigurationFields { event_source, active: true, projects: Vec::new() }));
        for (body, message) in [
            ("{}", "This field is required."),
            (r#"{"event_source": null}"#, "This field may not be null."),
            (r#"{"event_source": "ModifiedProjectActivity"}"#, "\"ModifiedProjectActivity\" is not a valid choice."),
            (r#"{"event_source": ["\u0001"]}"#, "\"['\\x01']\" is not a valid choice."),
        ] {
            assert_eq!(read(body), Err(SdElementsFailure::field("event_source", message)));
        }
    }

    #[test]
    fn projects_are_kept_as_the_activity_route_has_them_and_null_means_all() {
        let new = read(r#"{"event_source": "CreatedProjectActivity", "projects": [11, "12"]}"#).unwrap();
        let subscription = new.subscription();
        assert_eq!(subscription.projects, ["11", "12"]);
        let organization = OrganizationId::parse("acme").unwrap();
        let key = WebhookKey::sdelements(1);
        let mut webhook = Webhook::new(organization, key, "n".to_owned(), Secret::new("https://x"), Timestamp(0));
        let configuration = Configuration { id: 3, created: Timestamp(0), updated: Timestamp(0) };
        webhook.subscriptions = vec![Subscription { configuration: Some(configuration), ..subscription }];
        let mut change = |body: &str| {
            ConfigurationChanges::parse(&parse(body).unwrap())?.apply(&mut webhook, 3, Timestamp(1))?;
            Ok::<_, SdElementsFailure>(webhook.subscriptions[0].projects.clone())
        };
        assert_eq!(change(r#"{"active": false}"#).unwrap(), ["11", "12"], "what is not given stays");
        assert_eq!(change(r#"{"projects": [13]}"#).unwrap(), ["13"]);
        for all in ["null", "[]"] {
            change(r#"{"projects": [13]}"#).unwrap();
            assert_eq!(change(&format!(r#"{{"projects": {all}}}"#)).unwrap(), [""; 0]);
        }
        insta::assert_snapshot!(serde_json::to_string(&ConfigurationBody::find(&webhook, 3)).unwrap(), @r#"{"id":3,"webhook":1,"event_source":"CreatedProjectActivity","active":false,"created":"1970-01-01T00:00:00.000Z","updated":"1970-01-01T00:00:00.001Z"}"#);
        // More than one event source would be needed to reach the limit through the API.
        let other = |number: usize| Subscription::new(Pattern::Exact(format!("Other{number}Activity")));
        webhook.subscriptions.extend((0..39).map(other));
        let changes = ConfigurationChanges::parse(&parse(r#"{"projects": [1, 2]}"#).unwrap()).unwrap();
        let refused = changes.apply(&mut webhook, 3, Timestamp(1)).unwrap_err();
        insta::assert_snapshot!(crate::http::Reply::from(refused).body.unwrap(), @r#"{"projects":["The event configurations of a webhook may name 40 projects together; one for all projects counts as one."]}"#);
    }
}
