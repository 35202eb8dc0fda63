//! A request to an endpoint, as a sender gets it.

use std::fmt;

use crate::{delivery::redact::Secrets, domain::Secret};

/// The content type of every API's deliveries.
pub const JSON: &str = "application/json";

/// One request to an endpoint.
#[derive(Clone)]
pub struct Post {
    /// The endpoint's https URL. It may itself be a credential.
    pub url: Secret,
    /// The owner's headers. Reserved ones (see [`super::is_reserved`]) are not sent.
    pub headers: Vec<(String, Secret)>,
    /// Headers that Outhook sets, such as those of [`crate::delivery::standard_webhooks::headers`]. They replace the
    /// owner's headers of the same name.
    pub own_headers: Vec<(&'static str, String)>,
    /// The request's body.
    pub body: String,
    /// The body's media type.
    pub content_type: &'static str,
    /// The secrets to redact from the reply, besides this request's own URL and headers.
    pub secrets: Secrets,
    /// How the endpoint confirms that it has accepted the message.
    pub success: Success,
}

/// How an endpoint confirms that it has accepted a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// By any 2xx status.
    #[default]
    Status,
    /// By a 2xx status with the body `ok`, as Slack does. A 200 with another body comes from something in between, such
    /// as a proxy or a captive portal.
    SaysOk,
}

impl Post {
    /// A request that posts a JSON body to `url`, without further headers or secrets; any 2xx confirms it.
    #[must_use]
    pub fn json(url: Secret, body: String) -> Self {
        let (headers, own_headers) = (Vec::new(), Vec::new());
        let (secrets, success) = (Secrets::default(), Success::default());
        Self { url, headers, own_headers, body, content_type: JSON, secrets, success }
    }
}

/// Shows only the names of the owner's headers and the size of the body: the URL and the header values are secrets.
impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Post").field("headers", &names).field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}
