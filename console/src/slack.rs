//! A message for an incoming webhook of Slack, drawn as Slack draws it.
//!
//! The message may be anybody's, so nothing in it becomes markup of its own: each text is escaped where it is written, and only
//! addresses of the schemes http, https and mailto become links. Pictures are not loaded.

mod blocks;
mod emoji;
mod entity;
mod icon;
mod inline;
mod link;
mod mrkdwn;

use maud::{Markup, html};
use serde_json::{Map, Value};

/// The style sheet of what [`message`] draws. All of its classes begin with `slack-`. It is light or dark as the page's
/// `color-scheme` is.
pub const STYLE: &str = include_str!("slack/slack.css");

/// The members that a message may have. Another API's body may have a `text` too, beside members of its own.
const MEMBERS: [&str; 17] = [
    "attachments",
    "blocks",
    "channel",
    "delete_original",
    "icon_emoji",
    "icon_url",
    "link_names",
    "metadata",
    "mrkdwn",
    "parse",
    "replace_original",
    "response_type",
    "text",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "username",
];

/// The message in this body as HTML; `None` if the body is no message for an incoming webhook of Slack.
///
/// Slack shows the blocks, or the `text` if there are none. Of a text, of the blocks and of what a block holds, at most as much
/// is drawn as Slack accepts, so that the time and the size of the result grow only with the body.
#[must_use]
pub fn message(body: &str) -> Option<Markup> {
    let Value::Object(message) = serde_json::from_str(body).ok()? else { return None };
    let content = content(&message)?;
    Some(html! {
        div.slack-message {
            (icon::square())
            div.slack-content {
                div.slack-who { b { "Outhook" } " " span.slack-app { "APP" } }
                (content)
            }
        }
    })
}

fn content(message: &Map<String, Value>) -> Option<Markup> {
    if !message.keys().all(|key| MEMBERS.contains(&key.as_str())) {
        return None;
    }
    match (message.get("blocks"), message.get("text")) {
        (Some(Value::Array(blocks)), None | Some(Value::String(_))) if !blocks.is_empty() => {
            // Each block is an object with a type, or else the body is something else.
            blocks.iter().all(|block| block["type"].is_string()).then(|| blocks::drawn(blocks))
        }
        (None, Some(Value::String(text))) => {
            let formatted = message.get("mrkdwn") != Some(&Value::Bool(false));
            Some(html! { div.slack-section { (blocks::text(text, formatted)) } })
        }
        (Some(Value::Array(blocks)), Some(Value::String(text))) if blocks.is_empty() => {
            Some(html! { div.slack-section { (blocks::text(text, true)) } })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
