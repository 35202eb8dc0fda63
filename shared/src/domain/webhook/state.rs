//! What its owner does to a webhook's delivery: stopping and resuming it.

use std::time::Duration;

use super::Webhook;
use crate::domain::Timestamp;

/// How soon after an unpause another one is refused: each wakes drain and lets the queue go at once.
const BETWEEN_UNPAUSES: Duration = Duration::from_secs(10);

/// An unpause that follows another too closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook was unpaused a moment ago")]
pub struct TooSoon {
    /// After how many seconds it may be tried again: 1 to 10.
    pub seconds: u64,
}

impl Webhook {
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
