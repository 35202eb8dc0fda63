//! Webhooks in requests and replies. Source: docs/apis/socotra.md.

use serde::Serialize;
use serde_json::Value;

use super::{
    EndpointBody, EndpointChanges, FailureHandlingBody, FailureHandlingChanges, Given, Sight, SocotraFailure,
    endpoint::{endpoint_of, set_endpoint},
    event_types::{EventTypeChanges, event_types_of},
};
use crate::{
    api::common::{Object, Problems},
    domain::{FailurePolicy, Moment, OrganizationId, Secret, Timestamp, Webhook, WebhookKey},
    http::OwnHosts,
};

/// The longest name that is accepted, in characters.
pub(super) const NAME_MOST: usize = 255;

/// A webhook, its keys in the documented order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookResponse"))]
struct Body<'b> {
    locator: &'b str,
    name: &'b str,
    enabled: bool,
    endpoint: EndpointBody<'b>,
    failure_handling: FailureHandlingBody<'b>,
    suspended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Moment"))]
    suspended_at: Option<Moment>,
    event_types: Vec<&'b str>,
}

/// Writes as much of a webhook as is to be seen (WebhookResponse), its keys in the documented order.
#[derive(Debug)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(transparent, inline, description = "As much of it as the caller may see."))]
pub struct WebhookBody<'a>(#[cfg_attr(feature = "openapi", schemars(with = "Body<'_>"))] (&'a Webhook, Sight));

impl<'a> WebhookBody<'a> {
    /// Builds the reply for a webhook, with as much of it as `sight` allows.
    #[must_use]
    pub fn new(webhook: &'a Webhook, sight: Sight) -> Self {
        Self((webhook, sight))
    }
}

impl Serialize for WebhookBody<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (webhook, sight) = self.0;
        let (endpoint, policy) = (endpoint_of(webhook), webhook.policy.clone().unwrap_or_default());
        Body {
            locator: &webhook.key.id,
            name: &webhook.name,
            enabled: webhook.active,
            endpoint: EndpointBody::new(&endpoint, sight.reads, sight.endpoint),
            failure_handling: FailureHandlingBody::new(&policy, sight),
            suspended: webhook.suspended.is_some(),
            suspended_at: webhook.suspended.as_ref().map(|suspension| suspension.at.into()),
            event_types: event_types_of(webhook).collect(),
        }
        .serialize(serializer)
    }
}

/// Builds a webhook from a CreateWebhookRequest: `name`, `enabled`, `endpoint` and `eventTypes` are required,
/// `failureHandling` is optional.
///
/// # Errors
///
/// 400 with one error for each invalid field.
pub fn new_webhook(
    body: &Value,
    organization: OrganizationId,
    key: WebhookKey,
    now: Timestamp,
) -> Result<Webhook, SocotraFailure> {
    let (object, mut problems) = (Object::body(body)?, Problems::default());
    for name in ["name", "enabled", "endpoint", "eventTypes"] {
        object.require(name, &mut problems);
    }
    let name = name(&object, &mut problems);
    let enabled = object.boolean("enabled", &mut problems);
    let endpoint = object.object("endpoint", &mut problems).map(|object| {
        let changes = EndpointChanges::of_new(&object, &mut problems);
        changes.apply(None, &mut problems)
    });
    let mut policy = FailurePolicy::default();
    if let Some(object) = object.object("failureHandling", &mut problems) {
        let changes = FailureHandlingChanges::of_new(&object, &mut problems);
        changes.apply(&mut policy, &mut problems);
    }
    let types = EventTypeChanges::of_new(&object, &mut problems);
    let (Some(name), Some(enabled), Some(endpoint)) = (name, enabled, endpoint) else {
        return problems.finish(()).and(Err(SocotraFailure::Internal));
    };
    let mut webhook = Webhook::new(organization, key, name, endpoint.url.clone(), now);
    webhook.active = enabled;
    set_endpoint(&mut webhook, endpoint);
    webhook.policy = Some(policy);
    types.apply(&mut webhook, &mut problems);
    problems.finish(webhook)
}

/// Refuses a new webhook if the host of its endpoint or alert endpoint is this service's own.
///
/// # Errors
///
/// 400 with one error for each such URL.
pub fn elsewhere(webhook: Webhook, own: &OwnHosts) -> Result<Webhook, SocotraFailure> {
    let alert = webhook.policy.as_ref().and_then(|policy| policy.alert_endpoint.as_ref());
    let alert = alert.map(|endpoint| ("failureHandling.alertEndpoint.url".to_owned(), &endpoint.url));
    refuse_own([("endpoint.url".to_owned(), &webhook.endpoint.url)].into_iter().chain(alert), own)?;
    Ok(webhook)
}

fn refuse_own<'a>(urls: impl Iterator<Item = (String, &'a Secret)>, own: &OwnHosts) -> Result<(), SocotraFailure> {
    let mut problems = Problems::default();
    for (place, _) in urls.filter(|(_, url)| own.include(url)) {
        problems.add(place, "must not lead to this service itself");
    }
    problems.finish(())
}

/// A parsed UpdateWebhookRequest. Only the given members change.
#[derive(Clone, Debug)]
pub struct WebhookChanges {
    name: Option<String>,
    enabled: Option<bool>,
    endpoint: Option<EndpointChanges>,
    remove_failure_handling: bool,
    failure_handling: Option<FailureHandlingChanges>,
    event_types: EventTypeChanges,
}

impl WebhookChanges {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// 400 with one error for each field that is invalid by itself, independently of the webhook to change.
    pub fn parse(body: &Value) -> Result<Self, SocotraFailure> {
        let (object, mut problems) = (Object::body(body)?, Problems::default());
        let endpoint = object.object("endpoint", &mut problems);
        let failure_handling = object.object("failureHandling", &mut problems);
        let changes = Self {
            name: name(&object, &mut problems),
            enabled: object.boolean("enabled", &mut problems),
            endpoint: endpoint.map(|object| EndpointChanges::of_update(&object, &mut problems)),
            remove_failure_handling: object.boolean("removeFailureHandling", &mut problems).unwrap_or(false),
            failure_handling: failure_handling.map(|object| FailureHandlingChanges::of_update(&object, &mut problems)),
            event_types: EventTypeChanges::of_update(&object, &mut problems),
        };
        problems.finish(changes)
    }

    /// Returns which parts of the endpoint and of the `alertEndpoint` the request sets.
    #[must_use]
    pub fn given(&self) -> (Given, Given) {
        let alert = self.failure_handling.as_ref().map(FailureHandlingChanges::given);
        (self.endpoint.as_ref().map(EndpointChanges::given).unwrap_or_default(), alert.unwrap_or_default())
    }

    /// Refuses URLs whose host is this service's own.
    ///
    /// # Errors
    ///
    /// 400 with one error for each such URL.
    pub fn elsewhere(self, own: &OwnHosts) -> Result<Self, SocotraFailure> {
        let alert = self.failure_handling.as_ref().and_then(FailureHandlingChanges::alert_endpoint);
        let urls = self.endpoint.iter().chain(alert).filter_map(EndpointChanges::url);
        refuse_own(urls, own)?;
        Ok(self)
    }

    /// Applies the changes. At every level, removals come first. Removing the failure handling restores the default.
    ///
    /// # Errors
    ///
    /// 400 with one error for each change that is not possible for this webhook.
    pub fn apply(&self, webhook: &mut Webhook, now: Timestamp) -> Result<(), SocotraFailure> {
        let mut problems = Problems::default();
        if let Some(name) = &self.name {
            webhook.name.clone_from(name);
        }
        webhook.active = self.enabled.unwrap_or(webhook.active);
        if let Some(changes) = &self.endpoint {
            let endpoint = changes.apply(Some(endpoint_of(webhook)), &mut problems);
            set_endpoint(webhook, endpoint);
        }
        let mut policy = webhook.policy.take().filter(|_| !self.remove_failure_handling).unwrap_or_default();
        if let Some(changes) = &self.failure_handling {
            changes.apply(&mut policy, &mut problems);
        }
        webhook.policy = Some(policy);
        self.event_types.apply(webhook, &mut problems);
        webhook.updated = now;
        problems.finish(())
    }
}

fn name(object: &Object<'_>, problems: &mut Problems) -> Option<String> {
    let name = object.text("name", problems)?;
    if name.trim().is_empty() || name.chars().count() > NAME_MOST {
        problems.add(object.place("name"), format!("must have 1 to {NAME_MOST} characters and not be blank"));
    }
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::json;

    use super::{super::event_types::TOO_MANY, *};
    use crate::domain::{Api, Suspension};

    fn made(body: &Value) -> Result<Webhook, SocotraFailure> {
        let key = WebhookKey { api: Api::Socotra, id: "01JQNX4T2B0000000000000001".to_owned() };
        new_webhook(body, OrganizationId::parse("acme").unwrap(), key, Timestamp(0))
    }

    fn minimal() -> Value {
        json!({"name": "n", "enabled": true, "endpoint": {"url": "https://example.com/h"}, "eventTypes": ["a.b", "c", "a.b"]})
    }

    fn changed(webhook: &Webhook, body: &Value) -> Result<Webhook, SocotraFailure> {
        let mut webhook = webhook.clone();
        WebhookChanges::parse(body)?.apply(&mut webhook, Timestamp(1)).map(|()| webhook)
    }

    fn types(webhook: &Webhook) -> Vec<&str> {
        event_types_of(webhook).collect()
    }

    #[test]
    fn a_webhook_is_shown_in_the_documented_order() {
        let mut webhook = made(&minimal()).unwrap();
        insta::assert_snapshot!(serde_json::to_string(&WebhookBody::new(&webhook, Sight::READING)).unwrap(), @r#"{"locator":"01JQNX4T2B0000000000000001","name":"n","enabled":true,"endpoint":{"url":"https://example.com/h","headers":{},"secureSsl":true,"hmacEnabled":false,"secret":null,"tag":null},"failureHandling":{"alertEndpoint":null,"divert":false,"suspend":false,"triggers":["4xx","5xx","timeout"],"retryStrategy":null},"suspended":false,"eventTypes":["a.b","c"]}"#);
        webhook.suspended = Some(Suspension { at: Timestamp(0), reason: String::new(), endpoint_gone: true });
        let shown = serde_json::to_value(WebhookBody::new(&webhook, Sight::READING)).unwrap();
        assert_eq!((&shown["suspended"], &shown["suspendedAt"]), (&json!(true), &json!("1970-01-01T00:00:00.000Z")));
        assert_eq!(webhook.policy, Some(FailurePolicy::default()), "the default is kept, so that drain goes by it");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let fields = |body: Value| match made(&body) {
            Err(SocotraFailure::Invalid(errors)) => {
                errors.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" ")
            }
            other => format!("{other:?}"),
        };
        assert_eq!(fields(json!({})), "name enabled endpoint eventTypes");
        assert_eq!(fields(json!([])), "");
        let wrong = json!({"name": " ", "enabled": "yes", "endpoint": {"headers": []}, "eventTypes": ["a..b"],
            "failureHandling": {"retryStrategy": {"attempts": 0}}});
        let places = "name enabled endpoint.headers endpoint.url failureHandling.retryStrategy.attempts \
                      failureHandling.retryStrategy.type failureHandling.retryStrategy.interval eventTypes";
        assert_eq!(fields(wrong), places);
        let mut many = minimal();
        many["eventTypes"] = (0..=Webhook::MAX_SUBSCRIPTIONS).map(|n| json!(format!("t{n}"))).collect();
        assert_eq!(fields(many), "eventTypes");
    }

    #[test]
    fn an_item_that_is_removed_and_added_is_there() {
        let webhook = made(&minimal()).unwrap();
        let body =
            json!({"removeEventTypes": ["a.b", "c", "not a type"], "addEventTypes": ["d", "c", "d"], "name": "m"});
        let after = changed(&webhook, &body).unwrap();
        assert_eq!((types(&after), after.name.as_str(), after.active), (vec!["d", "c"], "m", true));
        assert_eq!(types(&changed(&webhook, &json!({"addEventTypes": ["c"]})).unwrap()), ["a.b", "c"]);
        let policy = json!({"failureHandling": {"divert": true, "removeTriggers": ["4xx"]}, "enabled": false});
        let diverting = changed(&webhook, &policy).unwrap();
        assert!(!diverting.active);
        let body = json!({"removeFailureHandling": true, "failureHandling": {"suspend": true}});
        let after = changed(&diverting, &body).unwrap().policy;
        assert_eq!(after, Some(FailurePolicy { suspend: true, ..FailurePolicy::default() }));
    }

    #[test]
    fn the_limit_of_types_holds_for_what_an_update_adds_up_to() {
        let webhook = made(&minimal()).unwrap();
        let added: Vec<_> = (0..39).map(|n| format!("t{n}")).collect();
        let refused = changed(&webhook, &json!({"addEventTypes": added}));
        assert_eq!(refused.map(|_| ()), Err(SocotraFailure::field("addEventTypes", TOO_MANY)));
        assert!(changed(&webhook, &json!({"addEventTypes": added, "removeEventTypes": ["c"]})).is_ok());
    }

    #[test]
    fn a_new_url_lifts_the_suspension_of_an_endpoint_that_was_gone() {
        let mut webhook = made(&minimal()).unwrap();
        webhook.suspended = Some(Suspension { at: Timestamp(0), reason: String::new(), endpoint_gone: true });
        let moved = changed(&webhook, &json!({"endpoint": {"url": "https://example.com/other"}})).unwrap();
        assert!(moved.suspended.is_none());
        let same = changed(&webhook, &json!({"endpoint": {"url": "https://example.com/h"}})).unwrap();
        assert!(same.suspended.is_some());
    }

    proptest! {
        #[test]
        fn an_update_is_removal_then_addition(
            had in prop::collection::btree_set("[a-e]", 0..5),
            removed in prop::collection::btree_set("[a-e]", 0..5),
            added in prop::collection::btree_set("[a-e]", 0..5),
        ) {
            let mut body = minimal();
            body["eventTypes"] = json!(had);
            let after = changed(&made(&body).unwrap(), &json!({"removeEventTypes": removed, "addEventTypes": added})).unwrap();
            let oracle: BTreeSet<_> = had.difference(&removed).chain(&added).map(String::as_str).collect();
            prop_assert_eq!(types(&after).len(), oracle.len());
            prop_assert_eq!(types(&after).into_iter().collect::<BTreeSet<_>>(), oracle);
        }

        #[test]
        fn no_body_makes_it_panic_or_shows_a_credential(text in "\\PC{0,60}") {
            let body = serde_json::from_str(&text).unwrap_or(json!({"name": text, "endpoint": {"url": text}, "eventTypes": [text]}));
            let _ = made(&body);
            let _ = WebhookChanges::parse(&body);
            if let Ok(webhook) = made(&minimal()) {
                let shown = format!("{:?}", WebhookBody::new(&webhook, Sight::READING));
                prop_assert!(!shown.contains("example.com"));
            }
        }
    }
}
