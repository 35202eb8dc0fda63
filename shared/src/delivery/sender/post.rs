//! One request, as it is handed to a sender.

use std::fmt;

use crate::{delivery::redact::Secrets, domain::Secret};

/// The content type of every API's deliveries.
pub const JSON: &str = "application/json";

/// One request to an endpoint.
#[derive(Clone)]
pub struct Post {
    /// Where to: an https URL, which may itself be the credential.
    pub url: Secret,
    /// The owner's headers. Those that are not theirs to set (see [`super::is_reserved`]) are left out.
    pub headers: Vec<(String, Secret)>,
    /// Headers of our own, such as those of [`crate::delivery::standard_webhooks::headers`]; they win over the owner's.
    pub own_headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// The body's media type.
    pub content_type: &'static str,
    /// What a reply to it must not show, besides its own URL and headers.
    pub secrets: Secrets,
    /// What a reply of success looks like.
    pub success: Success,
}

/// What an endpoint answers when it has taken a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// Any 2xx.
    #[default]
    Status,
    /// 2xx with the body `ok`, as Slack does. A 200 with a page was answered by something on the way: a proxy, a captive portal.
    SaysOk,
}

impl Post {
    /// A JSON body for `url`, without headers.
    #[must_use]
    pub fn json(url: Secret, body: String) -> Self {
        let (headers, own_headers) = (Vec::new(), Vec::new());
        let (secrets, success) = (Secrets::default(), Success::default());
        Self { url, headers, own_headers, body, content_type: JSON, secrets, success }
    }
}

/// Shows neither where it goes nor what it says.
impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Post").field("headers", &names).field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}
