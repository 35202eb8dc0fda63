//! Endpoints: where messages go.

use serde::{Deserialize, Serialize};

use super::Secret;

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
    /// Whether messages are signed (Socotra's `hmacEnabled`). The secrets stay stored either way.
    #[serde(default)]
    pub signing: bool,
}

impl Endpoint {
    /// An endpoint with this URL, without headers, tag or signing.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self { url, headers: Vec::new(), tag: None, signing_secrets: Vec::new(), signing: false }
    }

    /// The secrets with which messages are signed now; none if signing is off.
    #[must_use]
    pub fn signs_with(&self) -> &[Secret] {
        if self.signing { &self.signing_secrets } else { &[] }
    }
}
