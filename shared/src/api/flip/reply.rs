//! Webhooks in replies. Flip's documents print no response. Where they name a key, it is used; all keys are in Flip's
//! snake case.

use serde::Serialize;

use super::{FlipFailure, subscription};
use crate::{
    api::common::SuspensionBody,
    domain::{Hold, Moment, Secret, Webhook},
    http::Request,
};

/// A webhook. `authentication` is there only if it was asked for, `suspension` only while it is suspended.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
pub struct WebhookBody<'a> {
    id: &'a str,
    url: &'a Secret,
    status: Status,
    subscription: SubscriptionBody<'a>,
    created_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "SuspensionBody"))]
    suspension: Option<SuspensionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "AuthenticationBody<'_>"))]
    authentication: Option<AuthenticationBody<'a>>,
}

/// Whether events are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    /// Events are delivered.
    Active,
    /// Its owner has paused the webhook; events are buffered.
    Paused,
    /// The system has stopped delivery after failures; events are buffered.
    Suspended,
}

/// What it wants: event types, or prefixes of their dotted segments.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Subscription"))]
struct SubscriptionBody<'a> {
    event_types: Vec<&'a str>,
}

/// The secret that signs deliveries now.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Authentication"))]
struct AuthenticationBody<'a> {
    signing_secret: &'a Secret,
}

impl<'a> WebhookBody<'a> {
    /// Builds the reply for a webhook. It has the signing secret only if `authentication` is true.
    #[must_use]
    pub fn new(webhook: &'a Webhook, authentication: bool) -> Self {
        let secret = webhook.endpoint.signing_secrets.first().filter(|_| authentication);
        Self {
            id: &webhook.key.id,
            url: &webhook.endpoint.url,
            status: match webhook.hold() {
                None => Status::Active,
                // Flip's API cannot deactivate a webhook, and a deleted one is never shown.
                Some(Hold::Paused | Hold::Inactive | Hold::Deleted) => Status::Paused,
                Some(Hold::Suspended) => Status::Suspended,
            },
            subscription: SubscriptionBody { event_types: subscription::shown(webhook) },
            created_at: webhook.created.into(),
            suspension: SuspensionBody::of(webhook),
            authentication: secret.map(|signing_secret| AuthenticationBody { signing_secret }),
        }
    }
}

/// A list of webhooks: an object, so that it may get a cursor some day.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhooks"))]
pub struct WebhooksBody<'a> {
    webhooks: Vec<WebhookBody<'a>>,
}

impl<'a> WebhooksBody<'a> {
    /// Builds the list, in the order of `webhooks`. It has signing secrets only if `authentication` is true.
    pub fn new(webhooks: impl Iterator<Item = &'a Webhook>, authentication: bool) -> Self {
        Self { webhooks: webhooks.map(|webhook| WebhookBody::new(webhook, authentication)).collect() }
    }
}

/// What DELETE answers with its 200.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DeletedWebhook"))]
pub struct DeletedBody<'a> {
    /// The id of the webhook that was deleted.
    pub id: &'a str,
}

/// Reads the query parameter `show_authentication`, in upper or lower case. It is false by default.
///
/// # Errors
///
/// 400 if the value is neither `true` nor `false`.
pub fn shows_authentication(request: &Request) -> Result<bool, FlipFailure> {
    let name = "show_authentication";
    match request.parameter(name).map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(FlipFailure::Parameter(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Api, OrganizationId, Suspension, Timestamp, WebhookKey};

    #[test]
    fn the_status_follows_the_state_and_secrets_show_only_when_asked_for() {
        let key = WebhookKey { api: Api::Flip, id: "i".to_owned() };
        let url = Secret::new("https://example.com/");
        let mut webhook = Webhook::new(OrganizationId::parse("acme").unwrap(), key, String::new(), url, Timestamp(0));
        webhook.endpoint.signing_secrets = vec![Secret::new("whsec_new"), Secret::new("whsec_old")];
        let shown = |webhook: &Webhook, authentication| {
            serde_json::to_string(&WebhookBody::new(webhook, authentication)).unwrap()
        };
        insta::assert_snapshot!(shown(&webhook, true), @r#"{"id":"i","url":"https://example.com/","status":"ACTIVE","subscription":{"event_types":[]},"created_at":"1970-01-01T00:00:00.000Z","authentication":{"signing_secret":"whsec_new"}}"#);
        webhook.suspended = Some(Suspension { at: Timestamp(1), reason: "gone".to_owned(), endpoint_gone: true });
        insta::assert_snapshot!(shown(&webhook, false), @r#"{"id":"i","url":"https://example.com/","status":"SUSPENDED","subscription":{"event_types":[]},"created_at":"1970-01-01T00:00:00.000Z","suspension":{"since":"1970-01-01T00:00:00.001Z","reason":"gone"}}"#);
        webhook.pause(Timestamp(2));
        assert!(shown(&webhook, false).contains(r#""status":"PAUSED""#));
    }

    #[test]
    fn the_parameter_is_a_boolean() {
        let of = |value: &str| {
            let query = vec![("show_authentication".to_owned(), value.to_owned())];
            shows_authentication(&Request { query, ..Request::default() })
        };
        assert_eq!((of("true"), of("TRUE"), of("false")), (Ok(true), Ok(true), Ok(false)));
        assert_eq!(shows_authentication(&Request::default()), Ok(false));
        for value in ["", "1", "yes", "x"] {
            assert_eq!(of(value), Err(FlipFailure::Parameter("show_authentication")), "{value}");
        }
    }
}
