//! What a receiver's answer means for a delivery: the table of docs/delivery.md, by status class first.

use std::time::Duration;

use super::retry_after::LONGEST;
use crate::domain::Trigger;

/// The most of a failing reply that is kept as the reason, in bytes.
pub const REASON_BYTES: usize = 1024;

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Whether the body is what such an endpoint answers when it has taken a message; of no meaning unless the status is 2xx.
    pub confirmed: bool,
    /// `Retry-After`, at most an hour; absent if the header was, or was garbage.
    pub retry_after: Option<Duration>,
    /// The first 1 KB of the body of a failure, decoded lossily, without the webhook's secrets.
    pub body_start: String,
    /// How long the body was, as far as it was read, in bytes: all that a log line says of it.
    pub body_bytes: usize,
    /// How long the attempt took.
    pub duration: Duration,
}

impl Answer {
    /// Whether the endpoint has taken the message.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..=299).contains(&self.status) && self.confirmed
    }
}

/// Why there is no answer. The texts are fixed: none can hold a URL, a path or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The whole attempt, or connecting, took too long.
    #[error("timed out")]
    Timeout,
    /// The host's name has no address.
    #[error("the host's name could not be resolved")]
    Dns,
    /// Nothing accepts connections there.
    #[error("the connection was refused or could not be made")]
    Connect,
    /// No trust: an invalid certificate, or no common version or cipher. The text says which.
    #[error("TLS failed: {0}")]
    Tls(&'static str),
    /// The connection ended early, or what came was not HTTP or had oversized headers.
    #[error("the connection ended without a valid HTTP reply")]
    BadReply,
    /// The host is, or its name resolves to, an address that Outhook does not connect to.
    #[error("the host's address is not on the public internet: refused")]
    Refused,
    /// The webhook's URL or one of its headers cannot be sent: not https, no host, characters that HTTP forbids.
    #[error("the URL or a header of the webhook cannot be sent")]
    Unsendable,
}

impl SendError {
    /// The fault in one word, for log lines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls(_) => "tls",
            Self::BadReply => "bad_reply",
            Self::Refused => "refused",
            Self::Unsendable => "unsendable",
        }
    }
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 2xx, and nothing in the body speaks against it: done.
    Delivered,
    /// 429: not a failure. Wait so long, or by the schedule.
    Throttled {
        /// What the receiver asked for: more than nothing, at most an hour.
        wait: Option<Duration>,
    },
    /// The receiver's or the network's trouble: retry the queue, after `wait` or by the schedule.
    Retry {
        /// What the receiver asked for: more than nothing, at most an hour.
        wait: Option<Duration>,
        /// What a failure policy's triggers are compared with.
        trigger: Trigger,
    },
    /// 400, 413, 422: this message is at fault. Of a digest, its events are sent one by one.
    Unacceptable,
    /// Any other 4xx: this event is refused.
    Refused,
    /// 401, 403, 404, 410: the endpoint is gone or rejects our requests.
    Gone,
}

impl Verdict {
    /// How long the receiver asked to be left alone.
    #[must_use]
    pub fn wait(self) -> Option<Duration> {
        match self {
            Self::Throttled { wait } | Self::Retry { wait, .. } => wait,
            Self::Delivered | Self::Unacceptable | Self::Refused | Self::Gone => None,
        }
    }
}

/// What the answer, or its absence, means.
///
/// A `Retry-After` of nothing counts as absent: the schedule then keeps a receiver that still refuses from being asked in a
/// tight loop.
#[must_use]
pub fn classify(result: &Result<Answer, SendError>) -> Verdict {
    let answer = match result {
        Ok(answer) => answer,
        Err(_) => return Verdict::Retry { wait: None, trigger: Trigger::Timeout },
    };
    let wait = answer.retry_after.filter(|wait| !wait.is_zero()).map(|wait| wait.min(LONGEST));
    match answer.status {
        200..=299 if answer.confirmed => Verdict::Delivered,
        429 => Verdict::Throttled { wait },
        400 | 413 | 422 => Verdict::Unacceptable,
        401 | 403 | 404 | 410 => Verdict::Gone,
        // A receiver that was busy; 3xx is never followed; what no RFC knows is garbage, and so is a page where Slack says `ok`.
        status @ (408 | 425 | ..=399 | 500..) => Verdict::Retry { wait, trigger: Trigger::Status(status) },
        _ => Verdict::Refused,
    }
}

/// The status that came, if any: what [`crate::domain::FailurePolicy::triggered_by`] wants.
#[must_use]
pub fn status_of(result: &Result<Answer, SendError>) -> Option<u16> {
    result.as_ref().ok().map(|answer| answer.status)
}

/// How long the reply's body was; nothing if none came.
#[must_use]
pub fn body_bytes(result: &Result<Answer, SendError>) -> usize {
    result.as_ref().map_or(0, |answer| answer.body_bytes)
}

/// The reason to record for a failed attempt, at most [`REASON_BYTES`]: `HTTP 404: no_service`, or the error's text; `None`
/// for success.
///
/// Holds no secret, since [`Answer::body_start`] holds none.
#[must_use]
pub fn failure_text(result: &Result<Answer, SendError>) -> Option<String> {
    let text = match result {
        Ok(answer) if answer.is_success() => return None,
        Err(error) => error.to_string(),
        Ok(answer) if answer.body_start.trim().is_empty() => format!("HTTP {}", answer.status),
        Ok(answer) => format!("HTTP {}: {}", answer.status, answer.body_start.trim()),
    };
    Some(first_bytes(&text, REASON_BYTES).to_owned())
}

/// As much of the beginning of `text` as fits `bytes` without cutting a character.
#[must_use]
pub fn first_bytes(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, retry_after: Option<u64>) -> Result<Answer, SendError> {
        Ok(Answer {
            status,
            confirmed: true,
            retry_after: retry_after.map(Duration::from_secs),
            body_start: "invalid_payload".to_owned(),
            body_bytes: 15,
            duration: Duration::from_millis(20),
        })
    }

    fn retry(status: u16, wait: Option<u64>) -> Verdict {
        Verdict::Retry { wait: wait.map(Duration::from_secs), trigger: Trigger::Status(status) }
    }

    #[test]
    fn success_is_any_2xx() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(classify(&answer(status, Some(30))), Verdict::Delivered, "{status}");
        }
    }

    #[test]
    fn success_that_somebody_else_answered_is_retried_with_its_reason() {
        let unconfirmed = answer(200, Some(7)).map(|answer| Answer { confirmed: false, ..answer });
        assert_eq!(classify(&unconfirmed), retry(200, Some(7)));
        assert_eq!(failure_text(&unconfirmed).as_deref(), Some("HTTP 200: invalid_payload"));
        let refused = answer(400, None).map(|answer| Answer { confirmed: false, ..answer });
        assert_eq!(classify(&refused), Verdict::Unacceptable, "only of 2xx is it asked");
    }

    #[test]
    fn throttling_waits_as_asked_or_by_the_schedule() {
        assert_eq!(classify(&answer(429, Some(30))), Verdict::Throttled { wait: Some(Duration::from_secs(30)) });
        assert_eq!(classify(&answer(429, None)), Verdict::Throttled { wait: None });
        assert_eq!(classify(&answer(429, Some(0))), Verdict::Throttled { wait: None });
        assert_eq!(classify(&answer(429, Some(9_999))), Verdict::Throttled { wait: Some(LONGEST) });
    }

    #[test]
    fn trouble_is_retried_with_retry_after_honoured() {
        for status in [500, 502, 503, 504, 599, 408, 425, 300, 301, 302, 307, 308, 304, 100, 103, 0, 600, 999] {
            assert_eq!(classify(&answer(status, None)), retry(status, None), "{status}");
            assert_eq!(classify(&answer(status, Some(7))), retry(status, Some(7)), "{status}");
        }
    }

    #[test]
    fn no_answer_at_all_is_retried_and_counts_as_a_timeout() {
        use SendError::{BadReply, Connect, Dns, Refused, Timeout, Tls, Unsendable};
        for error in [Timeout, Dns, Connect, Tls("certificate expired"), BadReply, Refused, Unsendable] {
            assert_eq!(classify(&Err(error)), Verdict::Retry { wait: None, trigger: Trigger::Timeout }, "{error}");
        }
    }

    #[test]
    fn the_three_kinds_of_4xx() {
        for status in 400..=499 {
            let verdict = classify(&answer(status, None));
            match status {
                400 | 413 | 422 => assert_eq!(verdict, Verdict::Unacceptable, "{status}"),
                401 | 403 | 404 | 410 => assert_eq!(verdict, Verdict::Gone, "{status}"),
                408 | 425 | 429 => {}
                _ => assert_eq!(verdict, Verdict::Refused, "{status}"),
            }
        }
    }

    #[test]
    fn the_reason_names_the_status_and_what_was_said() {
        assert_eq!(failure_text(&answer(400, None)).as_deref(), Some("HTTP 400: invalid_payload"));
        let mut silent = answer(503, None).unwrap();
        silent.body_start = " \n".to_owned();
        assert_eq!(failure_text(&Ok(silent)).as_deref(), Some("HTTP 503"));
        assert_eq!(failure_text(&Err(SendError::Timeout)).as_deref(), Some("timed out"));
        assert_eq!(failure_text(&answer(204, None)), None);
        assert_eq!(status_of(&answer(503, None)), Some(503));
        assert_eq!(status_of(&Err(SendError::Dns)), None);
    }

    proptest! {
        #[test]
        fn no_reason_is_longer_than_a_kilobyte(status in any::<u16>(), body in "\\PC{0,600}") {
            let mut long = answer(status, None).unwrap();
            long.body_start = body.repeat(3);
            prop_assert!(failure_text(&Ok(long)).is_none_or(|text| text.len() <= REASON_BYTES));
        }

        #[test]
        fn a_wait_is_never_longer_than_an_hour(status in any::<u16>(), seconds in any::<u64>()) {
            match classify(&answer(status, Some(seconds))) {
                Verdict::Throttled { wait } | Verdict::Retry { wait, .. } => {
                    prop_assert!(wait.is_none_or(|wait| !wait.is_zero() && wait <= LONGEST));
                }
                _ => {}
            }
        }
    }
}
