//! The request to register a webhook. Source: docs/apis/flip.md: `subscription` and `url`, both required.

use serde_json::Value;

use super::{
    failure::{Code, FlipFailure},
    subscription,
};
use crate::{
    delivery::standard_webhooks,
    domain::{Caller, Secret, Subscription, Timestamp, Webhook, WebhookKey},
    http::OwnHosts,
    validation::endpoint_url::{self, Refusal},
};

/// A valid request to register a webhook. Unknown keys are ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWebhook {
    /// The URL that events are delivered to. It uses https.
    pub url: Secret,
    /// The event types to deliver: 1 to 40 prefixes.
    pub subscriptions: Vec<Subscription>,
}

impl NewWebhook {
    /// Parses a body. If several things are wrong, only the first is reported, in the order of the documented error
    /// codes.
    ///
    /// # Errors
    ///
    /// 400 with INVALID_SUBSCRIPTION, INVALID_URL or INVALID_URL_IS_NOT_USING_HTTPS; 400 without a code if the body is
    /// not an object.
    pub fn parse(body: &Value) -> Result<Self, FlipFailure> {
        let Value::Object(fields) = body else { return Err(FlipFailure::NotAnObject) };
        let subscriptions = subscription::parse(fields.get("subscription"))?;
        Ok(Self { url: url(fields.get("url"))?, subscriptions })
    }

    /// Refuses a URL whose host is this service's own.
    ///
    /// # Errors
    ///
    /// 400 with INVALID_URL if the host is this service's own.
    pub fn elsewhere(self, own: &OwnHosts) -> Result<Self, FlipFailure> {
        if own.include(&self.url) {
            return Err(FlipFailure::Field(Code::InvalidUrl, "url", "its host is this service's own".to_owned()));
        }
        Ok(self)
    }

    /// Builds the webhook with the given key. The caller owns it, and `secret` becomes its new signing secret.
    #[must_use]
    pub fn webhook(self, caller: &Caller, key: WebhookKey, secret: [u8; 32], now: Timestamp) -> Webhook {
        // Flip's webhooks have no name.
        let mut webhook = Webhook::new(caller.organization.id.clone(), key, String::new(), self.url, now);
        webhook.owner = Some(caller.token.user.clone());
        webhook.subscriptions = self.subscriptions;
        webhook.endpoint.signing_secrets = vec![standard_webhooks::generate(secret)];
        webhook
    }
}

fn url(value: Option<&Value>) -> Result<Secret, FlipFailure> {
    let wrong = |code, why: &str| FlipFailure::Field(code, "url", why.to_owned());
    let Some(Value::String(text)) = value else {
        let why = if value.is_none() { "a URL is required" } else { "the URL is not a string" };
        return Err(wrong(Code::InvalidUrl, why));
    };
    match endpoint_url::check(text) {
        Ok(()) => Ok(Secret::new(text.as_str())),
        Err(Refusal::NotHttps) => Err(wrong(Code::InvalidUrlIsNotUsingHttps, "the URL must use https")),
        Err(Refusal::NotAUrl) => Err(wrong(Code::InvalidUrl, "it is not an absolute URL without user and fragment")),
        Err(Refusal::TooLong) => Err(wrong(Code::InvalidUrl, "a URL has at most 2048 characters")),
        Err(Refusal::NotPublic) => Err(wrong(Code::InvalidUrl, "its host is not on the public internet")),
        Err(Refusal::BadPort) => Err(wrong(Code::InvalidUrl, "its port is that of another protocol")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn code(body: &Value) -> Option<Code> {
        match NewWebhook::parse(body) {
            Err(FlipFailure::Field(code, _, _)) => Some(code),
            _ => None,
        }
    }

    #[test]
    fn each_url_that_is_wrong_has_its_code() {
        let with = |url: Value| code(&json!({"url": url, "subscription": {"event_types": ["chat"]}}));
        assert_eq!(with(json!("https://example.com/hook?x=1")), None);
        assert_eq!(with(json!("http://example.com/")), Some(Code::InvalidUrlIsNotUsingHttps));
        for url in [json!(null), json!(1), json!(""), json!("example.com"), json!("https://10.0.0.1/")] {
            assert_eq!(with(url.clone()), Some(Code::InvalidUrl), "{url}");
        }
    }

    #[test]
    fn the_subscription_is_told_first() {
        assert_eq!(code(&json!({})), Some(Code::InvalidSubscription));
        assert_eq!(code(&json!({"subscription": {"event_types": ["chat"]}})), Some(Code::InvalidUrl));
        assert_eq!(NewWebhook::parse(&json!([])), Err(FlipFailure::NotAnObject));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_repeat_the_url(text in "\\PC{0,40}") {
            let body = json!({"url": format!("https://x y/{text}"), "subscription": {"event_types": ["chat"]}});
            let failure = format!("{:?}", NewWebhook::parse(&body).unwrap_err());
            prop_assert!(!failure.contains("https://x"));
            let _ = NewWebhook::parse(&json!({"url": text, "subscription": {"event_types": [text]}}));
        }
    }
}
