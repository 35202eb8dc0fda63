//! Renders events as messages for Slack's incoming webhooks: Block Kit with a `text` fallback (docs/delivery.md).
//!
//! Text written by people is put into `plain_text` objects, where Slack shows no bold text, links or mentions. It is
//! escaped there too, because Slack decodes the three entities in every text. docs/apis/slack.md has the limits and the
//! rules of escaping.

mod blocks;
mod digest;
mod escape;
mod facts;
mod invisible;
mod markdown;
mod moment;
mod operational;
mod readable;

use blocks::{context, envelope, fields, header, section};
pub use digest::{DIGEST, digest};
use escape::{FALLBACK, HEADER, clean};
use facts::Facts;
use moment::moment;
use readable::readable;

use crate::domain::{Event, Timestamp};

/// How much of the data of an event of an unknown type is shown, at most, in UTF-16 units.
const DATA_SHOWN: usize = 1_000;

/// The JSON body of a message that shows one event. It obeys Slack's limits whatever the event's data is.
#[must_use]
pub fn message(event: &Event) -> String {
    let facts = Facts::of(event);
    if let Some(operational) = &facts.operational {
        let line = section(&operational.line(), escape::SECTION);
        let details = context(&format!("{}. {}", operational.details(), operational.action()));
        return envelope(&facts.fallback(), vec![line, details, context(&format!("Event {}", event.id))]);
    }
    let mut blocks = vec![header(&facts.title())];
    blocks.extend(facts.sentence.as_deref().map(|sentence| section(sentence, escape::SECTION)));
    let rows = facts.rows();
    blocks.push(fields(&rows));
    // Without a rendering for the event's type and without a sentence in its data, show the data itself.
    if facts.source().is_none() && facts.sentence.is_none() {
        blocks.push(section(&readable(event.data.as_str()), DATA_SHOWN));
    }
    blocks.push(context(&format!("Event {}", event.id)));
    envelope(&facts.fallback(), blocks)
}

/// The JSON body of a test message for the webhook with this name, sent at `at`. The message says that it is a test.
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
