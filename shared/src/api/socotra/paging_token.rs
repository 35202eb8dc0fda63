//! The paging token of the list of events. It is opaque to clients. It contains the rest of the span and the other
//! parameters.

use serde::{Deserialize, Serialize};

use crate::{
    domain::EventId,
    encoding::{base64_url, from_base64_url},
};

/// The content of a paging token. It grants no access: the listed events are always those of the caller's own tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PagingToken {
    /// The lowest id that has not been listed yet.
    #[serde(rename = "f")]
    pub(super) from: EventId,
    /// The highest id to list.
    #[serde(rename = "t")]
    pub(super) to: EventId,
    /// If set, only events of this type are listed.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub(super) event_type: Option<String>,
    /// The largest number of events on a page.
    #[serde(rename = "n")]
    pub(super) size: usize,
}

impl PagingToken {
    pub(super) fn text(&self) -> String {
        // The token has only strings and a number, so serializing it does not fail.
        base64_url(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// Parses a text that [`PagingToken::text`] wrote. Returns `None` for any other text.
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
