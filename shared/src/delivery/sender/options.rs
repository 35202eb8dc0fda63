//! The sender's options, and the one exemption from its safety rules: the local stack's receiver.

use std::{fmt, time::Duration};

use url::{Host, Url};

use super::resolver::PublicOnly;
use crate::{delivery::outcome::SendError, validation::address::is_forbidden};

/// The environment variable with the http URL of the local stack's receiver. The template never sets it.
pub const LOCAL_RECEIVER: &str = "OUTHOOK_LOCAL_RECEIVER";

/// The options of a sender.
#[derive(Clone)]
pub struct SenderOptions {
    /// The http URL of the local stack's receiver, which gets every request in place of the real endpoints. `None` when
    /// deployed.
    pub local_receiver: Option<String>,
    /// The time limit for resolving the name, connecting and the TLS handshake together.
    pub connect: Duration,
    /// The time limit for the whole attempt, including the reply.
    pub attempt: Duration,
    #[cfg(test)]
    pub(super) test: super::tests::TestOptions,
}

impl fmt::Debug for SenderOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderOptions")
            .field("local_receiver", &self.local_receiver)
            .field("connect", &self.connect)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// Three seconds to connect, ten for the whole attempt, no exemption (docs/delivery.md).
impl Default for SenderOptions {
    fn default() -> Self {
        Self {
            local_receiver: None,
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(10),
            #[cfg(test)]
            test: super::tests::TestOptions::default(),
        }
    }
}

/// Why a sender could not be made. Contains nothing about any webhook.
#[derive(Debug, thiserror::Error)]
pub enum BadSender {
    /// The local receiver is not an http or https URL. It is not ignored, because events would then go to the real
    /// endpoints.
    #[error("{LOCAL_RECEIVER} is not an http URL")]
    Receiver,
    /// The system's root certificates cannot be used.
    #[error("the HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl SenderOptions {
    /// The default options, with the receiver of the environment variable [`LOCAL_RECEIVER`] if that is set and not
    /// empty.
    #[must_use]
    pub fn from_env() -> Self {
        // A value that is not Unicode becomes a text that is not a URL, so that it is refused and not ignored.
        let value = std::env::var_os(LOCAL_RECEIVER).map(|value| value.to_string_lossy().into_owned());
        Self { local_receiver: value.filter(|value| !value.is_empty()), ..Self::default() }
    }

    pub(super) fn receiver(&self) -> Result<Option<Url>, BadSender> {
        let Some(text) = &self.local_receiver else { return Ok(None) };
        let url = Url::parse(text).map_err(|_| BadSender::Receiver)?;
        let good = matches!(url.scheme(), "http" | "https") && url.has_host();
        if good { Ok(Some(url)) } else { Err(BadSender::Receiver) }
    }

    pub(super) fn resolver(&self) -> PublicOnly {
        PublicOnly {
            #[cfg(test)]
            test: self.test.clone(),
        }
    }
}

/// The URL to post to: the webhook's own after checking it, or one of the local receiver. There a Slack webhook keeps
/// its path, and any other URL is at `/<host><path>`.
///
/// # Errors
/// [`SendError::Unsendable`] if the URL is not https or has no host, [`SendError::Refused`] if its host is a forbidden
/// address.
pub(super) fn target(url: &str, receiver: Option<&Url>) -> Result<Url, SendError> {
    let mut url = Url::parse(url).map_err(|_| SendError::Unsendable)?;
    let host = url.host().ok_or(SendError::Unsendable)?.to_owned();
    if url.scheme() != "https" {
        return Err(SendError::Unsendable);
    }
    if let Some(receiver) = receiver {
        return stand_in(&url, receiver).ok_or(SendError::Unsendable);
    }
    // An address in the URL is never resolved, so it is checked here. Names are checked when they are resolved.
    let refused = match host {
        Host::Ipv4(address) => is_forbidden(address.into()),
        Host::Ipv6(address) => is_forbidden(address.into()),
        Host::Domain(_) => false,
    };
    if refused {
        return Err(SendError::Refused);
    }
    url.set_fragment(None);
    Ok(url)
}

/// The URL at the local receiver where what is for `url` arrives; `None` if `url` has no host.
#[must_use]
pub fn stand_in(url: &Url, receiver: &Url) -> Option<Url> {
    let host = url.host()?;
    let slack = host == Host::Domain("hooks.slack.com") && url.path().starts_with("/services/");
    let prefix = if slack { String::new() } else { format!("/{host}") };
    let mut stand_in = receiver.clone();
    stand_in.set_path(&format!("{}{prefix}{}", receiver.path().trim_end_matches('/'), url.path()));
    stand_in.set_query(url.query());
    Some(stand_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(url: &str) -> String {
        target(url, Some(&Url::parse("http://127.0.0.1:3001").unwrap())).unwrap().to_string()
    }

    #[test]
    fn the_local_receiver_stands_in_for_everybody() {
        let rows = [
            ("https://hooks.slack.com/services/T/B/X", "http://127.0.0.1:3001/services/T/B/X"),
            ("https://hooks.slack.com/other", "http://127.0.0.1:3001/hooks.slack.com/other"),
            ("https://example.com/a/b?c=d&e", "http://127.0.0.1:3001/example.com/a/b?c=d&e"),
            ("https://example.com:8443/a%2Fb", "http://127.0.0.1:3001/example.com/a%2Fb"),
            ("https://example.com", "http://127.0.0.1:3001/example.com/"),
        ];
        for (url, stand_in) in rows {
            assert_eq!(local(url), stand_in, "{url}");
        }
    }

    #[test]
    fn only_https_is_sent() {
        for url in ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "example.com", "", "https://"] {
            assert_eq!(target(url, None), Err(SendError::Unsendable), "{url}");
        }
        assert_eq!(target("https://example.com/a?b#c", None).unwrap().as_str(), "https://example.com/a?b");
    }

    #[test]
    fn an_address_in_the_url_is_checked_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "10.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[2002:7f00:1::]",
            "[64:ff9b::10.0.0.1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "１２７.0.0.1",
        ] {
            assert_eq!(target(&format!("https://{host}/hook"), None), Err(SendError::Refused), "{host}");
        }
        assert!(target("https://8.8.8.8/hook", None).is_ok());
    }

    #[test]
    fn a_receiver_that_is_no_http_url_is_refused_and_not_ignored() {
        for text in ["3001", "ftp://127.0.0.1", "unix:/tmp/x", " "] {
            let options = SenderOptions { local_receiver: Some(text.to_owned()), ..SenderOptions::default() };
            assert!(options.receiver().is_err(), "{text}");
        }
        assert!(SenderOptions::default().receiver().unwrap().is_none());
    }
}
