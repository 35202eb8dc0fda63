//! Webhooks, and the changes to their state.

use std::time::Duration;

use super::{
    Endpoint, FailurePolicy, Hold, OrganizationId, Pattern, Secret, Subscription, Suspension, TargetKind, Timestamp,
    WebhookKey,
};

/// For how long after an unpause another one is refused, because each wakes drain and makes the queue due at once.
const BETWEEN_UNPAUSES: Duration = Duration::from_secs(10);

/// An unpause was refused because it followed another within ten seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook was unpaused a moment ago")]
pub struct TooSoon {
    /// In how many seconds it may be tried again: 1 to 10.
    pub seconds: u64,
}

/// A webhook: an endpoint with its subscriptions, failure policy and state.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// The organization that owns the webhook.
    pub organization: OrganizationId,
    /// The webhook's API and its id there.
    pub key: WebhookKey,
    /// The webhook's name, for people.
    pub name: String,
    /// Where the webhook's messages go.
    pub endpoint: Endpoint,
    /// The owner's description of the webhook.
    pub description: String,
    /// The one project whose events the webhook receives (Akinon); `None` for events of any project or none.
    pub project: Option<String>,
    /// The user who registered the webhook (Flip).
    pub owner: Option<String>,
    /// What a notification target receives; `None` for the webhooks of all other APIs.
    pub target: Option<TargetKind>,
    /// The events that the webhook wants, at most 40 subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Whether the owner has the webhook switched on. While it is off, new events are not queued.
    pub active: bool,
    /// Since when the owner has paused delivery; `None` if it is not paused.
    pub paused: Option<Timestamp>,
    /// When the owner last unpaused delivery.
    pub unpaused: Option<Timestamp>,
    /// Why and since when the system has stopped delivery; `None` if it has not.
    pub suspended: Option<Suspension>,
    /// The owner's failure policy (Socotra); `None` for the default rules: retry on the schedule, then suspend.
    pub policy: Option<FailurePolicy>,
    /// A number that rises with each change on which a subscription or a queue depends.
    pub generation: u64,
    /// When the webhook was created.
    pub created: Timestamp,
    /// When the owner last changed the webhook.
    pub updated: Timestamp,
}

impl Webhook {
    /// The most event types to which a webhook may subscribe. All of them must fit into one transaction.
    pub const MAX_SUBSCRIPTIONS: usize = 40;

    /// An active webhook with this name and URL, without subscriptions or signing secrets. It signs once it has a
    /// secret.
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
            target: None,
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

    /// Changes the URL. If the webhook was suspended because its old endpoint was gone, this ends the suspension.
    pub fn move_to(&mut self, url: Secret) {
        if url != self.endpoint.url {
            self.endpoint.url = url;
            self.suspended = self.suspended.take().filter(|suspension| !suspension.endpoint_gone);
        }
    }

    /// Pauses delivery. If it is paused already, nothing changes.
    pub fn pause(&mut self, now: Timestamp) {
        self.paused.get_or_insert(now);
    }

    /// Resumes delivery after a pause. A suspension stays.
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

    /// Ends a suspension. A pause stays.
    pub fn unsuspend(&mut self) {
        self.suspended = None;
    }

    /// Why the webhook's queue is held, if it is. If there are several reasons, inactive comes before paused, and
    /// paused before suspended.
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

    /// Whether a delivery that failed with the webhook as it was `before` may succeed at the moment `now`, because the
    /// URL, the headers or the signatures have changed, or because a suspension has ended. A previous secret that has
    /// ended by itself is no such change when it is dropped.
    #[must_use]
    pub fn repairs(&self, before: &Self, now: Timestamp) -> bool {
        let Endpoint { url, headers, tag: _, signing_secrets: _, previous_secret_until: _, signing: _ } =
            &self.endpoint;
        *url != before.endpoint.url
            || *headers != before.endpoint.headers
            || self.endpoint.signs_with(now) != before.endpoint.signs_with(now)
            || (self.suspended.is_none() && before.suspended.is_some())
    }

    /// The patterns of the events that are queued for this webhook now; none while it is inactive.
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
    fn new_signatures_repair_but_the_end_of_an_overlap_does_not() {
        let mut before = webhook();
        before.endpoint.set_secret(Secret::new("a"));
        let mut rotated = before.clone();
        let end = rotated.endpoint.rotate(Secret::new("b"), Duration::from_secs(60), Timestamp(0)).unwrap();
        assert!(rotated.repairs(&before, Timestamp(0)));
        let mut forgotten = rotated.clone();
        forgotten.endpoint.forget_ended_secret(end);
        assert!(forgotten != rotated && !forgotten.repairs(&rotated, end));
        let mut longer = rotated.clone();
        longer.endpoint.previous_secret_until = Some(end.plus(Duration::from_secs(60)));
        assert!(!longer.repairs(&rotated, Timestamp(0)), "the same signatures");
        let off = Webhook { endpoint: Endpoint { signing: false, ..before.endpoint.clone() }, ..before.clone() };
        assert!(off.repairs(&before, Timestamp(0)) && before.repairs(&off, Timestamp(0)));
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
