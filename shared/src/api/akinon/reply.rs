//! Webhooks in replies (docs/apis/akinon.md). The documents show a Project as the reply to POST. That is a mistake in
//! them: the reply is the webhook.

use serde::{Serialize, Serializer};

use crate::{
    api::common::{Shown, SuspensionBody},
    domain::{Caller, Moment, Permission, Secret, Webhook},
};

/// How much of a webhook a reply shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Whether the caller may read webhooks. Other callers see no header values, no secrets, no reason of a suspension,
    /// and no URL except one that they just set.
    reads: bool,
    /// Whether this request set the URL.
    gave_url: bool,
}

impl Sight {
    /// Decides what the reply shows to this caller. `gave_url` says whether the request set the URL.
    #[must_use]
    pub fn of(caller: &Caller, gave_url: bool) -> Self {
        Self { reads: caller.may(Permission::WebhooksRead), gave_url }
    }
}

/// A webhook, its headers whole for who may read them. `suspension` is there only while the system has stopped delivery.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
pub struct WebhookBody<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    name: &'a str,
    #[cfg_attr(feature = "openapi", schemars(with = "Secret"))]
    url: Shown<'a>,
    #[serde(serialize_with = "object")]
    #[cfg_attr(feature = "openapi", schemars(with = "std::collections::BTreeMap<String, String>"))]
    headers: (&'a [(String, Vec<Secret>)], bool),
    active: bool,
    events: Vec<&'a str>,
    created_at: Moment,
    updated_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "SuspensionBody"))]
    suspension: Option<SuspensionBody>,
}

impl<'a> WebhookBody<'a> {
    /// Builds the reply for a webhook, with as much of it as `sight` allows.
    #[must_use]
    pub fn new(webhook: &'a Webhook, sight: Sight) -> Self {
        let suspension = SuspensionBody::of(webhook);
        Self {
            id: &webhook.key.id,
            name: &webhook.name,
            url: Shown::of(&webhook.endpoint.url, sight.reads || sight.gave_url),
            headers: (&webhook.endpoint.headers, sight.reads),
            active: webhook.active,
            events: webhook.subscriptions.iter().map(|subscription| subscription.pattern.as_str()).collect(),
            created_at: webhook.created.into(),
            updated_at: webhook.updated.into(),
            suspension: if sight.reads { suspension } else { suspension.map(SuspensionBody::masked) },
        }
    }
}

/// A new webhook, with the secret that signs its deliveries: it is not shown again, and masked for who may not read webhooks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatedWebhook"))]
pub struct CreatedBody<'a> {
    #[serde(flatten)]
    webhook: WebhookBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Secret"))]
    signing_secret: Option<Shown<'a>>,
}

impl<'a> CreatedBody<'a> {
    /// Builds the reply for a webhook, with as much of it as `sight` allows.
    #[must_use]
    pub fn new(webhook: &'a Webhook, sight: Sight) -> Self {
        let signing_secret = webhook.endpoint.signing_secrets.first().map(|secret| Shown::of(secret, sight.reads));
        Self { webhook: WebhookBody::new(webhook, sight), signing_secret }
    }
}

/// Serializes headers as an object of strings, as they were given. Values are masked unless they may be shown.
fn object<S: Serializer>(
    (headers, shown): &(&[(String, Vec<Secret>)], bool),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().filter_map(|(name, values)| Some((name, Shown::of(values.first()?, *shown)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Api, OrganizationId, Pattern, Subscription, Suspension, Timestamp, WebhookKey};

    #[test]
    fn a_webhook_has_the_documented_keys_and_shows_its_secret_once() {
        let key = WebhookKey { api: Api::Akinon, id: "i".to_owned() };
        let url = Secret::new("https://example.com/");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, "n".to_owned(), url, Timestamp(0));
        webhook.endpoint.headers =
            vec![("X-Key".to_owned(), vec![Secret::new("k")]), ("A".to_owned(), vec![Secret::new("")])];
        webhook.endpoint.signing_secrets = vec![Secret::new("whsec_s")];
        let pattern = Pattern::Exact("deployment.build.created".to_owned());
        webhook.subscriptions = vec![Subscription::new(pattern)];
        let reader = Sight { reads: true, gave_url: false };
        insta::assert_snapshot!(serde_json::to_string(&CreatedBody::new(&webhook, reader)).unwrap());
        assert!(!serde_json::to_string(&WebhookBody::new(&webhook, reader)).unwrap().contains("whsec_"));
    }

    #[test]
    fn who_may_not_read_is_shown_no_credential_and_no_reply_of_an_endpoint() {
        let key = WebhookKey { api: Api::Akinon, id: "i".to_owned() };
        let url = Secret::new("https://example.com/hidden");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, "n".to_owned(), url, Timestamp(0));
        webhook.endpoint.headers = vec![("X-Key".to_owned(), vec![Secret::new("hidden")])];
        webhook.endpoint.signing_secrets = vec![Secret::new("hidden")];
        let reason = "hidden".to_owned();
        webhook.suspended = Some(Suspension { at: Timestamp(1), reason, endpoint_gone: true });
        let blind = Sight { reads: false, gave_url: false };
        let shown = serde_json::to_string(&CreatedBody::new(&webhook, blind)).unwrap();
        insta::assert_snapshot!(shown, @r#"{"_id":"i","name":"n","url":"***","headers":{"X-Key":"***"},"active":true,"events":[],"createdAt":"1970-01-01T00:00:00.000Z","updatedAt":"1970-01-01T00:00:00.000Z","suspension":{"since":"1970-01-01T00:00:00.001Z","reason":"***"},"signingSecret":"***"}"#);
        let shown = serde_json::to_string(&WebhookBody::new(&webhook, Sight { gave_url: true, ..blind })).unwrap();
        assert_eq!(shown.matches("hidden").count(), 1, "the URL that he gave: {shown}");
    }
}
