//! The paging token of the list of events: opaque to clients, it holds the rest of the span and the other parameters.

use serde::{Deserialize, Serialize};

use crate::{
    domain::EventId,
    encoding::{base64_url, from_base64_url},
};

/// What a token says. It grants nothing: the events are always the caller's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PagingToken {
    /// The lowest id that is still to be listed.
    #[serde(rename = "f")]
    pub(super) from: EventId,
    /// The highest.
    #[serde(rename = "t")]
    pub(super) to: EventId,
    /// Only this type.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub(super) event_type: Option<String>,
    /// How many a page.
    #[serde(rename = "n")]
    pub(super) size: usize,
}

impl PagingToken {
    pub(super) fn text(&self) -> String {
        // Strings and a number: serialising them does not fail.
        base64_url(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what [`PagingToken::text`] wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(&from_base64_url(text)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn tokens_read_back_and_nothing_else_does() {
        let (from, to) = (EventId::new(Timestamp(5), 7), EventId::new(Timestamp(6), 0));
        for event_type in [None, Some("a.b".to_owned())] {
            let token = PagingToken { from, to, event_type, size: 50 };
            assert_eq!(PagingToken::parse(&token.text()), Some(token));
        }
        for text in ["", "x", "e30", "é", "////"] {
            assert_eq!(PagingToken::parse(text), None, "{text}");
        }
    }
}
