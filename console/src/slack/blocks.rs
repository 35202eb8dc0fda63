//! The blocks of a message: headers, sections, contexts and dividers. Of any other block, only its type is shown.

use std::borrow::Cow;

use maud::{Markup, html};
use serde_json::Value;

use super::{emoji, entity::decoded, mrkdwn};

/// The most blocks that Slack accepts in one message.
const BLOCKS: usize = 50;

/// The most fields of a section and elements of a context that Slack accepts.
const PARTS: usize = 10;

/// The longest text that Slack accepts anywhere, in characters.
const TEXT: usize = 40_000;

/// How much is shown of a type that is not known, in characters.
const TYPE: usize = 40;

/// The blocks one below the other.
pub(super) fn drawn(blocks: &[Value]) -> Markup {
    html! {
        @for one in blocks.iter().take(BLOCKS) { (block(one)) }
        @if blocks.len() > BLOCKS {
            (note(&format!("{} more blocks: Slack accepts {BLOCKS}.", blocks.len() - BLOCKS)))
        }
    }
}

/// A text, with mrkdwn or without.
pub(super) fn text(text: &str, formatted: bool) -> Markup {
    let text = cut(text, TEXT);
    if formatted { mrkdwn::drawn(&text) } else { plain(&text, true) }
}

fn block(block: &Value) -> Markup {
    match block["type"].as_str().unwrap_or_default() {
        "header" => html! { div.slack-header { (object(&block["text"])) } },
        "section" => section(block),
        "context" => html! {
            div.slack-context { @for one in some(&block["elements"]) { div { (object(one)) } } }
        },
        "divider" => html! { hr.slack-divider; },
        other => note(&format!("A block of the type “{}” is not drawn.", cut(other, TYPE))),
    }
}

fn section(block: &Value) -> Markup {
    html! {
        @if !block["text"].is_null() { div.slack-section { (object(&block["text"])) } }
        @if !some(&block["fields"]).is_empty() {
            div.slack-fields { @for one in some(&block["fields"]) { div { (object(one)) } } }
        }
        @if let Some(kind) = block["accessory"]["type"].as_str() {
            (note(&format!("An element of the type “{}” is not drawn.", cut(kind, TYPE))))
        }
    }
}

/// A text object, or a note of what is there instead.
fn object(object: &Value) -> Markup {
    match (object["type"].as_str(), object["text"].as_str()) {
        (Some("mrkdwn"), Some(words)) => text(words, true),
        (Some("plain_text"), Some(words)) => plain(&cut(words, TEXT), object["emoji"] != Value::Bool(false)),
        (Some("image"), _) => {
            note(&format!("A picture: {}", cut(&decoded(object["alt_text"].as_str().unwrap_or_default()), TEXT)))
        }
        (kind, _) => note(&format!("An element of the type “{}” is not drawn.", cut(kind.unwrap_or_default(), TYPE))),
    }
}

/// A text without formatting, on as many lines as it has.
fn plain(text: &str, with_emoji: bool) -> Markup {
    html! {
        @for (at, line) in text.split('\n').enumerate() {
            @if at > 0 { br; }
            @let line = if with_emoji { emoji::replaced(line) } else { Cow::Borrowed(line) };
            (decoded(&line))
        }
    }
}

/// As many of a list as Slack accepts; none of what is no list.
fn some(list: &Value) -> &[Value] {
    let all = list.as_array().map_or(&[][..], Vec::as_slice);
    &all[..all.len().min(PARTS)]
}

fn note(text: &str) -> Markup {
    html! { span.slack-note { (text) } }
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
