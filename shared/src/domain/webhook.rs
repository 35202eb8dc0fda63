//! Webhooks: an endpoint with its subscriptions and its state.

use std::time::Duration;

use super::{
    Endpoint, FailurePolicy, Hold, OrganizationId, Pattern, Secret, Subscription, Suspension, Timestamp, WebhookKey,
};

/// How soon after an unpause another one is refused: each wakes drain and lets the queue go at once.
const BETWEEN_UNPAUSES: Duration = Duration::from_secs(10);

/// An unpause that follows another too closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook was unpaused a moment ago")]
pub struct TooSoon {
    /// After how many seconds it may be tried again: 1 to 10.
    pub seconds: u64,
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

    /// Pauses delivery; a paused webhook stays as it is.
    pub fn pause(&mut self, now: Timestamp) {
        self.paused.get_or_insert(now);
    }

    /// Resumes delivery that its owner paused. A suspension stays.
    ///
    /// # Errors
    ///
    /// [`TooSoon`] within ten seconds of the last unpause.
    pub fn unpause(&mut self, now: Timestamp) -> Result<(), TooSoon> {
        let wait = self.unpaused.map_or(Duration::ZERO, |last| last.plus(BETWEEN_UNPAUSES).since(now));
        if !wait.is_zero() {
            return Err(TooSoon { seconds: u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX) });
        }
        self.paused = None;
        self.unpaused = Some(now);
        Ok(())
    }

    /// Resumes delivery that the system stopped.
    pub fn unsuspend(&mut self) {
        self.suspended = None;
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
    use crate::domain::{OrganizationId, Secret, Suspension, WebhookKey};

    fn webhook() -> Webhook {
        let organization = OrganizationId::parse("acme").unwrap();
        Webhook::new(organization, WebhookKey::sdelements(1), "n".to_owned(), Secret::new("https://x"), Timestamp(0))
    }

    #[test]
    fn unpausing_again_waits_ten_seconds() {
        let mut webhook = webhook();
        assert_eq!(webhook.unpause(Timestamp(100_000)), Ok(()));
        assert_eq!(webhook.unpause(Timestamp(100_001)), Err(TooSoon { seconds: 10 }));
        webhook.pause(Timestamp(100_002));
        assert_eq!(webhook.unpause(Timestamp(109_500)), Err(TooSoon { seconds: 1 }));
        assert_eq!(webhook.paused, Some(Timestamp(100_002)), "a refused unpause changes nothing");
        assert_eq!(webhook.unpause(Timestamp(110_000)), Ok(()));
        assert_eq!((webhook.paused, webhook.unpaused), (None, Some(Timestamp(110_000))));
    }

    #[test]
    fn a_new_url_lifts_only_a_suspension_that_was_the_old_ones() {
        for (endpoint_gone, url, kept) in
            [(true, "https://y", false), (true, "https://x", true), (false, "https://y", true)]
        {
            let mut webhook = webhook();
            webhook.suspended = Some(Suspension { at: Timestamp(1), reason: "r".to_owned(), endpoint_gone });
            webhook.move_to(Secret::new(url));
            assert_eq!(
                (webhook.suspended.is_some(), webhook.endpoint.url.expose()),
                (kept, url),
                "{endpoint_gone} {url}"
            );
        }
    }
}
