//! Events as Slack messages: Block Kit with a `text` fallback.
//!
//! Every text is `plain_text`, escaped, and cut after escaping, so that no name in it can ping, link or format. Limits are
//! those of Slack's Block Kit reference: header 150, section text 3,000, at most 10 fields of 2,000, 50 blocks; the fallback
//! stays under 4,000, above which Slack may split a message.

mod facts;
mod text;

use serde_json::{Value, json};

use crate::domain::{Event, Timestamp};
use facts::Facts;
use text::fit;

/// The most events in one digest.
pub const DIGEST: usize = 20;

const HEADER: usize = 150;
const SECTION: usize = 1_500;
const FIELD: usize = 500;
const FALLBACK: usize = 3_900;

/// The message for one event.
#[must_use]
pub fn message(event: &Event) -> String {
    let facts = Facts::of(event);
    let mut blocks = vec![header(&facts.title()), section(&facts.sentence())];
    let fields: Vec<_> = facts.fields().iter().map(|(name, value)| plain(&format!("{name}\n{value}"), FIELD)).collect();
    blocks.push(json!({"type": "section", "fields": fields}));
    json!({"text": fit(&facts.sentence(), FALLBACK), "blocks": blocks}).to_string()
}

/// One message for several events, at most [`DIGEST`] of them, in order.
#[must_use]
pub fn digest(events: &[&Event]) -> String {
    let title = format!("{} activities", events.len());
    let facts: Vec<_> = events.iter().map(|event| Facts::of(event)).collect();
    let mut blocks = vec![header(&title)];
    blocks.extend(facts.iter().map(|facts| section(&facts.line())));
    let share = FALLBACK / events.len().max(1) - 1;
    let lines: Vec<_> = facts.iter().map(|facts| fit(&facts.line(), share)).collect();
    json!({"text": lines.join("\n"), "blocks": blocks}).to_string()
}

/// A message that says that it is a test of that webhook.
#[must_use]
pub fn test_message(webhook: &str, at: Timestamp) -> String {
    let sentence = format!("This is a test message for the webhook {webhook}, sent at {at}. Nothing has happened.");
    let blocks = [header("Test message from Outhook"), section(&sentence)];
    json!({"text": fit(&format!("[Test] {sentence}"), FALLBACK), "blocks": blocks}).to_string()
}

fn plain(text: &str, most: usize) -> Value {
    json!({"type": "plain_text", "text": fit(text, most), "emoji": false})
}

fn header(text: &str) -> Value {
    json!({"type": "header", "text": plain(text, HEADER)})
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": plain(text, SECTION)})
}

#[cfg(test)]
mod tests;
