//! The form in which a webhook's API delivers: Slack messages, or signed requests in the API's envelope.

use std::time::Duration;

use serde::Serialize;

use super::{
    envelope::{AkinonEvent, FailureNotice, FlipEvent, OperationsEvent, SocotraEvent},
    outcome::SendError,
    redact::Secrets,
    sender::{Post, Success},
    slack, standard_webhooks,
};
use crate::{
    domain::{Api, Attempt, Endpoint, Event, Secret, TargetKind, Timestamp, Webhook},
    encoding::sha256_hex,
    validation::slack_url,
};

/// The time between two messages to one Slack webhook: a little more than the second that Slack asks for.
const SLACK_PACE: Duration = Duration::from_millis(1_050);

/// How many hexadecimal digits of a SHA-256 digest make the id of a notice.
const NOTICE_ID: usize = 32;

/// The form of a webhook's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Block Kit messages to an incoming webhook of Slack: one message a second, with up to twenty events in one.
    Slack,
    /// One event per request, in the API's own envelope, with the headers of Standard Webhooks.
    Standard(Envelope),
}

/// The JSON body of a [`Form::Standard`] request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Flip's body, [`FlipEvent`].
    Flip,
    /// Akinon's body, [`AkinonEvent`].
    Akinon,
    /// Socotra's body, [`SocotraEvent`].
    Socotra,
    /// The body for notification targets, [`OperationsEvent`].
    Operations,
}

/// The header with a delivery's number of hops: how many times its event has come back through the service, this time
/// included. Publishing reads it and refuses too many hops, so a loop through an endpoint ends.
pub const HOPS: &str = "outhook-hops";

impl Form {
    /// The form in which the webhook's API delivers.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Self {
        match webhook.key.api {
            Api::SdElements => Self::Slack,
            Api::Flip => Self::Standard(Envelope::Flip),
            Api::Akinon => Self::Standard(Envelope::Akinon),
            Api::Socotra => Self::Standard(Envelope::Socotra),
            Api::Operations => match webhook.target {
                Some(TargetKind::Slack) => Self::Slack,
                Some(TargetKind::Webhook) | None => Self::Standard(Envelope::Operations),
            },
        }
    }

    /// The most events in one message.
    #[must_use]
    pub fn events_a_message(self) -> usize {
        match self {
            Self::Slack => slack::DIGEST,
            Self::Standard(_) => 1,
        }
    }

    /// The least time between two messages; `None` if there is no limit.
    #[must_use]
    pub fn pace(self) -> Option<Duration> {
        match self {
            Self::Slack => Some(SLACK_PACE),
            Self::Standard(_) => None,
        }
    }

    /// The request that carries the events. A [`Form::Standard`] request carries only the first of them.
    ///
    /// # Errors
    ///
    /// [`SendError::Unsendable`] if there are no events, or if a signing secret is malformed: a delivery that cannot be
    /// signed is not sent.
    pub fn compose(self, webhook: &Webhook, events: &[&Event], now: Timestamp) -> Result<Post, SendError> {
        match (self, events) {
            (_, []) => Err(SendError::Unsendable),
            (Self::Slack, [event]) => Ok(to_slack(webhook, slack::message(event), events)),
            (Self::Slack, events) => Ok(to_slack(webhook, slack::digest(events), events)),
            (Self::Standard(envelope), [event, ..]) => {
                signed(webhook, &webhook.endpoint, event.id.to_string(), event, envelope.body(event), now)
            }
        }
    }
}

impl Envelope {
    fn body(self, event: &Event) -> String {
        match self {
            Self::Flip => json(&FlipEvent::from(event)),
            Self::Akinon => json(&AkinonEvent::from(event)),
            Self::Socotra => json(&SocotraEvent::from(event)),
            Self::Operations => json(&OperationsEvent::from(event)),
        }
    }
}

fn to_slack(webhook: &Webhook, body: String, events: &[&Event]) -> Post {
    Post { own_headers: vec![hops(events)], ..slack_post(webhook, body) }
}

/// The request that sends `body`, a Slack message, to the webhook. It carries no owner's headers. Slack confirms it only
/// by the reply `ok`; Slack-compatible receivers by any 2xx, because each of them replies something else.
#[must_use]
pub fn slack_post(webhook: &Webhook, body: String) -> Post {
    let url = webhook.endpoint.url.clone();
    let success = if slack_url::is_valid(url.expose()) { Success::SaysOk } else { Success::Status };
    Post { secrets: Secrets::of(webhook), success, ..Post::json(url, body) }
}

/// The header [`HOPS`]: one more than the most hops of any of the events.
fn hops(events: &[&Event]) -> (&'static str, String) {
    let most = events.iter().map(|event| event.hops).max().unwrap_or_default();
    (HOPS, most.saturating_add(1).to_string())
}

/// The request that tells a webhook's alert endpoint that `attempt` was the last one for the event, which was queued at
/// `queued`.
///
/// Its `webhook-id` differs from the event's. Otherwise a receiver that drops repeated ids would take the notice for
/// the event. The id stays the same if the notice is sent again, and changes if the event is resent (queued anew) and
/// fails again.
///
/// # Errors
///
/// [`SendError::Unsendable`] if a signing secret is malformed.
pub(super) fn notice(
    webhook: &Webhook,
    endpoint: &Endpoint,
    event: &Event,
    queued: Timestamp,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<Post, SendError> {
    let body = json(&FailureNotice::new(webhook, event, attempt));
    let about = format!("{} {} {} {}", webhook.organization, webhook.key, event.id, queued.0);
    let id: String = sha256_hex(about.as_bytes()).chars().take(NOTICE_ID).collect();
    signed(webhook, endpoint, format!("notice_{id}"), event, body, now)
}

/// A request to an endpoint of the webhook, with the owner's headers and those of Standard Webhooks. `webhook-id` is
/// `id`, which must be the same on every retry; `webhook-timestamp` is `now`. Without a signing secret there is no
/// signature.
fn signed(
    webhook: &Webhook,
    endpoint: &Endpoint,
    id: String,
    event: &Event,
    body: String,
    now: Timestamp,
) -> Result<Post, SendError> {
    let own_headers = own_headers(id, event, &body, endpoint.signs_with(now), now)?;
    let post = Post::json(endpoint.url.clone(), body);
    Ok(Post { headers: flat(&endpoint.headers), own_headers, secrets: Secrets::of(webhook), ..post })
}

fn own_headers(
    id: String,
    event: &Event,
    body: &str,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, SendError> {
    let mut headers = if secrets.is_empty() {
        vec![(standard_webhooks::ID, id), (standard_webhooks::TIMESTAMP, now.seconds().to_string())]
    } else {
        let headers = standard_webhooks::headers(&id, now.seconds(), body, secrets);
        headers.map(Vec::from).map_err(|_| SendError::Unsendable)?
    };
    headers.push(hops(&[event]));
    Ok(headers)
}

/// The headers as pairs of name and value, one for each value.
fn flat(headers: &[(String, Vec<Secret>)]) -> Vec<(String, Secret)> {
    headers.iter().flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone()))).collect()
}

/// Serializes a body. This fails only for map keys that are not strings, which no body has.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{EventId, JsonText, OrganizationId, WebhookKey};

    fn webhook(api: Api) -> Webhook {
        let organization = OrganizationId::parse("acme").unwrap();
        let key = WebhookKey { api, id: "w".to_owned() };
        let mut webhook =
            Webhook::new(organization, key, "n".to_owned(), Secret::new("https://example.com/h"), Timestamp(0));
        webhook.endpoint.headers = vec![("x-key".to_owned(), vec![Secret::new("one"), Secret::new("two")])];
        webhook
    }

    fn event() -> Event {
        let at = Timestamp(1_743_416_100_000);
        let organization = OrganizationId::parse("acme").unwrap();
        let data = JsonText::parse(r#"{"b": 1, "a": "é"}"#).unwrap();
        Event {
            project: Some("665f1c2ab7e9d0a1b2c3d4e5".to_owned()),
            request: Some("01JQNX4T2B0000000000000001".to_owned()),
            ..Event::new(EventId::new(at, 7), organization, "deployment.build.created".to_owned(), at, data)
        }
    }

    #[test]
    fn each_api_has_its_own_envelope() {
        for &api in Api::ALL {
            let webhook = webhook(api);
            if Form::of(&webhook) == Form::Slack {
                continue;
            }
            let post = Form::of(&webhook).compose(&webhook, &[&event()], Timestamp(5_999)).unwrap();
            insta::assert_snapshot!(format!("envelope_{api}"), post.body);
            assert_eq!(post.headers.len(), 2, "each value of a header is sent");
            let names: Vec<_> = post.own_headers.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["webhook-id", "webhook-timestamp", "outhook-hops"], "no secret, no signature");
            assert_eq!(post.own_headers[1].1, "5");
        }
    }

    #[test]
    fn a_notice_is_signed_as_its_endpoint_wants() {
        let mut endpoint = Endpoint::new(Secret::new("https://example.com/alert"));
        endpoint.headers = vec![("x-key".to_owned(), vec![Secret::new("one"), Secret::new("two")])];
        let attempt =
            Attempt { at: Timestamp(0), status: Some(500), duration_ms: 1, failure: Some("HTTP 500".to_owned()) };
        let compose = |endpoint: &Endpoint| {
            notice(&webhook(Api::Socotra), endpoint, &event(), Timestamp(7), &attempt, Timestamp(5_999)).unwrap()
        };
        let unsigned = compose(&endpoint);
        assert_eq!((unsigned.headers.len(), unsigned.own_headers.len()), (2, 3));
        endpoint.signing_secrets = vec![standard_webhooks::generate([3; 32])];
        endpoint.signing = true;
        let signed = compose(&endpoint);
        let wanted = standard_webhooks::sign(&signed.own_headers[0].1, 5, &signed.body, &endpoint.signing_secrets);
        let wanted = wanted.unwrap();
        assert_eq!(signed.own_headers[2], ("webhook-signature", wanted));
    }

    #[test]
    fn a_notice_has_an_id_of_its_own_that_lasts_over_its_retries() {
        let endpoint = Endpoint::new(Secret::new("https://example.com/alert"));
        let id = |queued: i64, at: i64, webhook: &Webhook| {
            let attempt = Attempt { at: Timestamp(at), status: None, duration_ms: 1, failure: Some("x".to_owned()) };
            let post = notice(webhook, &endpoint, &event(), Timestamp(queued), &attempt, Timestamp(at + 1)).unwrap();
            post.own_headers[0].clone()
        };
        let ours = webhook(Api::Socotra);
        let (name, first) = id(7, 100, &ours);
        assert_eq!((name, first.len()), ("webhook-id", 39));
        assert!(!first.contains(&event().id.to_string()), "the event has its own id");
        assert_eq!(id(7, 900, &ours).1, first, "a later attempt of the same queueing");
        assert_ne!(id(8, 900, &ours).1, first, "a resend that failed as well");
        let mut other = ours.clone();
        other.key.id = "v".to_owned();
        assert_ne!(id(7, 100, &other).1, first, "another webhook with the same alert endpoint");
    }

    #[test]
    fn a_secret_signs_the_body_as_sent_and_a_bad_one_sends_nothing() {
        let mut webhook = webhook(Api::Flip);
        webhook.endpoint.signing_secrets = vec![standard_webhooks::generate([3; 32])];
        let post = Form::of(&webhook).compose(&webhook, &[&event()], Timestamp(5_999)).unwrap();
        let expected =
            standard_webhooks::sign(&event().id.to_string(), 5, &post.body, &webhook.endpoint.signing_secrets).unwrap();
        assert_eq!(post.own_headers[2], ("webhook-signature", expected));
        webhook.endpoint.signing = false;
        let post = Form::of(&webhook).compose(&webhook, &[&event()], Timestamp(5_999)).unwrap();
        assert_eq!(post.own_headers.len(), 3, "a secret that is only kept signs nothing");
        webhook.endpoint.signing = true;
        webhook.endpoint.signing_secrets.push(Secret::new("short"));
        assert_eq!(
            Form::of(&webhook).compose(&webhook, &[&event()], Timestamp(0)).map(|_| ()),
            Err(SendError::Unsendable)
        );
    }

    #[test]
    fn a_delivery_counts_one_hop_more_than_its_event() {
        let hops = |post: Post| post.own_headers.into_iter().find(|(name, _)| *name == HOPS).unwrap().1;
        let (first, back) = (event(), Event { hops: 4, ..event() });
        for api in [Api::SdElements, Api::Flip, Api::Akinon, Api::Socotra] {
            let webhook = webhook(api);
            let compose = |events: &[&Event]| Form::of(&webhook).compose(&webhook, events, Timestamp(0)).unwrap();
            assert_eq!((hops(compose(&[&first])), hops(compose(&[&back]))), ("1".to_owned(), "5".to_owned()));
        }
        let slack = webhook(Api::SdElements);
        assert_eq!(hops(Form::Slack.compose(&slack, &[&first, &back, &first], Timestamp(0)).unwrap()), "5");
    }

    #[test]
    fn only_slack_itself_must_say_ok() {
        let confirmed = |url: &str| {
            let mut webhook = webhook(Api::SdElements);
            webhook.endpoint.url = Secret::new(url);
            Form::of(&webhook).compose(&webhook, &[&event()], Timestamp(0)).unwrap().success
        };
        assert_eq!(confirmed("https://hooks.slack.com/services/T/B/X"), Success::SaysOk);
        assert_eq!(confirmed("https://hooks.slack-gov.com/services/T/B/X"), Success::SaysOk);
        assert_eq!(confirmed("https://chat.example.com/hooks/x"), Success::Status);
    }

    proptest! {
        #[test]
        fn data_is_delivered_and_signed_as_it_was_published((spaced, dense) in crate::domain::json_texts()) {
            let event = Event { data: JsonText::parse(&spaced).unwrap(), ..event() };
            for api in [Api::Flip, Api::Akinon, Api::Socotra] {
                let mut webhook = webhook(api);
                webhook.endpoint.signing_secrets = vec![standard_webhooks::generate([3; 32])];
                let post = Form::of(&webhook).compose(&webhook, &[&event], Timestamp(0)).unwrap();
                prop_assert!(post.body.contains(&format!("\"data\":{dense}")), "{}", post.body);
                let signed = standard_webhooks::sign(&event.id.to_string(), 0, &post.body, &webhook.endpoint.signing_secrets);
                prop_assert_eq!(&post.own_headers[2].1, &signed.unwrap());
            }
        }
    }
}
