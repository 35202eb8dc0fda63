//! The bodies of POST and PATCH. Source: docs/apis/akinon.md: `name`, `url`, `headers`, `active`, `events`; unknown
//! keys are ignored.

use serde_json::Value;

use super::{
    failure::{AkinonFailure, FieldError},
    fields::Fields,
};
use crate::{
    delivery::standard_webhooks,
    domain::{Caller, Secret, Subscription, Timestamp, Webhook, WebhookKey},
    http::OwnHosts,
};

/// A valid request to create a webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWebhook {
    /// Its name. Required; 1 to 255 code points, not all of them white space.
    pub name: String,
    /// The URL that events are delivered to. Required; uses https.
    pub url: Secret,
    /// Headers of each delivery. Empty by default.
    pub headers: Vec<(String, Vec<Secret>)>,
    /// Whether the webhook is active. True by default.
    pub active: bool,
    /// The event types to deliver. Required; at most 40, and may be empty.
    pub events: Vec<Subscription>,
}

impl NewWebhook {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid field, or if the body is not an object.
    pub fn parse(body: &Value) -> Result<Self, AkinonFailure> {
        let mut fields = Fields::of(body, true)?;
        let (name, url, headers) = (fields.name(), fields.url(), fields.headers().unwrap_or_default());
        let (active, events) = (fields.active().unwrap_or(true), fields.events());
        let new = name.zip(url).zip(events);
        fields.finish(new.map(|((name, url), events)| Self { name, url, headers, active, events }))
    }

    /// Refuses a URL whose host is this service's own.
    ///
    /// # Errors
    ///
    /// 400 with an error for `url` if the host is this service's own.
    pub fn elsewhere(self, own: &OwnHosts) -> Result<Self, AkinonFailure> {
        refuse_own(Some(&self.url), own)?;
        Ok(self)
    }

    /// Builds the webhook with the given key in the project. `secret` becomes its new signing secret.
    #[must_use]
    pub fn webhook(
        self,
        caller: &Caller,
        project: String,
        key: WebhookKey,
        secret: [u8; 32],
        now: Timestamp,
    ) -> Webhook {
        let mut webhook = Webhook::new(caller.organization.id.clone(), key, self.name, self.url, now);
        webhook.project = Some(project);
        webhook.endpoint.headers = self.headers;
        webhook.active = self.active;
        webhook.subscriptions = self.events;
        webhook.endpoint.signing_secrets = vec![standard_webhooks::generate(secret)];
        webhook
    }
}

fn refuse_own(url: Option<&Secret>, own: &OwnHosts) -> Result<(), AkinonFailure> {
    if url.is_some_and(|url| own.include(url)) {
        let message = "url must not lead to this service itself".to_owned();
        return Err(AkinonFailure::Validation(vec![FieldError { field: "url", message }]));
    }
    Ok(())
}

/// A valid request to change a webhook. Only the given fields change, and each is replaced as a whole. Defaults are not
/// applied again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebhookChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new URL.
    pub url: Option<Secret>,
    /// The headers that replace all present ones.
    pub headers: Option<Vec<(String, Vec<Secret>)>>,
    /// Whether the webhook is to be active.
    pub active: Option<bool>,
    /// The event types that replace all present ones.
    pub events: Option<Vec<Subscription>>,
}

impl WebhookChanges {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid field, or if the body is not an object.
    pub fn parse(body: &Value) -> Result<Self, AkinonFailure> {
        let mut fields = Fields::of(body, false)?;
        let changes = Self {
            name: fields.name(),
            url: fields.url(),
            headers: fields.headers(),
            active: fields.active(),
            events: fields.events(),
        };
        fields.finish(Some(changes))
    }

    /// Refuses a URL whose host is this service's own.
    ///
    /// # Errors
    ///
    /// 400 with an error for `url` if the host is this service's own.
    pub fn elsewhere(self, own: &OwnHosts) -> Result<Self, AkinonFailure> {
        refuse_own(self.url.as_ref(), own)?;
        Ok(self)
    }

    /// Returns whether the request changes nothing that subscriptions or queues depend on, that is, at most the name.
    #[must_use]
    pub fn only_describes(&self) -> bool {
        self.url.is_none() && self.headers.is_none() && self.active.is_none() && self.events.is_none()
    }

    /// Applies the changes. `active: true` also resumes delivery that the system suspended, because this API has no
    /// other way to do so.
    pub fn apply(&self, webhook: &mut Webhook, now: Timestamp) {
        if let Some(name) = &self.name {
            webhook.name.clone_from(name);
        }
        if let Some(url) = &self.url {
            webhook.move_to(url.clone());
        }
        if let Some(headers) = &self.headers {
            webhook.endpoint.headers.clone_from(headers);
        }
        if let Some(events) = &self.events {
            webhook.subscriptions.clone_from(events);
        }
        if let Some(active) = self.active {
            webhook.active = active;
            if active {
                webhook.unsuspend();
            }
        }
        webhook.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        domain::{Api, OrganizationId, Suspension},
        http::Reply,
    };

    fn complaint(failure: AkinonFailure) -> String {
        Reply::from(failure).body.unwrap()
    }

    #[test]
    fn a_new_webhook_has_the_documented_defaults() {
        let new = NewWebhook::parse(&json!({"name": "n", "url": "https://a.example/?x=1", "events": [], "_id": 1}));
        let new = new.unwrap();
        assert!(new.active && new.headers.is_empty() && new.events.is_empty());
    }

    #[test]
    fn everything_wrong_is_said_at_once_in_the_order_of_the_documents() {
        insta::assert_snapshot!(complaint(NewWebhook::parse(&json!({"headers": [], "active": "x"})).unwrap_err()));
        let body = json!({"name": " ", "url": "http://a.example", "headers": {"a b": "c"}, "events": ["a..b"]});
        insta::assert_snapshot!(complaint(WebhookChanges::parse(&body).unwrap_err()));
        assert_eq!(NewWebhook::parse(&json!([])), Err(AkinonFailure::NotAnObject));
    }

    #[test]
    fn header_values_are_strings() {
        for value in [json!(1), json!(true), json!(null), json!(["a"]), json!({"a": "b"})] {
            let failure = WebhookChanges::parse(&json!({"headers": {"X-Key": value}})).unwrap_err();
            assert!(complaint(failure).contains("headers must be an object of strings"), "{value}");
        }
        assert!(WebhookChanges::parse(&json!({"headers": {}})).is_ok());
    }

    #[test]
    fn a_patch_replaces_what_is_given_and_nothing_else() {
        let key = WebhookKey { api: Api::Akinon, id: "w".to_owned() };
        let url = Secret::new("https://a.example/");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, "n".to_owned(), url, Timestamp(0));
        let full = json!({"headers": {"A": "1", "B": "2"}, "events": ["x", "y"], "active": false});
        WebhookChanges::parse(&full).unwrap().apply(&mut webhook, Timestamp(1));
        let before = webhook.clone();
        WebhookChanges::parse(&json!({})).unwrap().apply(&mut webhook, Timestamp(1));
        assert_eq!(webhook, before, "no default is applied again");
        let change = WebhookChanges::parse(&json!({"headers": {"C": "3"}, "events": ["z"]})).unwrap();
        change.apply(&mut webhook, Timestamp(2));
        assert_eq!(webhook.endpoint.headers, [("C".to_owned(), vec![Secret::new("3")])]);
        assert_eq!(webhook.subscriptions.len(), 1);
        assert!(!webhook.active && webhook.updated == Timestamp(2));
    }

    #[test]
    fn only_switching_it_on_resumes_what_the_system_stopped() {
        let key = WebhookKey { api: Api::Akinon, id: "w".to_owned() };
        let url = Secret::new("https://a.example/");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, "n".to_owned(), url, Timestamp(0));
        webhook.suspended = Some(Suspension { at: Timestamp(1), reason: "r".to_owned(), endpoint_gone: false });
        let mut apply = |body: Value| {
            WebhookChanges::parse(&body).unwrap().apply(&mut webhook, Timestamp(2));
            webhook.suspended.is_some()
        };
        assert!(apply(json!({"name": "m", "headers": {}, "events": []})));
        assert!(apply(json!({"active": false})));
        assert!(!apply(json!({"active": true})));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_repeat_a_value(text in "\\PC{0,40}") {
            let body = serde_json::from_str(&text).unwrap_or(json!({"name": text, "url": text, "events": [text]}));
            let _ = NewWebhook::parse(&body);
            let body = json!({"url": format!("https://u:hidden@{text}"), "headers": {"X": format!("hidden\u{0}{text}")}});
            let failure = complaint(WebhookChanges::parse(&body).unwrap_err());
            prop_assert!(!failure.contains("hidden"));
        }
    }
}
