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
    /// The most event types to which a webhook may subscribe, and the most entries of its subscriptions in the
    /// subscription index. A change may end all entries and begin as many others, in one transaction of at most 100
    /// writes.
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

    /// The events that are queued for this webhook now, as pairs of project and pattern; none while it is inactive. A
    /// pair without a project is for events of any project or none.
    pub fn wanted(&self) -> impl Iterator<Item = (Option<&str>, &Pattern)> {
        let on = self.subscriptions.iter().filter(|subscription| self.active && subscription.active);
        on.flat_map(|subscription| {
            let own = subscription.projects.is_empty().then_some(self.project.as_deref());
            let named = subscription.projects.iter().map(|project| Some(project.as_str()));
            own.into_iter().chain(named).map(|project| (project, &subscription.pattern))
        })
    }

    /// Whether an event of that type in that project, or in none, is queued for this webhook now.
    #[must_use]
    pub fn wants(&self, project: Option<&str>, event_type: &str) -> bool {
        self.wanted().any(|(wanted, pattern)| (wanted.is_none() || wanted == project) && pattern.matches(event_type))
    }

    /// Whether the entries of all subscriptions in the subscription index, also of those that are off, fit into one
    /// transaction.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.subscriptions.iter().map(Subscription::entries).sum::<usize>() <= Self::MAX_SUBSCRIPTIONS
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
    fn a_subscription_may_name_the_projects_whose_events_it_wants() {
        let mut webhook = webhook();
        let wants = |webhook: &Webhook| [Some("11"), Some("12"), None].map(|project| webhook.wants(project, "a"));
        let pattern = Pattern::Exact("a".to_owned());
        webhook.subscriptions = vec![Subscription::new(pattern.clone())];
        assert_eq!(wants(&webhook), [true, true, true]);
        webhook.subscriptions[0].projects = vec!["11".to_owned(), "13".to_owned()];
        assert_eq!(wants(&webhook), [true, false, false]);
        assert_eq!(webhook.wanted().collect::<Vec<_>>(), [(Some("11"), &pattern), (Some("13"), &pattern)]);
        webhook.subscriptions.push(Subscription::new(Pattern::Prefix("a".to_owned())));
        assert_eq!(wants(&webhook), [true, true, true], "another subscription wants them");
        webhook.subscriptions[1].active = false;
        assert_eq!(wants(&webhook), [true, false, false]);
        webhook.active = false;
        assert_eq!(wants(&webhook), [false, false, false]);
        let only = Webhook { project: Some("12".to_owned()), active: true, ..webhook };
        let only = Webhook { subscriptions: vec![Subscription::new(pattern)], ..only };
        assert_eq!(wants(&only), [false, true, false], "the webhook's own project");
    }

    #[test]
    fn the_entries_of_all_subscriptions_fit_into_one_transaction() {
        let mut webhook = webhook();
        let named = |count: usize| Subscription {
            projects: (0..count).map(|number| number.to_string()).collect(),
            active: false,
            ..Subscription::new(Pattern::Exact(count.to_string()))
        };
        webhook.subscriptions = vec![named(20), named(19), named(0)];
        assert!(webhook.fits());
        webhook.subscriptions.push(named(1));
        assert!(!webhook.fits());
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
