//! The contract of Slack's incoming webhooks: one message a second, its limits, its error strings.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How much too early a message may arrive: two messages that were sent a second apart may arrive less than a second
/// apart.
const TOLERANCE: Duration = Duration::from_millis(20);

/// When the last message that was not too early arrived at each path.
#[derive(Default)]
pub(super) struct Contract {
    last: HashMap<String, Instant>,
}

impl Contract {
    /// Slack's reply: status, text and the seconds of Retry-After. Paths that are not Slack's answer 200.
    pub(super) fn answer(&mut self, path: &str, body: &str) -> (u16, &'static str, Option<u64>) {
        if !path.starts_with("/services/") {
            return (200, "ok", None);
        }
        let now = Instant::now();
        let early = |last: &Instant| now.duration_since(*last) + TOLERANCE < Duration::from_secs(1);
        if self.last.get(path).is_some_and(early) {
            return (429, "rate_limited", Some(1));
        }
        self.last.insert(path.to_owned(), now);
        match complaint(body) {
            Some(text) => (400, text, None),
            None => (200, "ok", None),
        }
    }
}

/// Why Slack would reject a message: its error string, by the limits of its Block Kit reference.
fn complaint(body: &str) -> Option<&'static str> {
    let Ok(message) = serde_json::from_str::<Value>(body) else { return Some("invalid_payload") };
    if !message.is_object() {
        return Some("invalid_payload");
    }
    let text = message["text"].as_str().unwrap_or_default();
    let blocks = message["blocks"].as_array();
    if text.is_empty() && blocks.is_none_or(Vec::is_empty) {
        return Some("no_text");
    }
    let good = |text: &Value, most: usize| {
        let text = text["text"].as_str().unwrap_or_default();
        !text.is_empty() && text.encode_utf16().count() <= most
    };
    let fits = |block: &Value| match block["type"].as_str() {
        Some("header") => good(&block["text"], 150),
        Some("section") => match block["fields"].as_array() {
            Some(fields) => (1..=10).contains(&fields.len()) && fields.iter().all(|field| good(field, 2_000)),
            None => good(&block["text"], 3_000),
        },
        Some("divider" | "context") => true,
        _ => false,
    };
    let too_long = text.encode_utf16().count() > 40_000;
    let bad = blocks.is_some_and(|blocks| blocks.len() > 50 || !blocks.iter().all(fits));
    (too_long || bad).then_some("invalid_blocks")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slacks_error_strings() {
        assert_eq!(complaint("{"), Some("invalid_payload"));
        assert_eq!(complaint("{}"), Some("no_text"));
        assert_eq!(complaint(r#"{"text": "x"}"#), None);
        let header = |text: &str| {
            json!({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}).to_string()
        };
        assert_eq!(complaint(&header(&"x".repeat(150))), None);
        assert_eq!(complaint(&header(&"x".repeat(151))), Some("invalid_blocks"));
        assert_eq!(complaint(&header("")), Some("invalid_blocks"));
    }

    #[test]
    fn one_message_a_second_for_each_webhook() {
        let mut slack = Contract::default();
        let body = r#"{"text": "x"}"#;
        assert_eq!(slack.answer("/services/T/B/X", body).0, 200);
        assert_eq!(slack.answer("/services/T/B/X", body), (429, "rate_limited", Some(1)));
        assert_eq!(slack.answer("/services/T/B/Y", body).0, 200);
        assert_eq!(slack.answer("/example.com/a", body).0, 200);
        assert_eq!(slack.answer("/example.com/a", body).0, 200);
    }
}
