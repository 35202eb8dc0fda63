//! Replies, and how snapshots show them.

use serde_json::Value;

/// A reply as a test looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Status and body, with moments, ids of events and addresses made alike.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.status, alike(&self.text))
    }
}

/// The text with moments, ids, signing secrets and local addresses replaced by their names.
pub(crate) fn alike(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let moment = |text: &str| text.len() >= 24 && text.is_char_boundary(24) && is_moment(&text[..24]);
        let ulid = |text: &str| text.len() >= 28 && text.is_char_boundary(28) && is_quoted_ulid(&text[..28]);
        if moment(rest) {
            shown.push_str("[moment]");
            rest = &rest[24..];
        } else if ulid(rest) {
            shown.push_str("\"[ulid]\"");
            rest = &rest[28..];
        } else if let Some((name, length)) = id_at(rest) {
            shown.push_str(name);
            rest = &rest[length..];
        } else if let Some(after) = rest.strip_prefix("http://127.0.0.1:") {
            shown.push_str("[gateway]");
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            // An emulator of API Gateway has API and stage in its path.
            if let Some((before, after)) = rest.split_once("/_user_request_")
                && before.starts_with("/restapis/")
                && !before.contains(char::is_whitespace)
            {
                rest = after;
            }
        } else {
            let c = rest.chars().next().unwrap();
            shown.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    shown
}

/// The uuid, the 24 hex digits or the signing secret in quotes with which the text begins: what it is shown as, and its
/// length.
fn id_at(text: &str) -> Option<(&'static str, usize)> {
    let (inner, _) = text.strip_prefix('"')?.split_once('"')?;
    let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let name = match inner.len() {
        36 if hex(inner) => "\"[uuid]\"",
        24 if hex(inner) => "\"[24 hex]\"",
        50 if inner.starts_with("whsec_") => "\"[secret]\"",
        _ => return None,
    };
    Some((name, inner.len() + 2))
}

fn is_moment(text: &str) -> bool {
    text.chars().zip("0000-00-00T00:00:00.000Z".chars()).all(|(c, wanted)| match wanted {
        '0' => c.is_ascii_digit(),
        wanted => c == wanted,
    })
}

fn is_quoted_ulid(text: &str) -> bool {
    text.starts_with("\"0")
        && text.ends_with('"')
        && text[1..27].bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
