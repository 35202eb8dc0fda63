//! Passing a delivery on to a receiver on this machine, so that its author sees what an endpoint would get.

use axum::http::{HeaderMap, HeaderName, header};
use reqwest::{Client, Url};

/// What belongs to one connection and is not passed on.
const OF_THE_CONNECTION: [HeaderName; 4] =
    [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING];

/// A receiver on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Receiver(Url);

/// What a receiver replied: status, headers and body.
pub(crate) type Replied = (u16, Vec<(String, String)>, String);

impl Receiver {
    /// Reads `http://127.0.0.1:<port>/...`; `None` for an address elsewhere, to which nothing of the local stack is sent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        (url.scheme() == "http" && is_here).then_some(Self(url))
    }

    /// Passes the delivery on and gives the receiver's reply; a 502 that says why if it does not answer.
    pub(crate) async fn pass(&self, headers: &HeaderMap, body: String) -> Replied {
        let mut headers = headers.clone();
        OF_THE_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
        match self.post(headers, body).await {
            Ok(replied) => replied,
            Err(error) => (502, Vec::new(), format!("{} does not answer: {error}", self.0)),
        }
    }

    async fn post(&self, headers: HeaderMap, body: String) -> Result<Replied, reqwest::Error> {
        let client: Client = crate::client::client()?;
        let reply = client.post(self.0.clone()).headers(headers).body(body).send().await?;
        let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = reply.headers().iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(name));
        let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
        Ok((reply.status().as_u16(), headers, reply.text().await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_receivers_on_this_machine_are_passed_to() {
        for text in ["http://127.0.0.1:8080", "http://localhost:8080/in", "http://[::1]:1/x\n"] {
            assert!(Receiver::parse(text).is_some(), "{text}");
        }
        for text in ["https://127.0.0.1:8080", "http://example.com", "http://127.0.0.1.example.com", "127.0.0.1:80", ""]
        {
            assert!(Receiver::parse(text).is_none(), "{text}");
        }
    }
}
