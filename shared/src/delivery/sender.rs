//! Making the outbound request, safely: https only, public addresses only, no redirects, no proxies, bounded in time and
//! size.

use std::{fmt, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

use super::{
    outcome::{Answer, SendError, redact},
    retry_after::retry_after,
    safety::is_forbidden,
};
use crate::domain::{Clock as _, Secret, SystemClock};

/// The most of a reply that is read, in bytes.
const MOST_READ: usize = 20 * 1024;

/// The most of a reply that is kept, in bytes.
const MOST_KEPT: usize = 1024;

/// A request to an endpoint.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub url: Secret,
    /// Headers besides Content-Type.
    pub headers: Vec<(String, Secret)>,
    /// A JSON text.
    pub body: String,
}

/// A request on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, SendError>> + Send + 'a>>;

/// Whoever can post to an endpoint.
pub trait Sender: Send + Sync {
    /// Posts, once.
    fn post<'a>(&'a self, post: &'a Post) -> Sending<'a>;
}

/// How to send.
#[derive(Clone, Debug)]
pub struct SenderOptions {
    /// The local stack's stand-in for every receiver: exempts from all rules about addresses. The template never sets it.
    pub local_receiver: Option<String>,
    /// The most time to connect.
    pub connect_timeout: Duration,
    /// The most time for all of a request.
    pub timeout: Duration,
}

impl Default for SenderOptions {
    fn default() -> Self {
        Self { local_receiver: None, connect_timeout: Duration::from_secs(3), timeout: Duration::from_secs(10) }
    }
}

impl SenderOptions {
    /// The defaults, with the receiver named by `OUTHOOK_LOCAL_RECEIVER`.
    #[must_use]
    pub fn from_env() -> Self {
        let receiver = std::env::var("OUTHOOK_LOCAL_RECEIVER").ok().filter(|url| !url.is_empty());
        Self { local_receiver: receiver, ..Self::default() }
    }
}

/// Sends over the network.
#[derive(Debug)]
pub struct HttpSender {
    client: Client,
    options: SenderOptions,
}

impl HttpSender {
    /// A sender with one client, to be made once.
    ///
    /// # Errors
    ///
    /// When the system's certificates cannot be read.
    pub fn new(options: SenderOptions) -> Result<Self, reqwest::Error> {
        // Somebody else in the process may have been first, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .http1_only()
            .user_agent(concat!("Outhook/", env!("CARGO_PKG_VERSION")));
        if options.local_receiver.is_none() {
            client = client.https_only(true).dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self { client: client.build()?, options })
    }

    /// The URL to connect to: the webhook's own, or where the local stack's receiver stands in for it.
    fn target(&self, url: &str) -> Result<Url, SendError> {
        let parsed = Url::parse(url).map_err(|_| SendError::BadRequest)?;
        let host = parsed.host().ok_or(SendError::BadRequest)?;
        if let Some(receiver) = &self.options.local_receiver {
            let slack = matches!(&host, Host::Domain("hooks.slack.com" | "hooks.slack-gov.com"));
            let prefix = if slack { String::new() } else { format!("/{host}") };
            let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
            let target = format!("{}{prefix}{}{query}", receiver.trim_end_matches('/'), parsed.path());
            return Url::parse(&target).map_err(|_| SendError::BadRequest);
        }
        let literal = match host {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        };
        if parsed.scheme() != "https" || literal.is_some_and(is_forbidden) {
            return Err(SendError::ForbiddenAddress);
        }
        Ok(parsed)
    }
}

impl Sender for HttpSender {
    fn post<'a>(&'a self, post: &'a Post) -> Sending<'a> {
        Box::pin(async move {
            let target = self.target(post.url.expose())?;
            let mut request = self.client.post(target);
            for (name, value) in &post.headers {
                request = request.header(name, value.expose());
            }
            let request = request.header("Content-Type", "application/json").body(post.body.clone());
            let mut reply = request.send().await.map_err(|error| sorted(&error))?;
            let now = SystemClock::default().now();
            let header = reply.headers().get("retry-after").and_then(|value| value.to_str().ok());
            let wait = header.and_then(|value| retry_after(value, now));
            let status = reply.status().as_u16();
            let mut body = Vec::new();
            // The status is the answer; a body that is late, endless or broken does not change it.
            while let Ok(Some(chunk)) = reply.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() >= MOST_READ {
                    break;
                }
            }
            Ok(Answer { status, retry_after: wait, body_start: start_of(&body, post) })
        })
    }
}

/// The start of a reply, fit to be kept: without the post's secrets, without control characters, at most 1 KB.
fn start_of(body: &[u8], post: &Post) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MOST_READ)]);
    let secrets: Vec<_> = std::iter::once(&post.url).chain(post.headers.iter().map(|(_, value)| value)).collect();
    let secrets: Vec<_> = secrets.iter().map(|secret| secret.expose()).collect();
    let text: String = redact(&text, &secrets).chars().filter(|c| !c.is_control()).collect();
    let end = (0..=MOST_KEPT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

/// Resolves names, and refuses those that lead to any address that is not public: a second look-up cannot change what is
/// connected to, since this answer is.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unresolved)?.collect();
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            if found.iter().any(|address| is_forbidden(address.ip())) {
                return Err(Forbidden.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
struct Unresolved;

#[derive(Debug, thiserror::Error)]
#[error("the address is not public")]
struct Forbidden;

fn sorted(error: &reqwest::Error) -> SendError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return SendError::ForbiddenAddress;
        }
        if inner.is::<Unresolved>() {
            return SendError::Dns;
        }
        let tls = inner.is::<rustls::Error>()
            || inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref).is_some_and(is_tls);
        if tls {
            return SendError::Tls;
        }
        cause = inner.source();
    }
    match error {
        error if error.is_timeout() => SendError::Timeout,
        error if error.is_connect() => SendError::Connect,
        error if error.is_builder() => SendError::BadRequest,
        _ => SendError::BadReply,
    }
}

fn is_tls(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.is::<rustls::Error>()
}

impl fmt::Debug for PublicOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicOnly")
    }
}
