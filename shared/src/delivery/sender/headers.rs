//! The headers of a request: those of the owner, except reserved ones, and those that Outhook sets.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::Post;
use crate::{delivery::outcome::SendError, domain::Secret};

/// Hop-by-hop headers (RFC 9110, section 7.6.1), headers that frame or address a request, and the count of hops.
const RESERVED: [&str; 11] = [
    "connection",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "via",
    crate::delivery::HOPS,
];

/// Whether owners cannot set a header with this name, in any case: `Host`, `Content-*`, `Proxy-*`, `webhook-*` (the
/// signature's), the count of hops, and hop-by-hop headers.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let families = ["content-", "proxy-", "webhook-"];
    RESERVED.contains(&name.as_str()) || families.iter().any(|family| name.starts_with(family))
}

impl Post {
    /// The owner's headers that are sent: all except reserved ones.
    pub fn owners_headers(&self) -> impl Iterator<Item = &(String, Secret)> {
        self.headers.iter().filter(|(name, _)| !is_reserved(name))
    }
}

/// All headers of a request.
///
/// # Errors
/// [`SendError::Unsendable`] if a header has characters that HTTP forbids. Leaving it out could silently drop a
/// credential.
pub(super) fn of(post: &Post) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::new();
    for (name, value) in post.owners_headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SendError::Unsendable)?;
        let mut value = HeaderValue::from_bytes(value.expose().as_bytes()).map_err(|_| SendError::Unsendable)?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    for (name, value) in &post.own_headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SendError::Unsendable)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| SendError::Unsendable)?);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(post.content_type).map_err(|_| SendError::Unsendable)?);
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(headers: &[(&str, &str)]) -> Post {
        let mut post = Post::json(Secret::new("https://example.com"), String::new());
        post.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        post.own_headers = vec![("webhook-id", "ours".to_owned())];
        post
    }

    #[test]
    fn the_owner_cannot_set_what_is_not_theirs() {
        let tried = [
            ("Host", "evil"),
            ("CONTENT-TYPE", "text/plain"),
            ("Content-Length", "0"),
            ("Webhook-Id", "theirs"),
            ("webhook-signature", "v1,theirs"),
            ("Transfer-Encoding", "chunked"),
            ("Outhook-Hops", "0"),
            ("Connection", "close"),
            ("Proxy-Authorization", "x"),
            ("X-Key", "one"),
            ("x-key", "two"),
            ("Authorization", "Bearer x"),
        ];
        let headers = of(&post(&tried)).unwrap();
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "content-type", "webhook-id", "x-key"]);
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["webhook-id"], "ours");
        assert_eq!(headers.get_all("x-key").iter().count(), 2);
    }

    #[test]
    fn what_http_forbids_is_said_and_not_left_out() {
        for bad in [("bad name", "x"), ("", "x"), ("x", "a\r\nHost: evil"), ("x", "a\0")] {
            assert_eq!(of(&post(&[bad])), Err(SendError::Unsendable), "{bad:?}");
        }
    }
}
