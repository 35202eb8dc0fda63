//! A digest: one message for several events, so that a burst fits Slack's limit of one message a second.

use super::{
    blocks::{context, envelope, header, titled},
    escape::{FALLBACK, escaped},
    facts::Facts,
};
use crate::domain::{Event, EventSource};

/// The longest entry of one event, in UTF-16 units. Five names of the length to which [`Facts`] shortens them fit, so
/// nothing is cut. Twenty entries stay below the 13,200 units that Slack reportedly accepts in the blocks of one
/// message.
const ENTRY: usize = 600;

/// The most events that one digest shows.
pub const DIGEST: usize = 20;

/// The JSON body of a message that shows 2 to [`DIGEST`] events in the order given, each by the name of its project.
///
/// If there are more events, the rest are not shown, but counted in the title and in a last line.
#[must_use]
pub fn digest(events: &[&Event]) -> String {
    let facts: Vec<Facts<'_>> = events.iter().map(|event| Facts::of(event)).collect();
    let source = facts.first().and_then(Facts::source);
    let common = source.filter(|_| facts.iter().all(|facts| facts.source() == source));
    let what = match common {
        Some(EventSource::CreatedProjectActivity) => "new projects",
        None => "events",
    };
    let title = format!("{} {what}", events.len());
    let shown = &facts[..facts.len().min(DIGEST)];
    let mut blocks = vec![header(&title)];
    blocks.extend((1..).zip(shown).map(|(number, facts)| entry(number, facts)));
    if facts.len() > shown.len() {
        blocks.push(context(&format!("and {} more", facts.len() - shown.len())));
    }
    let names: Vec<String> = shown.iter().map(Facts::short_name).collect();
    envelope(&escaped(&format!("{title}: {}", names.join(", ")), FALLBACK), blocks)
}

/// The block for one event, in two lines: its number and name, then the other known facts.
fn entry(number: usize, facts: &Facts<'_>) -> serde_json::Value {
    titled(&[format!("{number}. {}", facts.short_name()), facts.details()], ENTRY)
}
