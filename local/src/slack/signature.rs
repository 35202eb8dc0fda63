//! Whether a message is signed with a secret of the webhook that it is for.

use std::collections::HashMap;

use shared::{
    delivery::{sender::stand_in, standard_webhooks as standard},
    domain::{Api, Endpoint},
    store::{Store, StoreError},
};
use url::Url;

use super::messages::Message;

/// What is known of a message's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// It is that of the webhook's secret.
    Verifies,
    /// It is that of no secret of the webhook.
    Differs,
    /// There is none.
    Absent,
    /// No webhook has an endpoint with the message's path.
    NoWebhook,
    /// The tables do not answer.
    Unknown,
}

impl Signature {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Verifies => "verifies",
            Self::Differs => "does not verify",
            Self::Absent => "not signed",
            Self::NoWebhook => "no webhook is known for this path",
            Self::Unknown => "cannot be checked: the tables do not answer",
        }
    }
}

/// The endpoints of all webhooks, by the path and query at which the stand-in gets what is for them.
pub(super) type Endpoints = HashMap<String, Vec<Endpoint>>;

/// Reads the endpoints of all organizations' webhooks, and the alert endpoints of their policies.
pub(super) async fn endpoints(store: &Store) -> Result<Endpoints, StoreError> {
    let mut found = Endpoints::new();
    for organization in store.organizations().await? {
        for api in Api::ALL {
            for webhook in store.all_webhooks(&organization.id, *api).await? {
                let alerts = webhook.policy.and_then(|policy| policy.alert_endpoint);
                for endpoint in [Some(webhook.endpoint), alerts].into_iter().flatten() {
                    if let Some(path) = path_of(endpoint.url.expose()) {
                        found.entry(path).or_default().push(endpoint);
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Where the stand-in gets what is for that URL.
fn path_of(url: &str) -> Option<String> {
    let here = Url::parse("http://localhost/").ok()?;
    let at = stand_in(&Url::parse(url).ok()?, &here)?;
    Some(at[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// Whether the message has a signature that is to be checked.
pub(super) fn is_signed(message: &Message) -> bool {
    message.headers.contains_key(standard::SIGNATURE)
}

/// Checks a message by the secrets that its webhook has now. A secret that has been replaced since counts if it still signed when
/// the message arrived and is not forgotten. `None` where the endpoints cannot be read.
pub(super) fn check(message: &Message, endpoints: Option<&Endpoints>) -> Signature {
    if !is_signed(message) {
        return Signature::Absent;
    }
    let Some(endpoints) = endpoints else { return Signature::Unknown };
    match endpoints.get(&message.path) {
        None => Signature::NoWebhook,
        Some(endpoints) if endpoints.iter().any(|endpoint| verifies(message, endpoint)) => Signature::Verifies,
        Some(_) => Signature::Differs,
    }
}

fn verifies(message: &Message, endpoint: &Endpoint) -> bool {
    let header = |name: &str| message.headers.get(name).map_or("", String::as_str);
    let Ok(seconds) = header(standard::TIMESTAMP).parse::<i64>() else { return false };
    // What is signed is the text of the header, not the number.
    let same = seconds.to_string() == header(standard::TIMESTAMP);
    let secrets = endpoint.signs_with(message.received_at);
    same && secrets.iter().any(|secret| {
        let signature = standard::sign(header(standard::ID), seconds, &message.body, std::slice::from_ref(secret)).ok();
        signature.is_some_and(|wanted| header(standard::SIGNATURE).split(' ').any(|given| given == wanted))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::domain::{Secret, Timestamp};

    use super::*;

    const AT: Timestamp = Timestamp(1_614_265_330_500);

    fn signing(secret: &Secret) -> Endpoint {
        Endpoint {
            signing: true,
            signing_secrets: vec![secret.clone()],
            ..Endpoint::new(Secret::new("https://flip.example/hook?tenant=1"))
        }
    }

    fn message(secrets: &[Secret]) -> Message {
        let body = "{\"a\":1}".to_owned();
        let headers = standard::headers("msg_1", AT.seconds(), &body, secrets).unwrap();
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Message { path: "/flip.example/hook?tenant=1".to_owned(), received_at: AT, status: 200, headers, body }
    }

    fn known(endpoint: Endpoint) -> Endpoints {
        Endpoints::from([(path_of(endpoint.url.expose()).unwrap(), vec![endpoint])])
    }

    #[test]
    fn a_message_verifies_by_its_own_webhooks_secret_only() {
        let [one, other] = [standard::generate([1; 32]), standard::generate([2; 32])];
        let sent = message(std::slice::from_ref(&one));
        let endpoints = known(signing(&one));
        assert_eq!(check(&sent, Some(&endpoints)), Signature::Verifies);
        assert_eq!(check(&sent, Some(&known(signing(&other)))), Signature::Differs);
        assert_eq!(check(&sent, None), Signature::Unknown);
        let elsewhere = Message { path: "/flip.example/hook".to_owned(), ..sent.clone() };
        assert_eq!(check(&elsewhere, Some(&endpoints)), Signature::NoWebhook);
        let altered = Message { body: "{\"a\":2}".to_owned(), ..sent.clone() };
        assert_eq!(check(&altered, Some(&endpoints)), Signature::Differs);
        for (header, value) in
            [(standard::ID, "msg_2"), (standard::TIMESTAMP, "+1614265330"), (standard::TIMESTAMP, "x")]
        {
            let mut altered = sent.clone();
            altered.headers.insert(header.to_owned(), value.to_owned());
            assert_eq!(check(&altered, Some(&endpoints)), Signature::Differs, "{header}: {value}");
        }
        let mut unsigned = sent;
        unsigned.headers.remove(standard::SIGNATURE);
        assert_eq!(check(&unsigned, Some(&endpoints)), Signature::Absent);
        assert_eq!(check(&unsigned, None), Signature::Absent);
    }

    #[test]
    fn one_of_two_signatures_is_enough_and_a_replaced_secret_counts_while_it_signed() {
        let [old, new] = [standard::generate([1; 32]), standard::generate([2; 32])];
        let both = message(&[new.clone(), old.clone()]);
        assert_eq!(check(&both, Some(&known(signing(&old)))), Signature::Verifies);
        let mut rotated = signing(&old);
        rotated.rotate(new, Duration::from_secs(60), Timestamp(AT.0 - 1_000)).unwrap();
        assert_eq!(check(&message(std::slice::from_ref(&old)), Some(&known(rotated.clone()))), Signature::Verifies);
        let late = Message { received_at: Timestamp(AT.0 + 60_000), ..message(&[old]) };
        assert_eq!(check(&late, Some(&known(rotated))), Signature::Differs);
    }

    #[test]
    fn slack_has_its_own_paths() {
        assert_eq!(path_of("https://hooks.slack.com/services/T/B/X").as_deref(), Some("/services/T/B/X"));
        assert_eq!(path_of("https://flip.example/a%20b?c=d#e").as_deref(), Some("/flip.example/a%20b?c=d"));
        assert_eq!(path_of("nonsense"), None);
    }
}
