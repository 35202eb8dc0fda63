//! Subscriptions: the events that a webhook wants.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The event types that a subscription wants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pattern {
    /// Events of exactly this type.
    Exact(String),
    /// Flip: events whose dotted type begins with exactly these segments. `chat` matches `chat` and
    /// `chat.message.sent`, but not `chatter.x`.
    Prefix(String),
}

impl Pattern {
    /// How many leading segments of an event's type are looked up as prefixes, at most. A longer prefix matches no
    /// event.
    pub const MAX_PREFIX_SEGMENTS: usize = 8;

    /// The pattern's text: the type or the prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Prefix(text) => text,
        }
    }

    /// Whether the pattern matches events of this type.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == event_type,
            Self::Prefix(prefix) => {
                event_type.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }
    }

    /// Every pattern that matches this type: the type itself, and its prefixes of up to eight segments.
    #[must_use]
    pub fn all_matching(event_type: &str) -> Vec<Self> {
        let ends = event_type.match_indices('.').map(|(at, _)| at).chain([event_type.len()]);
        let prefixes = ends.take(Self::MAX_PREFIX_SEGMENTS).map(|end| Self::Prefix(event_type[..end].to_owned()));
        std::iter::once(Self::Exact(event_type.to_owned())).chain(prefixes).collect()
    }
}

/// What a subscription stores for SD Elements, which shows it as an event configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The event configuration's id. It is unique in the organization and never reused.
    pub id: u64,
    /// When the event configuration was created.
    pub created: Timestamp,
    /// When the event configuration last changed.
    pub updated: Timestamp,
}

/// One kind of events that a webhook wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The event types.
    pub pattern: Pattern,
    /// Whether the subscription is on. Only SD Elements can switch a single subscription off.
    pub active: bool,
    /// The projects whose events the subscription wants, at most 20; empty for events of any project or none. Only SD
    /// Elements can name projects for a single subscription.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// The event configuration, for SD Elements only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Configuration>,
}

impl Subscription {
    /// The most projects that one subscription may name.
    pub const MAX_PROJECTS: usize = 20;

    /// An active subscription to the events of any project or none, without an event configuration.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        Self { pattern, active: true, projects: Vec::new(), configuration: None }
    }

    /// How many entries the subscription has in the subscription index while it is on: one for each project that it
    /// names, or a single one if it names none.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.projects.len().max(1)
    }
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
