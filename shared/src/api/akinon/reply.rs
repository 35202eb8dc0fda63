//! Webhooks on the wire (apis.md 3.1). The documents show a Project as the answer to POST, which is a slip of theirs: it is
//! answered with the webhook.

use serde::{Serialize, Serializer};

use crate::{
    api::common::SuspensionBody,
    domain::{Moment, Secret, Webhook},
};

/// A webhook, its headers shown whole: who may read them may also replace them. `suspension` is there only while the system
/// has stopped delivery.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
pub struct WebhookBody<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    name: &'a str,
    url: &'a Secret,
    #[serde(serialize_with = "object")]
    #[cfg_attr(feature = "openapi", schemars(with = "std::collections::BTreeMap<String, String>"))]
    headers: &'a [(String, Vec<Secret>)],
    active: bool,
    events: Vec<&'a str>,
    created_at: Moment,
    updated_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "SuspensionBody"))]
    suspension: Option<SuspensionBody>,
}

impl<'a> From<&'a Webhook> for WebhookBody<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Self {
            id: &webhook.key.id,
            name: &webhook.name,
            url: &webhook.url,
            headers: &webhook.headers,
            active: webhook.active,
            events: webhook.subscriptions.iter().map(|subscription| subscription.pattern.as_str()).collect(),
            created_at: webhook.created.into(),
            updated_at: webhook.updated.into(),
            suspension: SuspensionBody::of(webhook),
        }
    }
}

/// A new webhook, with the secret that signs its deliveries: it is not shown again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatedWebhook"))]
pub struct CreatedBody<'a> {
    #[serde(flatten)]
    webhook: WebhookBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Secret"))]
    signing_secret: Option<&'a Secret>,
}

impl<'a> From<&'a Webhook> for CreatedBody<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Self { webhook: webhook.into(), signing_secret: webhook.signing_secrets.first() }
    }
}

/// Headers as they came: an object of strings.
fn object<S: Serializer>(headers: &[(String, Vec<Secret>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().filter_map(|(name, values)| Some((name, values.first()?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Api, OrganizationId, Pattern, Subscription, Timestamp, WebhookKey};

    #[test]
    fn a_webhook_has_the_documented_keys_and_shows_its_secret_once() {
        let key = WebhookKey { api: Api::Akinon, id: "i".to_owned() };
        let url = Secret::new("https://example.com/");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, "n".to_owned(), url, Timestamp(0));
        webhook.headers = vec![("X-Key".to_owned(), vec![Secret::new("k")]), ("A".to_owned(), vec![Secret::new("")])];
        webhook.signing_secrets = vec![Secret::new("whsec_s")];
        let pattern = Pattern::Exact("deployment.build.created".to_owned());
        webhook.subscriptions = vec![Subscription { pattern, active: true, configuration: None }];
        insta::assert_snapshot!(serde_json::to_string(&CreatedBody::from(&webhook)).unwrap());
        assert!(!serde_json::to_string(&WebhookBody::from(&webhook)).unwrap().contains("whsec_"));
    }
}
