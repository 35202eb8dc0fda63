//! Endpoints: where messages go.

use serde::{Deserialize, Serialize};

use super::Secret;

/// Where messages go, and what goes with them: a webhook's own endpoint, or the one that its failure policy tells of failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address. For Slack this is a credential.
    pub url: Secret,
    /// Headers added to each message.
    #[serde(default)]
    pub headers: Vec<(String, Vec<Secret>)>,
    /// Owner-chosen label (Socotra).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The secrets that sign its messages, the current one first; a second one is about to be retired.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signing_secrets: Vec<Secret>,
    /// Whether messages are signed; secrets stay stored either way (Socotra's `hmacEnabled`).
    #[serde(default)]
    pub signing: bool,
}

impl Endpoint {
    /// An endpoint at that address, without headers and unsigned.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self { url, headers: Vec::new(), tag: None, signing_secrets: Vec::new(), signing: false }
    }

    /// The secrets that sign a message now.
    #[must_use]
    pub fn signs_with(&self) -> &[Secret] {
        if self.signing { &self.signing_secrets } else { &[] }
    }
}
