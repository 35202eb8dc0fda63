//! Endpoints: where messages go.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Secret, Timestamp};

/// A signing secret cannot be replaced, because the endpoint's messages are not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its messages are not signed, so there is no secret to replace")]
pub struct NotSigned;

/// Where messages go, with headers and signing: the endpoint of a webhook, or the alert endpoint of its failure policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The URL to post to. A Slack URL is a credential.
    pub url: Secret,
    /// The owner's headers, sent with each message. A name may have several values.
    #[serde(default)]
    pub headers: Vec<(String, Vec<Secret>)>,
    /// A label that the owner chose (Socotra).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The signing secrets, the current one first. A second one is the previous secret while it is being replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signing_secrets: Vec<Secret>,
    /// The moment from which the previous secret signs no more; `None` if there is none, or if it signs until an
    /// operator ends that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<Timestamp>,
    /// Whether messages are signed (Socotra's `hmacEnabled`). The secrets stay stored either way.
    #[serde(default)]
    pub signing: bool,
}

impl Endpoint {
    /// For how many hours the previous secret goes on signing unless the caller says otherwise.
    pub const OVERLAP_HOURS: u16 = 24;

    /// For how many hours the previous secret may go on signing, at most: a week.
    pub const MAX_OVERLAP_HOURS: u16 = 168;

    /// An endpoint with this URL, without headers, tag or signing.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            headers: Vec::new(),
            tag: None,
            signing_secrets: Vec::new(),
            previous_secret_until: None,
            signing: false,
        }
    }

    /// Whether messages are signed: signing is on and there is a secret.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.signing && !self.signing_secrets.is_empty()
    }

    /// The secrets with which messages are signed at the moment `now`, the current one first; none if signing is off.
    #[must_use]
    pub fn signs_with(&self, now: Timestamp) -> &[Secret] {
        match self.signing_secrets.as_slice() {
            _ if !self.signing => &[],
            [current, _, ..] if self.previous_secret_until.is_some_and(|end| end <= now) => {
                std::slice::from_ref(current)
            }
            secrets => secrets,
        }
    }

    /// Replaces the signing secret. The one that was current until now goes on signing beside it for `overlap`; with an
    /// overlap of zero it ends at once. An older one that is still signing ends at once, so at most two sign. Returns
    /// the moment from which the new secret signs alone.
    ///
    /// # Errors
    ///
    /// [`NotSigned`] if the endpoint's messages are not signed.
    pub fn rotate(&mut self, new: Secret, overlap: Duration, now: Timestamp) -> Result<Timestamp, NotSigned> {
        if !self.signs() {
            return Err(NotSigned);
        }
        let alone = now.plus(overlap);
        self.signing_secrets.insert(0, new);
        self.signing_secrets.truncate(2);
        self.previous_secret_until = Some(alone);
        self.forget_ended_secret(now);
        Ok(alone)
    }

    /// Ends the previous secret at once. Returns false if no previous secret signs at the moment `now`.
    pub fn end_previous_secret(&mut self, now: Timestamp) -> bool {
        let signed = self.signs_with(now).len() > 1;
        self.signing_secrets.truncate(1);
        self.previous_secret_until = None;
        signed
    }

    /// Makes this the only signing secret, without an overlap.
    pub fn set_secret(&mut self, secret: Secret) {
        self.signing_secrets = vec![secret];
        self.previous_secret_until = None;
    }

    /// Drops the previous secret if it signs no more at the moment `now`.
    pub fn forget_ended_secret(&mut self, now: Timestamp) {
        if self.previous_secret_until.is_some_and(|end| end <= now) {
            self.signing_secrets.truncate(1);
            self.previous_secret_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn signing(secrets: &[&str]) -> Endpoint {
        let signing_secrets = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        Endpoint { signing_secrets, signing: true, ..Endpoint::new(Secret::new("https://x")) }
    }

    fn sign(endpoint: &Endpoint, now: i64) -> Vec<&str> {
        endpoint.signs_with(Timestamp(now)).iter().map(Secret::expose).collect()
    }

    #[test]
    fn the_previous_secret_signs_until_the_end_of_the_overlap() {
        let mut endpoint = signing(&["a"]);
        assert_eq!(endpoint.rotate(Secret::new("b"), HOUR, Timestamp(5)), Ok(Timestamp(3_600_005)));
        assert_eq!(sign(&endpoint, 5), ["b", "a"]);
        assert_eq!(sign(&endpoint, 3_600_004), ["b", "a"]);
        assert_eq!(sign(&endpoint, 3_600_005), ["b"]);
        assert_eq!(endpoint.signing_secrets.len(), 2, "it stays stored, so that it stays masked");
        endpoint.forget_ended_secret(Timestamp(3_600_004));
        assert_eq!(endpoint.signing_secrets.len(), 2);
        endpoint.forget_ended_secret(Timestamp(3_600_005));
        assert_eq!((endpoint.signing_secrets.len(), endpoint.previous_secret_until), (1, None));
    }

    #[test]
    fn without_an_overlap_the_previous_secret_ends_at_once() {
        let mut endpoint = signing(&["a"]);
        assert_eq!(endpoint.rotate(Secret::new("b"), Duration::ZERO, Timestamp(5)), Ok(Timestamp(5)));
        assert_eq!(endpoint, signing(&["b"]));
    }

    #[test]
    fn at_most_two_secrets_sign() {
        let mut endpoint = signing(&["a"]);
        endpoint.rotate(Secret::new("b"), HOUR, Timestamp(0)).unwrap();
        endpoint.rotate(Secret::new("c"), HOUR, Timestamp(1)).unwrap();
        assert_eq!(sign(&endpoint, 3_600_000), ["c", "b"], "the second overlap counts, also for the one before");
        endpoint.rotate(Secret::new("d"), HOUR, Timestamp(9_000_000)).unwrap();
        assert_eq!(sign(&endpoint, 9_000_000), ["d", "c"], "after the end of an overlap");
    }

    #[test]
    fn two_secrets_without_an_end_sign_until_somebody_ends_that() {
        let mut endpoint = signing(&["b", "a"]);
        assert_eq!(sign(&endpoint, i64::MAX), ["b", "a"]);
        endpoint.forget_ended_secret(Timestamp(i64::MAX));
        assert!(endpoint.end_previous_secret(Timestamp(0)));
        assert_eq!(endpoint, signing(&["b"]));
        assert!(!endpoint.end_previous_secret(Timestamp(0)), "nothing left to end");
    }

    #[test]
    fn a_secret_that_ended_by_itself_cannot_be_ended() {
        let mut endpoint = signing(&["a"]);
        endpoint.rotate(Secret::new("b"), HOUR, Timestamp(0)).unwrap();
        assert!(!endpoint.end_previous_secret(Timestamp(3_600_000)));
    }

    #[test]
    fn what_signs_nothing_has_no_secret_to_replace() {
        for mut endpoint in [signing(&[]), Endpoint { signing: false, ..signing(&["a"]) }] {
            let before = endpoint.clone();
            assert_eq!(endpoint.rotate(Secret::new("b"), HOUR, Timestamp(0)), Err(NotSigned));
            assert_eq!((&endpoint, sign(&endpoint, 0).len()), (&before, 0));
        }
    }

    #[test]
    fn a_secret_that_an_owner_sets_has_no_overlap() {
        let mut endpoint = signing(&["a"]);
        endpoint.rotate(Secret::new("b"), HOUR, Timestamp(0)).unwrap();
        endpoint.set_secret(Secret::new("c"));
        assert_eq!(endpoint, signing(&["c"]));
    }
}
