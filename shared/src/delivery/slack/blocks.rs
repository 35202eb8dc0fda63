//! The Block Kit elements that messages are made of. Each function cleans, escapes and cuts its text itself, so that no
//! caller can forget to do so.

use serde_json::{Value, json};

use super::escape::{FIELD, HEADER, SECTION, clean, escaped};

/// The most fields in one section.
const FIELDS: usize = 10;

/// A `plain_text` object, in which Slack shows no formatting, links or mentions. `most` is its limit in UTF-16 units.
fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": escaped(&clean(text), most), "emoji": false })
}

/// A header block: the title of a message.
pub(super) fn header(text: &str) -> Value {
    json!({ "type": "header", "text": plain(text, HEADER) })
}

/// A section block: a paragraph of at most `most` UTF-16 units.
pub(super) fn section(text: &str, most: usize) -> Value {
    json!({ "type": "section", "text": plain(text, most.min(SECTION)) })
}

/// A section block of several lines, at most `most` UTF-16 units together.
pub(super) fn titled(lines: &[String], most: usize) -> Value {
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    let text = escaped(&lines.join("\n"), most.min(SECTION));
    json!({ "type": "section", "text": { "type": "plain_text", "text": text, "emoji": false } })
}

/// A section block with a table of two columns: a fixed label in bold, and the value. Only the first five rows are
/// shown.
pub(super) fn fields(rows: &[(&'static str, String)]) -> Value {
    let cells = rows
        .iter()
        .take(FIELDS / 2)
        .flat_map(|(label, value)| [json!({ "type": "mrkdwn", "text": format!("*{label}*") }), plain(value, FIELD)]);
    json!({ "type": "section", "fields": cells.collect::<Vec<_>>() })
}

/// A context block: a line in small print.
pub(super) fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [plain(text, FIELD)] })
}

/// The whole body. `text` must be escaped already. Unfurling is off, because otherwise a link in a name would show a
/// preview of a foreign page.
pub(super) fn envelope(text: &str, blocks: Vec<Value>) -> String {
    json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false }).to_string()
}
