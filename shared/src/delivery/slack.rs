//! Events as messages of Slack's incoming webhooks: Block Kit with a `text` fallback (docs/delivery.md).
//!
//! Whatever people wrote stands in `plain_text` objects, where nothing is bold, a link or a mention, and is escaped there
//! too, since Slack decodes the three entities in every text. Limits and escaping are those of
//! docs/apis/slack.md.

mod blocks;
mod digest;
mod escape;
mod facts;
mod invisible;
mod markdown;
mod readable;

use blocks::{context, envelope, fields, header, section};
pub use digest::{DIGEST, digest};
use escape::{FALLBACK, HEADER, clean};
use facts::{Facts, moment};
use readable::readable;

use crate::domain::{Event, Timestamp};

/// The most UTF-16 units of an unknown event's data that are shown.
const DATA_SHOWN: usize = 1_000;

/// The JSON body that shows one event. Total: whatever the event's data is, the body obeys Slack's limits.
#[must_use]
pub fn message(event: &Event) -> String {
    let facts = Facts::of(event);
    let mut blocks = vec![header(&facts.title())];
    blocks.extend(facts.sentence.as_deref().map(|sentence| section(sentence, escape::SECTION)));
    let rows = facts.rows();
    blocks.push(fields(&rows));
    // An event of a type that this module has no words for shows its data, so that nothing of it is hidden.
    if facts.source().is_none() && facts.sentence.is_none() {
        blocks.push(section(&readable(event.data.as_str()), DATA_SHOWN));
    }
    blocks.push(context(&format!("Event {}", event.id)));
    envelope(&facts.fallback(), blocks)
}

/// The JSON body of a test message of the webhook called `webhook_name`, sent at `at`; it says that it is one.
#[must_use]
pub fn test_message(webhook_name: &str, at: Timestamp) -> String {
    let name = clean(webhook_name);
    let name = escape::shortened(&name, HEADER);
    let sentence = format!("This is a test of the webhook “{name}”. It works. Nothing has happened in any project.");
    let blocks = vec![
        header("Test message from Outhook"),
        section(&sentence, escape::SECTION),
        context(&format!("Test message, sent {}", moment(at))),
    ];
    envelope(&escape::escaped(&format!("[Test] {sentence}"), FALLBACK), blocks)
}

#[cfg(test)]
mod tests;
