//! Endpoints in requests and replies: the webhook's own and its `alertEndpoint`. Source: docs/apis/socotra.md.

use serde::{Serialize, Serializer};

use super::Given;
use crate::{
    api::common::{Object, Problems, REQUIRED, Shown},
    delivery::standard_webhooks,
    domain::{Endpoint, Secret, Webhook},
    validation::{
        endpoint_url::{self, Refusal},
        headers,
    },
};

/// The longest tag that is accepted, in characters.
pub(super) const TAG_MOST: usize = 200;

type Headers = [(String, Vec<Secret>)];

/// An endpoint. Its secret is masked unless the request just set it; who may not read webhooks sees no credential of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EndpointResponse"))]
pub struct EndpointBody<'a> {
    #[cfg_attr(feature = "openapi", schemars(with = "Secret"))]
    url: Shown<'a>,
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(feature = "openapi", schemars(with = "std::collections::BTreeMap<String, Vec<String>>"))]
    headers: (&'a Headers, bool),
    secure_ssl: bool,
    hmac_enabled: bool,
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Secret>"))]
    secret: Option<Shown<'a>>,
    tag: Option<&'a str>,
}

fn as_map<S: Serializer>((headers, shown): &(&Headers, bool), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, values)| {
        let values: Vec<_> = values.iter().map(|value| Shown::of(value, *shown)).collect();
        (name, values)
    }))
}

impl<'a> EndpointBody<'a> {
    /// Builds the reply for an endpoint. `reads` says whether the caller may read webhooks, `given` what this request
    /// set. The URL is shown if either allows it, header values need `reads`, and the secret needs both.
    pub(super) fn new(endpoint: &'a Endpoint, reads: bool, given: Given) -> Self {
        Self {
            url: Shown::of(&endpoint.url, reads || given.url),
            headers: (&endpoint.headers, reads),
            secure_ssl: true,
            hmac_enabled: endpoint.signing,
            secret: endpoint.signing_secrets.first().map(|secret| Shown::of(secret, reads && given.secret)),
            tag: endpoint.tag.as_deref(),
        }
    }
}

/// Returns the webhook's own endpoint. Its `signing` is true if deliveries are in fact signed.
pub(super) fn endpoint_of(webhook: &Webhook) -> Endpoint {
    Endpoint {
        url: webhook.endpoint.url.clone(),
        headers: webhook.endpoint.headers.clone(),
        tag: webhook.endpoint.tag.clone(),
        signing_secrets: webhook.endpoint.signing_secrets.clone(),
        previous_secret_until: webhook.endpoint.previous_secret_until,
        signing: webhook.endpoint.signs(),
    }
}

/// Replaces the webhook's own endpoint.
pub(super) fn set_endpoint(webhook: &mut Webhook, endpoint: Endpoint) {
    webhook.move_to(endpoint.url);
    webhook.endpoint.headers = endpoint.headers;
    webhook.endpoint.tag = endpoint.tag;
    webhook.endpoint.signing_secrets = endpoint.signing_secrets;
    webhook.endpoint.previous_secret_until = endpoint.previous_secret_until;
    webhook.endpoint.signing = endpoint.signing;
}

/// The part of a request that describes an endpoint: either a new endpoint or changes to an existing one.
#[derive(Clone, Debug)]
pub struct EndpointChanges {
    place: String,
    url: Option<Secret>,
    add_headers: Vec<(String, Vec<Secret>)>,
    remove_headers: Vec<String>,
    hmac_enabled: Option<bool>,
    secret: Option<Secret>,
    tag: Option<String>,
    /// The place in the body of the headers to add.
    headers_place: String,
}

impl EndpointChanges {
    /// Parses a CreateEndpointRequest: `url` is required; `headers`, `secureSsl`, `hmacEnabled`, `secret` and `tag` are
    /// optional.
    pub(super) fn of_new(object: &Object<'_>, problems: &mut Problems) -> Self {
        Self::read(object, "headers", Vec::new(), problems)
    }

    /// Parses an UpdateEndpointRequest: `url`, `addHeaders`, `removeHeaders`, `secureSsl`, `hmacEnabled`, `secret` and
    /// `tag`, all optional.
    pub(super) fn of_update(object: &Object<'_>, problems: &mut Problems) -> Self {
        let removed = object.texts("removeHeaders", problems).unwrap_or_default();
        Self::read(object, "addHeaders", removed.into_iter().map(str::to_owned).collect(), problems)
    }

    fn read(object: &Object<'_>, added: &str, remove_headers: Vec<String>, problems: &mut Problems) -> Self {
        let url = object.text("url", problems);
        if let Some(Err(refusal)) = url.map(endpoint_url::check) {
            problems.add(object.place("url"), said_of(refusal));
        }
        let add_headers: Vec<(String, Vec<Secret>)> = object
            .map_of_texts(added, problems)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, values)| (name.to_owned(), values.into_iter().map(Secret::new).collect()))
            .collect();
        if let Err(refusal) = headers::check(&add_headers) {
            problems.add(object.place(added), refusal.to_string());
        }
        if object.boolean("secureSsl", problems) == Some(false) {
            problems.add(object.place("secureSsl"), "must be true: nothing is sent without checking certificates");
        }
        let secret = object.text("secret", problems).map(Secret::new);
        if secret.as_ref().is_some_and(|secret| !standard_webhooks::is_valid(secret)) {
            problems.add(object.place("secret"), "must be `whsec_` followed by the base64 of 24 to 64 bytes");
        }
        let tag = object.text("tag", problems).map(str::to_owned);
        if tag.as_ref().is_some_and(|tag| tag.chars().count() > TAG_MOST) {
            problems.add(object.place("tag"), format!("must have at most {TAG_MOST} characters"));
        }
        Self {
            place: object.place(""),
            url: url.map(Secret::new),
            add_headers,
            remove_headers,
            hmac_enabled: object.boolean("hmacEnabled", problems),
            secret,
            tag,
            headers_place: object.place(added),
        }
    }

    /// Returns which parts of the endpoint the request sets.
    pub(super) fn given(&self) -> Given {
        Given { url: self.url.is_some(), secret: self.secret.is_some() }
    }

    /// Returns the URL in the request, if there is one, with its place in the body.
    pub(super) fn url(&self) -> Option<(String, &Secret)> {
        self.url.as_ref().map(|url| (format!("{}url", self.place), url))
    }

    /// Applies the changes to an endpoint, or makes a new one. Headers are removed first and then added. An added value
    /// joins the values that the header already has. Header names are compared without regard to case.
    pub(super) fn apply(&self, endpoint: Option<Endpoint>, problems: &mut Problems) -> Endpoint {
        let url = self.url.clone().or_else(|| endpoint.as_ref().map(|endpoint| endpoint.url.clone()));
        if url.is_none() {
            problems.add(format!("{}url", self.place), REQUIRED);
        }
        let url = url.unwrap_or_else(|| Secret::new(""));
        let mut endpoint = endpoint.unwrap_or_else(|| Endpoint::new(url.clone()));
        endpoint.url = url;
        let removed = |name: &str| self.remove_headers.iter().any(|removed| removed.eq_ignore_ascii_case(name));
        endpoint.headers.retain(|(name, _)| !removed(name));
        for (name, values) in &self.add_headers {
            add_header(&mut endpoint.headers, name, values);
        }
        if let Err(refusal) = headers::check(&endpoint.headers) {
            problems.add(&self.headers_place, refusal.to_string());
        }
        if let Some(secret) = &self.secret {
            endpoint.set_secret(secret.clone());
        }
        endpoint.signing = self.hmac_enabled.unwrap_or(endpoint.signing);
        if endpoint.signing && !endpoint.signs() {
            problems.add(format!("{}secret", self.place), "is required where hmacEnabled is true");
        }
        if let Some(tag) = &self.tag {
            endpoint.tag = Some(tag.clone()).filter(|tag| !tag.is_empty());
        }
        endpoint
    }
}

fn add_header(headers: &mut Vec<(String, Vec<Secret>)>, name: &str, values: &[Secret]) {
    match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        None => headers.push((name.to_owned(), values.to_vec())),
        Some((_, known)) => {
            let new: Vec<_> = values.iter().filter(|value| !known.contains(value)).cloned().collect();
            known.extend(new);
        }
    }
}

fn said_of(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotAUrl => "must be a URL with a host, without user, password and fragment",
        Refusal::NotHttps => "must begin with https://",
        Refusal::TooLong => "must have at most 2048 characters",
        Refusal::NotPublic => "must not lead into a private network",
        Refusal::BadPort => "must not have the port of another protocol",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::socotra::SocotraFailure;

    fn applied(endpoint: Option<Endpoint>, body: &Value) -> Result<Endpoint, SocotraFailure> {
        let (object, mut problems) = (Object::body(body)?, Problems::default());
        let changes = match endpoint {
            None => EndpointChanges::of_new(&object, &mut problems),
            Some(_) => EndpointChanges::of_update(&object, &mut problems),
        };
        problems.finish::<_, SocotraFailure>(())?;
        let mut problems = Problems::default();
        let endpoint = changes.apply(endpoint, &mut problems);
        problems.finish(endpoint)
    }

    fn shown(endpoint: &Endpoint) -> String {
        serde_json::to_string(&EndpointBody::new(endpoint, true, Given::default())).unwrap()
    }

    const URL: &str = "https://example.com/h";

    #[test]
    fn removals_come_first_and_additions_join() {
        let new = json!({"url": URL, "headers": {"X-A": ["1"], "x-a": ["1", "2"], "B": []}, "tag": "t"});
        let endpoint = applied(None, &new).unwrap();
        insta::assert_snapshot!(shown(&endpoint), @r#"{"url":"https://example.com/h","headers":{"X-A":["1","2"],"B":[]},"secureSsl":true,"hmacEnabled":false,"secret":null,"tag":"t"}"#);
        let update = json!({"removeHeaders": ["x-A", "absent"], "addHeaders": {"X-a": ["3"], "b": ["4"]}, "tag": ""});
        let endpoint = applied(Some(endpoint), &update).unwrap();
        insta::assert_snapshot!(shown(&endpoint), @r#"{"url":"https://example.com/h","headers":{"B":["4"],"X-a":["3"]},"secureSsl":true,"hmacEnabled":false,"secret":null,"tag":null}"#);
    }

    #[test]
    fn a_secret_is_kept_while_it_does_not_sign() {
        let secret = standard_webhooks::generate([3; 32]);
        let endpoint = applied(None, &json!({"url": URL, "secret": secret})).unwrap();
        assert!(!endpoint.signing && !endpoint.signs());
        let endpoint = applied(Some(endpoint), &json!({"hmacEnabled": true})).unwrap();
        assert_eq!(endpoint.signs_with(crate::domain::Timestamp(0)), [secret]);
    }

    #[test]
    fn everything_wrong_is_said_at_once_without_the_values() {
        let wrong = json!({"url": "http://secret", "headers": {"a b": ["secret"]}, "secureSsl": false, "hmacEnabled": "yes",
            "secret": "secret", "tag": "x".repeat(201)});
        let Err(SocotraFailure::Invalid(errors)) = applied(None, &wrong) else { panic!("{wrong} was taken") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["url", "headers", "secureSsl", "secret", "tag", "hmacEnabled"]);
        assert!(!errors.iter().any(|error| error.message.contains("//secret")));
        assert_eq!(applied(None, &json!({"headers": {}})), Err(SocotraFailure::field("url", REQUIRED)));
        let unsigned = applied(None, &json!({"url": URL, "hmacEnabled": true}));
        assert_eq!(unsigned, Err(SocotraFailure::field("secret", "is required where hmacEnabled is true")));
        let large = json!({"url": URL, "headers": {"x": ["y".repeat(7_000)]}});
        assert_eq!(applied(None, &large), Err(SocotraFailure::field("headers", "the headers are larger than 6 KB")));
    }

    #[test]
    fn the_limits_hold_for_what_updates_add_up_to() {
        let endpoint = applied(None, &json!({"url": URL, "headers": {"x": ["y".repeat(4_000)]}})).unwrap();
        let more = json!({"addHeaders": {"z": ["y".repeat(4_000)]}});
        let refused = applied(Some(endpoint.clone()), &more);
        assert_eq!(refused, Err(SocotraFailure::field("addHeaders", "the headers are larger than 6 KB")));
        let instead = json!({"addHeaders": {"z": ["y".repeat(4_000)]}, "removeHeaders": ["X"]});
        assert!(applied(Some(endpoint), &instead).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_added_is_there_whatever_is_removed(added in "[a-cA-C]{1,2}", removed in prop::collection::vec("[a-cA-C]{1,2}", 0..4)) {
            let endpoint = applied(None, &json!({"url": URL, "headers": {"A": ["old"]}})).unwrap();
            let update = json!({"addHeaders": {added.as_str(): ["new"]}, "removeHeaders": removed});
            let endpoint = applied(Some(endpoint), &update).unwrap();
            let values = endpoint.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&added)).map(|(_, values)| values.clone());
            prop_assert!(values.is_some_and(|values| values.contains(&Secret::new("new"))));
            let old = endpoint.headers.iter().any(|(_, values)| values.contains(&Secret::new("old")));
            prop_assert_eq!(old, !removed.iter().any(|name| name.eq_ignore_ascii_case("a")));
        }
    }
}
