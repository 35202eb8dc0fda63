//! Sends the outbound requests, safely (docs/delivery.md, "What goes out"): only https, only to public addresses,
//! without redirects, proxies, cookies or decompression, and with limits on time and size.

mod fault;
mod headers;
mod options;
mod post;
mod resolver;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, Response, header::RETRY_AFTER, redirect};
use tokio::time::timeout_at;
use url::Url;

pub use headers::is_reserved;
pub use options::{BadSender, LOCAL_RECEIVER, SenderOptions, stand_in};
pub use post::{JSON, Post, Success};

use super::{
    outcome::{Answer, REASON_BYTES, SendError, first_bytes},
    retry_after::retry_after,
};
use crate::domain::{Clock, SystemClock};

/// How many bytes of a reply's body are read, at most. After that the connection is dropped.
pub const MOST_READ: usize = 20 * 1024;

/// How long an idle connection is kept for the next message. Short, because an environment that was frozen finds its
/// connections dead.
const IDLE: Duration = Duration::from_secs(15);

/// The future of a request, which returns the endpoint's answer.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, SendError>> + Send + 'a>>;

/// Posts messages to endpoints.
pub trait Sender: Send + Sync {
    /// Sends the request once, without retries and without following redirects, within the sender's time limit.
    ///
    /// Once the receiver's status has arrived, it is the answer, even if the body is late, endless or broken.
    ///
    /// # Errors
    /// [`SendError`] if no status arrived in time, or if the request must not or cannot be sent.
    fn post<'a>(&'a self, post: &'a Post) -> Sending<'a>;
}

/// Sends over the network. A function makes it once, at start, because reading the system's root certificates takes a
/// moment.
pub struct HttpSender {
    client: Client,
    receiver: Option<Url>,
    attempt: Duration,
}

impl fmt::Debug for HttpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSender").field("local", &self.receiver.is_some()).finish_non_exhaustive()
    }
}

impl HttpSender {
    /// Makes the HTTP client.
    ///
    /// # Errors
    /// If the system's root certificates cannot be read, or the local receiver is not an http or https URL.
    pub fn new(options: SenderOptions) -> Result<Self, BadSender> {
        // An error means that a provider is installed already, and all code in this process installs the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let receiver = options.receiver()?;
        // Reqwest is built without decoders. `no_gzip` and its like keep replies packed even if another crate enables
        // them.
        let client = Client::builder()
            .user_agent(concat!("Outhook/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only()
            .connect_timeout(options.connect)
            .pool_idle_timeout(IDLE);
        let client = match &receiver {
            // The one exemption from https and public addresses: every request then goes to the local receiver.
            Some(_) => client,
            None => client.https_only(true).dns_resolver(Arc::new(options.resolver())),
        };
        #[cfg(test)]
        let client = client.tls_certs_merge(options.test.roots.clone());
        Ok(Self { client: client.build()?, receiver, attempt: options.attempt })
    }

    async fn send(&self, post: &Post) -> Result<Answer, SendError> {
        let start = Instant::now();
        let deadline = tokio::time::Instant::now() + self.attempt;
        let target = options::target(post.url.expose(), self.receiver.as_ref())?;
        let request = self.client.post(target).headers(headers::of(post)?).body(post.body.clone());
        let reply = timeout_at(deadline, request.send()).await.map_err(|_| SendError::Timeout)?;
        let mut reply = reply.map_err(|error| fault::of(&error))?;
        let now = SystemClock::default().now();
        let asked = reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = asked.and_then(|value| retry_after(value, now));
        let status = reply.status().as_u16();
        let body = read(&mut reply, deadline).await;
        let confirmed = post.success == Success::Status || body.trim_ascii() == b"ok";
        let mut answer = Answer {
            status,
            confirmed,
            retry_after,
            body_start: String::new(),
            body_bytes: body.len(),
            duration: start.elapsed(),
        };
        if !answer.is_success() {
            answer.body_start = kept_start(&body, post);
        }
        Ok(answer)
    }
}

impl Sender for HttpSender {
    fn post<'a>(&'a self, post: &'a Post) -> Sending<'a> {
        Box::pin(self.send(post))
    }
}

/// Reads the body until it ends, breaks off, or the deadline passes; at most [`MOST_READ`] bytes.
async fn read(reply: &mut Response, deadline: tokio::time::Instant) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Ok(Some(chunk))) = timeout_at(deadline, reply.chunk()).await {
        body.extend_from_slice(&chunk[..chunk.len().min(MOST_READ - body.len())]);
        if body.len() >= MOST_READ {
            break;
        }
    }
    body
}

/// The start of a reply's body as it may be stored: on one line, without the webhook's secrets, at most 1 KB.
#[must_use]
pub fn kept_start(body: &[u8], post: &Post) -> String {
    // Redact before cutting: a secret that is cut in two might not be found.
    let text = post.secrets.with(&post.url, &post.headers).redact(body);
    first_bytes(&text, REASON_BYTES).to_owned()
}

#[cfg(test)]
mod tests;
