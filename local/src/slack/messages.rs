//! What has arrived, in order of arrival.

use std::collections::HashMap;

use axum::http::HeaderMap;
use serde::Serialize;
use shared::domain::Timestamp;

use crate::question::Question;

/// A request that arrived. All are POSTs, since only a POST is a delivery.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    /// With the query.
    pub(super) path: String,
    #[serde(serialize_with = "as_text")]
    pub(super) received_at: Timestamp,
    /// What was answered.
    pub(super) status: u16,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

fn as_text<S: serde::Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

impl Message {
    /// The path without its query, which is what a path is told to answer by.
    pub(super) fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or(&self.path)
    }
}

/// The headers by name, with repeated ones joined by `, `.
pub(super) fn joined(headers: &HeaderMap) -> HashMap<String, String> {
    let mut all: HashMap<String, String> = HashMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        all.entry(name.to_string())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    all
}

/// The messages that are asked for.
pub(super) fn asked(messages: &[Message], question: &Question) -> Vec<Message> {
    messages.iter().filter(|one| question.fits(&one.path)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_listed_as_scripts_know_it() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", "1".parse().unwrap());
        headers.append("x-a", "2".parse().unwrap());
        let message = Message {
            path: "/a?b=c".to_owned(),
            received_at: "2025-03-31T10:15:00.000Z".parse().unwrap(),
            status: 200,
            headers: joined(&headers),
            body: "{}".to_owned(),
        };
        assert_eq!(message.bare_path(), "/a");
        let wanted = r#"{"path":"/a?b=c","received_at":"2025-03-31T10:15:00.000Z","status":200,"headers":{"x-a":"1, 2"},"body":"{}"}"#;
        assert_eq!(serde_json::to_string(&message).unwrap(), wanted);
    }
}
