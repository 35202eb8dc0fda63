//! What a webhook wants to receive.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Which events a subscription wants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pattern {
    /// Events of exactly this type.
    Exact(String),
    /// Flip: events whose dotted type begins with these whole segments (`chat` matches `chat.message.sent` and `chat`,
    /// never `chatter.x`).
    Prefix(String),
}

impl Pattern {
    /// The most leading segments of a type by which prefixes are looked up.
    pub const MAX_PREFIX_SEGMENTS: usize = 8;

    /// The type or the prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Prefix(text) => text,
        }
    }

    /// Whether an event of that type is wanted.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == event_type,
            Self::Prefix(prefix) => {
                event_type.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }
    }

    /// Every pattern that matches the type: itself, and each of its first eight leading prefixes.
    #[must_use]
    pub fn all_matching(event_type: &str) -> Vec<Self> {
        let ends = event_type.match_indices('.').map(|(at, _)| at).chain([event_type.len()]);
        let prefixes = ends.take(Self::MAX_PREFIX_SEGMENTS).map(|end| Self::Prefix(event_type[..end].to_owned()));
        std::iter::once(Self::Exact(event_type.to_owned())).chain(prefixes).collect()
    }
}

/// The part of a subscription that SD Elements shows as an event configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Its id, unique in the organization and never used again.
    pub id: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What a webhook wants to receive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The events.
    pub pattern: Pattern,
    /// Whether it counts; only SD Elements can switch a subscription off by itself.
    pub active: bool,
    /// SD Elements' event configuration; absent for other APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Configuration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_matches_whole_segments_only() {
        let prefix = Pattern::Prefix("chat".to_owned());
        assert!(prefix.matches("chat"));
        assert!(prefix.matches("chat.message.sent"));
        assert!(!prefix.matches("chatter.x"));
    }

    #[test]
    fn all_matching_lists_exactly_the_patterns_that_match() {
        for pattern in Pattern::all_matching("a.b.c") {
            assert!(pattern.matches("a.b.c"), "{pattern:?}");
        }
        assert_eq!(Pattern::all_matching("a.b.c").len(), 4);
    }
}
