//! Webhooks in requests and replies. Source: docs/apis/sdelements.md.

use serde::Serialize;

use super::{
    SdElementsFailure,
    fields::{Fields, Text},
    python::Value,
};
use crate::{
    domain::{Moment, Secret, Timestamp, Webhook},
    validation::{slack_compatible_url, slack_url},
};

pub(super) const NAME: Text = Text { most: 140, blank: false };
pub(super) const DESCRIPTION: Text = Text { most: 1024, blank: true };
const URL: Text = Text { most: slack_url::MAX, blank: false };

/// A webhook as its super users see it, its keys in the documented order. The URL is shown whole, as in the documents.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
pub struct WebhookBody<'a> {
    id: u64,
    name: &'a str,
    url: &'a Secret,
    description: &'a str,
    integration_type: &'static str,
    active: bool,
    created: Moment,
    updated: Moment,
}

impl<'a> From<&'a Webhook> for WebhookBody<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Self {
            id: webhook.key.number(),
            name: &webhook.name,
            url: &webhook.endpoint.url,
            description: &webhook.description,
            integration_type: "slack",
            active: webhook.active,
            created: webhook.created.into(),
            updated: webhook.updated.into(),
        }
    }
}

/// A valid request to create a webhook. `integration_type` and unknown keys are ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWebhook {
    /// Its name. Required; 1 to 140 code points after trimming.
    pub name: String,
    /// The URL of an incoming webhook of Slack or of a Slack-compatible receiver. Required.
    pub url: Secret,
    /// Its description. At most 1,024 code points; empty by default.
    pub description: String,
    /// Whether the webhook is active. True by default.
    pub active: bool,
}

impl NewWebhook {
    /// Parses a body. Besides Slack's URLs, those on one of the `hosts` are accepted, the organization's Slack-compatible
    /// ones.
    ///
    /// # Errors
    ///
    /// 400 with the messages for each invalid field.
    pub fn parse(body: &Value, hosts: &[String]) -> Result<Self, SdElementsFailure> {
        let mut fields = Fields::of(body, false)?;
        let (name, url) = (fields.text("name", true, &NAME), url(&mut fields, true, hosts));
        let description = fields.text("description", false, &DESCRIPTION).unwrap_or_default();
        let active = fields.boolean("active").unwrap_or(true);
        let new = name.zip(url).map(|(name, url)| Self { name, url, description, active });
        fields.finish(new)
    }
}

/// A valid request to change a webhook. Only the given fields change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebhookChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new URL.
    pub url: Option<Secret>,
    /// A new description.
    pub description: Option<String>,
    /// Whether the webhook is to be active.
    pub active: Option<bool>,
}

impl WebhookChanges {
    /// Parses a body. Besides Slack's URLs, those on one of the `hosts` are accepted, the organization's Slack-compatible
    /// ones.
    ///
    /// # Errors
    ///
    /// 400 with the messages for each invalid field.
    pub fn parse(body: &Value, hosts: &[String]) -> Result<Self, SdElementsFailure> {
        let mut fields = Fields::of(body, true)?;
        let changes = Self {
            name: fields.text("name", false, &NAME),
            url: url(&mut fields, false, hosts),
            description: fields.text("description", false, &DESCRIPTION),
            active: fields.boolean("active"),
        };
        fields.finish(Some(changes))
    }

    /// Returns whether the request changes nothing that subscriptions or queues depend on, that is, at most the name
    /// and the description.
    #[must_use]
    pub fn only_describes(&self) -> bool {
        self.url.is_none() && self.active.is_none()
    }

    /// Applies the changes to the webhook and sets its time of update.
    pub fn apply(&self, webhook: &mut Webhook, now: Timestamp) {
        if let Some(name) = &self.name {
            webhook.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            webhook.description.clone_from(description);
        }
        if let Some(url) = &self.url {
            webhook.move_to(url.clone());
        }
        webhook.active = self.active.unwrap_or(webhook.active);
        webhook.updated = now;
    }
}

fn url(fields: &mut Fields<'_>, required: bool, hosts: &[String]) -> Option<Secret> {
    let text = fields.url("url", required, &URL)?;
    if slack_url::is_valid(&text) || slack_compatible_url::is_valid(&text, hosts) {
        return Some(Secret::new(text));
    }
    fields.fail("url", not_slacks(hosts));
    None
}

/// The message for a URL that is neither Slack's nor on one of the hosts.
fn not_slacks(hosts: &[String]) -> String {
    let slack = "Enter the URL of a Slack webhook: https://hooks.slack.com/services/... or \
                 https://hooks.slack-gov.com/services/...";
    let others = hosts.iter().map(|host| format!(", or https://{host}/..."));
    std::iter::once(slack.to_owned()).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::python::parse, *};
    use proptest::prelude::*;

    const GOOD: &str = "https://hooks.slack.com/services/T0/B0/X0";

    #[test]
    fn a_new_webhook_has_the_documented_defaults_and_ignores_read_only_keys() {
        let body =
            format!(r#"{{"name": " n ", "url": "{GOOD}", "integration_type": "teams", "id": 9, "\ud83d": "\ud83d"}}"#);
        let new = NewWebhook::parse(&parse(&body).unwrap(), &[]).unwrap();
        assert_eq!((new.name.as_str(), new.description.as_str(), new.active), ("n", "", true));
    }

    #[test]
    fn everything_wrong_is_said_at_once_in_the_order_of_the_fields() {
        let failure = NewWebhook::parse(
            &parse(r#"{"url": "ftp://x.example", "description": null, "active": "x"}"#).unwrap(),
            &[],
        )
        .unwrap_err();
        insta::assert_snapshot!(crate::http::Reply::from(failure).body.unwrap(), @r#"{"name":["This field is required."],"url":["Enter the URL of a Slack webhook: https://hooks.slack.com/services/... or https://hooks.slack-gov.com/services/..."],"description":["This field may not be null."],"active":["Must be a valid boolean."]}"#);
    }

    #[test]
    fn urls_of_other_hosts_are_taken_only_where_the_organization_names_them() {
        let body = |url: &str| parse(&format!(r#"{{"name": "n", "url": "{url}"}}"#)).unwrap();
        let (ours, other) = (body("https://chat.example.com/hooks/x"), body("https://other.example/hooks/x"));
        let hosts = ["chat.example.com".to_owned(), "discord.com".to_owned()];
        assert!(NewWebhook::parse(&ours, &[]).is_err() && WebhookChanges::parse(&ours, &[]).is_err());
        assert!(NewWebhook::parse(&ours, &hosts).is_ok() && WebhookChanges::parse(&ours, &hosts).is_ok());
        assert!(NewWebhook::parse(&body(GOOD), &hosts).is_ok());
        let refused = NewWebhook::parse(&other, &hosts).unwrap_err();
        insta::assert_snapshot!(crate::http::Reply::from(refused).body.unwrap(), @r#"{"url":["Enter the URL of a Slack webhook: https://hooks.slack.com/services/... or https://hooks.slack-gov.com/services/..., or https://chat.example.com/..., or https://discord.com/..."]}"#);
    }

    #[test]
    fn a_body_that_is_no_object_is_named_as_python_names_it() {
        for (body, kind) in [("[]", "list"), ("\"x\"", "str"), ("1", "int"), ("1.5", "float"), ("true", "bool")] {
            let message = format!("Invalid data. Expected a dictionary, but got {kind}.");
            assert_eq!(
                NewWebhook::parse(&parse(body).unwrap(), &[]),
                Err(SdElementsFailure::field("non_field_errors", message))
            );
        }
    }

    #[test]
    fn limits_are_code_points_after_trimming() {
        let with = |name: String, description: String| {
            let body = format!(r#"{{"name": "{name}", "url": "{GOOD}", "description": "{description}"}}"#);
            NewWebhook::parse(&parse(&body).unwrap(), &[]).is_ok()
        };
        assert!(with(format!(" {} ", "é".repeat(140)), "日".repeat(1024)));
        assert!(!with("é".repeat(141), String::new()));
        assert!(!with("n".to_owned(), "日".repeat(1025)));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_show_the_url(text in "\\PC{0,60}") {
            let quoted = serde_json::to_string(&text).unwrap();
            let body = parse(&text).or_else(|_| parse(&format!(r#"{{"name": {quoted}, "url": {quoted}, "active": {quoted}}}"#)));
            let _ = NewWebhook::parse(&body.unwrap(), &[]);
            let body = parse(&format!(r#"{{"url": "{GOOD}{}"}}"#, text.len())).unwrap();
            if let Ok(changes) = WebhookChanges::parse(&body, &[]) {
                let shown = format!("{changes:?}");
                prop_assert!(!shown.contains("/services/"));
            }
        }
    }
}
