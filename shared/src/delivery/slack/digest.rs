//! One message for several events, so that a burst fits Slack's one message a second.

use super::{
    blocks::{context, envelope, header, titled},
    escape::{FALLBACK, escaped},
    facts::Facts,
};
use crate::domain::{Event, EventSource};

/// The longest entry of one event, in UTF-16 units: what five names of the length that [`Facts`] gives them need, so that
/// nothing is cut. Twenty stay below the 13,200 units that Slack is said to take in one message's blocks.
const ENTRY: usize = 600;

/// The most events that one digest shows.
pub const DIGEST: usize = 20;

/// The JSON body that shows 2 to [`DIGEST`] events, in the order given, each by the name of its project.
///
/// Total all the same: further events would be counted in the title and in a last line, though not shown.
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

/// Two lines: the name, then what else is known.
fn entry(number: usize, facts: &Facts<'_>) -> serde_json::Value {
    titled(&[format!("{number}. {}", facts.short_name()), facts.details()], ENTRY)
}
