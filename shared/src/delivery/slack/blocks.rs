//! The few Block Kit elements that messages are made of. Each cleans, escapes and cuts its text by itself, so that no caller
//! can forget to.

use serde_json::{Value, json};

use super::escape::{FIELD, HEADER, SECTION, clean, escaped};

/// The most fields of one section.
const FIELDS: usize = 10;

/// A text in which nothing is formatted, a link or a mention.
fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": escaped(&clean(text), most), "emoji": false })
}

/// The title of a message.
pub(super) fn header(text: &str) -> Value {
    json!({ "type": "header", "text": plain(text, HEADER) })
}

/// A paragraph of at most `most` units.
pub(super) fn section(text: &str, most: usize) -> Value {
    json!({ "type": "section", "text": plain(text, most.min(SECTION)) })
}

/// A title, a fixed text of ours, above a paragraph that people wrote.
pub(super) fn titled(lines: &[String], most: usize) -> Value {
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    let text = escaped(&lines.join("\n"), most.min(SECTION));
    json!({ "type": "section", "text": { "type": "plain_text", "text": text, "emoji": false } })
}

/// A table of two columns: our label in bold, then the value; at most five rows, further ones are not shown.
pub(super) fn fields(rows: &[(&'static str, String)]) -> Value {
    let cells = rows
        .iter()
        .take(FIELDS / 2)
        .flat_map(|(label, value)| [json!({ "type": "mrkdwn", "text": format!("*{label}*") }), plain(value, FIELD)]);
    json!({ "type": "section", "fields": cells.collect::<Vec<_>>() })
}

/// A line in small print.
pub(super) fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [plain(text, FIELD)] })
}

/// The whole body. `text` is already escaped; links in it are not unfolded, or a name could show a stranger's page.
pub(super) fn envelope(text: &str, blocks: Vec<Value>) -> String {
    json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false }).to_string()
}
