//! Classification of a receiver's answer, as the table in docs/delivery.md has it.

use std::time::Duration;

use super::retry_after::LONGEST;
use crate::domain::Trigger;

/// How many bytes of a failing reply are kept as the reason, at most.
pub const REASON_BYTES: usize = 1024;

/// A receiver's answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Whether the body confirms that the endpoint has accepted the message (see [`crate::delivery::sender::Success`]).
    /// Only meaningful if the status is 2xx.
    pub confirmed: bool,
    /// The value of `Retry-After`, at most one hour; `None` if the header was missing or invalid.
    pub retry_after: Option<Duration>,
    /// The first 1 KB of a failing reply's body, on one line, without the webhook's secrets. Bytes that are not UTF-8
    /// are replaced. Empty on success.
    pub body_start: String,
    /// How many bytes of the body were read. Log lines say only this about the body.
    pub body_bytes: usize,
    /// How long the attempt took, including the reply.
    pub duration: Duration,
}

impl Answer {
    /// Whether the endpoint has accepted the message: a 2xx whose body confirms it.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..=299).contains(&self.status) && self.confirmed
    }
}

/// Why there is no answer. The texts are fixed, so none can contain a URL, a path or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Connecting or the whole attempt took longer than its limit.
    #[error("timed out")]
    Timeout,
    /// The host name could not be resolved, or it has no address.
    #[error("the host's name could not be resolved")]
    Dns,
    /// The TCP connection could not be made.
    #[error("the connection was refused or could not be made")]
    Connect,
    /// The TLS handshake failed: the certificate is not valid, or there is no common version or cipher. The text says
    /// which.
    #[error("TLS failed: {0}")]
    Tls(&'static str),
    /// The connection ended early, or the reply was not HTTP or had oversized headers.
    #[error("the connection ended without a valid HTTP reply")]
    BadReply,
    /// The host is an address, or its name resolves to one, that Outhook does not connect to, such as a private one.
    #[error("the host's address is not on the public internet: refused")]
    Refused,
    /// The webhook cannot be sent to: its URL is not https or has no host, a header has characters that HTTP forbids,
    /// or a signing secret is malformed.
    #[error("the URL or a header of the webhook cannot be sent")]
    Unsendable,
}

impl SendError {
    /// The kind of error in one word, for log lines.
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
    /// 2xx, confirmed by the body where the endpoint confirms: the events are delivered.
    Delivered,
    /// 429. This is not a failure. Wait for `wait`, or by the schedule if it is `None`.
    Throttled {
        /// How long the receiver asked to wait: more than zero, at most one hour.
        wait: Option<Duration>,
    },
    /// The receiver or the network has a problem that may pass: retry the queue by the schedule, and not before `wait`.
    Retry {
        /// How long the receiver asked to wait: more than zero, at most one hour.
        wait: Option<Duration>,
        /// The status, or a timeout, to compare with the triggers of a failure policy.
        trigger: Trigger,
    },
    /// 400, 413 or 422: the endpoint does not accept this message. The events of a digest are then sent one by one.
    Unacceptable,
    /// Any other 4xx: the endpoint refuses this event.
    Refused,
    /// 401, 403, 404, 410: the endpoint is gone or rejects our requests.
    Gone,
}

impl Verdict {
    /// How long the receiver asked to wait before the next request.
    #[must_use]
    pub fn wait(self) -> Option<Duration> {
        match self {
            Self::Throttled { wait } | Self::Retry { wait, .. } => wait,
            Self::Delivered | Self::Unacceptable | Self::Refused | Self::Gone => None,
        }
    }
}

/// Decides what to do after an answer, or after an attempt without one. An attempt without an answer counts as a
/// timeout.
///
/// A `Retry-After` of zero counts as absent. Otherwise a receiver that keeps refusing would be asked in a tight loop.
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
        // 408 and 425 come from a busy receiver. 3xx is never followed. Statuses that no RFC defines are retried like
        // garbage, and so is a 2xx whose body does not confirm it.
        status @ (408 | 425 | ..=399 | 500..) => Verdict::Retry { wait, trigger: Trigger::Status(status) },
        _ => Verdict::Refused,
    }
}

/// The status of the answer, if there was one, for [`crate::domain::FailurePolicy::triggered_by`].
#[must_use]
pub fn status_of(result: &Result<Answer, SendError>) -> Option<u16> {
    result.as_ref().ok().map(|answer| answer.status)
}

/// How many bytes of the reply's body were read; 0 if there was no reply.
#[must_use]
pub fn body_bytes(result: &Result<Answer, SendError>) -> usize {
    result.as_ref().map_or(0, |answer| answer.body_bytes)
}

/// The reason to record for a failed attempt, at most [`REASON_BYTES`] long, such as `HTTP 404: no_service` or an
/// error's text. `None` for success.
///
/// It contains no secret, because [`Answer::body_start`] contains none.
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

/// The beginning of `text`, at most `bytes` bytes, without cutting a character.
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
