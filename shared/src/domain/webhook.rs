//! Webhooks: an endpoint with its subscriptions and its state.

mod state;

use serde::{Deserialize, Serialize};

pub use state::TooSoon;

use super::{Endpoint, FailurePolicy, OrganizationId, Secret, Timestamp, WebhookKey};

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

/// Why and since when the system has stopped delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub at: Timestamp,
    /// The reason, for the owner to read; never contains the URL.
    pub reason: String,
    /// Whether the endpoint said that it is gone or rejects our requests: a new URL then lifts the suspension.
    pub endpoint_gone: bool,
}

/// Why a webhook's queue is not being delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// Its owner paused it.
    Paused,
    /// The system suspended it.
    Suspended,
    /// Its owner switched it off.
    Inactive,
    /// It is gone; nothing takes this hold away.
    Deleted,
}

/// An endpoint with its subscriptions and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Its API and its id there.
    pub key: WebhookKey,
    /// Its name, for people.
    pub name: String,
    /// Where it delivers to.
    pub endpoint: Endpoint,
    /// What it is for.
    pub description: String,
    /// The one project whose events it receives (Akinon); `None` for all.
    pub project: Option<String>,
    /// The user who registered it (Flip).
    pub owner: Option<String>,
    /// What it wants, at most 40 patterns.
    pub subscriptions: Vec<Subscription>,
    /// The owner's switch: while it is off, events that happen are not queued.
    pub active: bool,
    /// Since when its owner has paused delivery.
    pub paused: Option<Timestamp>,
    /// When it was last unpaused.
    pub unpaused: Option<Timestamp>,
    /// Set while the system has stopped delivery.
    pub suspended: Option<Suspension>,
    /// Its owner's failure policy (Socotra); `None` for the service's own: retry on the schedule, then suspend.
    pub policy: Option<FailurePolicy>,
    /// Rises with each change that a subscription or a queue depends on.
    pub generation: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When its owner last changed it.
    pub updated: Timestamp,
}

impl Webhook {
    /// The most event types a webhook may subscribe to: all of them change in one transaction.
    pub const MAX_SUBSCRIPTIONS: usize = 40;

    /// An active webhook of that name and URL, without subscriptions.
    #[must_use]
    pub fn new(organization: OrganizationId, key: WebhookKey, name: String, url: Secret, now: Timestamp) -> Self {
        Self {
            organization,
            key,
            name,
            endpoint: Endpoint { signing: true, ..Endpoint::new(url) },
            description: String::new(),
            project: None,
            owner: None,
            subscriptions: Vec::new(),
            active: true,
            paused: None,
            unpaused: None,
            suspended: None,
            policy: None,
            generation: 0,
            created: now,
            updated: now,
        }
    }

    /// Delivers to another URL from now on. That lifts a suspension that was due to the old one.
    pub fn move_to(&mut self, url: Secret) {
        if url != self.endpoint.url {
            self.endpoint.url = url;
            self.suspended = self.suspended.take().filter(|suspension| !suspension.endpoint_gone);
        }
    }

    /// What keeps its queue from being delivered, if anything: the owner's switch first, then the pause, then the system's.
    #[must_use]
    pub fn hold(&self) -> Option<Hold> {
        if !self.active {
            Some(Hold::Inactive)
        } else if self.paused.is_some() {
            Some(Hold::Paused)
        } else {
            self.suspended.as_ref().map(|_| Hold::Suspended)
        }
    }

    /// Whether what failed `before` may go well now: another endpoint, other headers or secrets, or a suspension less.
    #[must_use]
    pub fn repairs(&self, before: &Self) -> bool {
        let Endpoint { url, headers, signing_secrets, signing, tag: _ } = &self.endpoint;
        *url != before.endpoint.url
            || *headers != before.endpoint.headers
            || *signing_secrets != before.endpoint.signing_secrets
            || *signing != before.endpoint.signing
            || (self.suspended.is_none() && before.suspended.is_some())
    }

    /// The patterns by which events find this webhook now: none while it is inactive.
    pub fn wanted(&self) -> impl Iterator<Item = &Pattern> {
        self.subscriptions.iter().filter(|s| self.active && s.active).map(|s| &s.pattern)
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
