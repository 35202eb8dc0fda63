//! What a reply, or its absence, means. By status class first; the body is only the recorded reason.

use std::time::Duration;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its Retry-After, at most an hour.
    pub retry_after: Option<Duration>,
    /// The first 1 KB of its body, redacted.
    pub body_start: String,
}

/// Why there is no reply. The texts hold nothing of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No reply in time.
    #[error("timeout: no reply within the time limit")]
    Timeout,
    /// The name does not resolve.
    #[error("dns: the host's name could not be resolved")]
    Dns,
    /// No connection.
    #[error("connect: the connection failed")]
    Connect,
    /// The certificate or the handshake is bad.
    #[error("tls: the TLS handshake failed")]
    Tls,
    /// What came back is no HTTP reply, or its head is too large.
    #[error("reply: what came back is no HTTP reply")]
    BadReply,
    /// The address is one that this service never connects to.
    #[error("refused: the host's address is not a public one")]
    ForbiddenAddress,
    /// The URL or a header cannot be sent.
    #[error("request: the URL or a header cannot be sent")]
    BadRequest,
}

/// What to do about a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 2xx.
    Delivered,
    /// 429: wait, and do not count it as a failure.
    Throttled {
        /// How long the receiver asks for.
        wait: Option<Duration>,
    },
    /// The endpoint is in trouble: try the queue again later.
    Retry {
        /// How long the receiver asks for.
        wait: Option<Duration>,
    },
    /// 400, 413, 422: this message is bad.
    Unacceptable,
    /// Any other 4xx: this event is refused.
    Refused,
    /// 401, 403, 404, 410: the endpoint is gone or forbids us.
    Gone,
}

/// Sorts a reply, by DESIGN section 6's table. A status that HTTP does not have is garbage and tried again.
#[must_use]
pub fn classify(result: &Result<Answer, SendError>) -> Verdict {
    let Ok(answer) = result else { return Verdict::Retry { wait: None } };
    let wait = answer.retry_after;
    match answer.status {
        200..=299 => Verdict::Delivered,
        429 => Verdict::Throttled { wait },
        408 | 425 => Verdict::Retry { wait },
        400 | 413 | 422 => Verdict::Unacceptable,
        401 | 403 | 404 | 410 => Verdict::Gone,
        400..=499 => Verdict::Refused,
        _ => Verdict::Retry { wait },
    }
}

/// Why an attempt counts as failed, as it is recorded; `None` for success.
#[must_use]
pub fn failure_text(result: &Result<Answer, SendError>) -> Option<String> {
    match result {
        Ok(answer) if (200..300).contains(&answer.status) => None,
        Ok(answer) if answer.body_start.is_empty() => Some(format!("{}", answer.status)),
        Ok(answer) => Some(format!("{}: {}", answer.status, answer.body_start)),
        Err(error) => Some(error.to_string()),
    }
}

/// Takes secrets out of a text that an endpoint sent: each whole, and each of their parts of eight and more characters, as
/// they are, percent-encoded, and with JSON's escaped slashes.
#[must_use]
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for secret in secrets {
        let pieces = secret.split(['/', '?', '&', '=', ' ', ':']).chain([*secret]);
        for piece in pieces.filter(|piece| piece.len() >= 8) {
            let encoded = percent_encoded(piece);
            parts.extend([piece.to_owned(), piece.replace('/', "\\/"), encoded.to_lowercase(), encoded]);
        }
    }
    // The longest first, so that no part of a whole is left standing.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.dedup();
    parts.iter().fold(text.to_owned(), |text, part| text.replace(part.as_str(), "[redacted]"))
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Verdict {
        classify(&Ok(Answer { status, retry_after: None, body_start: String::new() }))
    }

    #[test]
    fn every_row_of_the_table() {
        for code in [200, 201, 204, 299] {
            assert_eq!(status(code), Verdict::Delivered, "{code}");
        }
        for code in [100, 301, 302, 307, 408, 425, 500, 502, 503, 504, 599, 999] {
            assert_eq!(status(code), Verdict::Retry { wait: None }, "{code}");
        }
        for code in [400, 413, 422] {
            assert_eq!(status(code), Verdict::Unacceptable, "{code}");
        }
        for code in [401, 403, 404, 410] {
            assert_eq!(status(code), Verdict::Gone, "{code}");
        }
        for code in [402, 405, 409, 418, 451] {
            assert_eq!(status(code), Verdict::Refused, "{code}");
        }
        assert_eq!(status(429), Verdict::Throttled { wait: None });
        for error in [SendError::Timeout, SendError::Dns, SendError::Connect, SendError::Tls, SendError::BadReply] {
            assert_eq!(classify(&Err(error)), Verdict::Retry { wait: None });
        }
    }

    #[test]
    fn a_slack_url_is_redacted_in_every_spelling() {
        let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
        let echoes = [
            url.to_owned(),
            url.replace('/', "\\/"),
            percent_encoded(url),
            "no such hook: XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(),
            "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(),
        ];
        for echo in echoes {
            let text = redact(&echo, &[url]);
            assert!(!text.contains("XXXXXXXX") && !text.contains("B00000000"), "{text}");
        }
    }
}
