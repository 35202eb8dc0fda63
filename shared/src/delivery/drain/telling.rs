//! Telling the organization about its webhooks by operational events. Each is put in the same transaction as the mark or
//! the change that it tells of.

use super::{judge::Item, worker::Worker};
use crate::{
    delivery::{
        operational::{Happened, announcement},
        reason::Reason,
    },
    domain::{Attempt, Delivery, Event, OperationalEvent, Suspension, ToldOfHour, hour_of},
    store::{Announcement, Remembered, StoreError},
};

/// What the queue is to remember of a delivery that is diverted or has expired.
pub(super) enum Telling {
    /// Nothing, because no event tells of it.
    Never,
    /// That there is one more to tell of.
    Later,
    /// That it was told.
    Now { told: Box<Announcement>, hour: i64, before: ToldOfHour },
}

impl Telling {
    pub(super) fn remembered(&self) -> Remembered<'_> {
        match self {
            Self::Never => Remembered::Nothing,
            Self::Later => Remembered::Untold,
            Self::Now { told, hour, before } => Remembered::Told { announcement: told, hour: *hour, before: *before },
        }
    }

    /// What the queue remembers after the delivery has ended.
    fn after(&self, known: ToldOfHour) -> ToldOfHour {
        match self {
            Self::Never => known,
            Self::Later => ToldOfHour { more: known.more.saturating_add(1), ..known },
            Self::Now { hour, .. } => ToldOfHour { hour: Some(*hour), more: 0 },
        }
    }
}

impl Worker<'_> {
    /// Counts a failure of the endpoint. The third in a row is told, unless it is known already that the webhook is
    /// failing.
    pub(super) async fn count_failure(&mut self, batch: &[Item], attempt: &Attempt) -> Result<(), StoreError> {
        self.health.failures = self.health.failures.saturating_add(1);
        self.health.in_a_row = self.health.in_a_row.saturating_add(1);
        if self.health.in_a_row < OperationalEvent::FAILING_AFTER || self.state.told.failing.is_some() {
            return Ok(());
        }
        let first = batch.first().and_then(|(queued, _)| {
            queued.delivery.attempts.iter().find(|earlier| earlier.at >= queued.delivery.queued)
        });
        let what = format!("{} failures in a row", self.health.in_a_row);
        let happened = Happened {
            since: first.map_or(attempt.at, |first| first.at),
            ..self.happened(OperationalEvent::WebhookFailing, Reason::after(&what, attempt).logged)
        };
        if let Some(told) = self.announcement(happened).await?
            && self.drain.store.tell_failing(self.queue, &self.token, &self.progress(), &told).await?
        {
            self.log_told(&told);
            self.state.told.failing = Some(attempt.at);
            self.state.told.trouble.get_or_insert(attempt.at);
        }
        Ok(())
    }

    /// Tells that the webhook has recovered, if it is known to be failing or suspended, because it has accepted these
    /// events. They are still pending: if this worker dies, they are sent again, and that is told.
    pub(super) async fn tell_recovered(&mut self, batch: &[Item]) -> Result<(), StoreError> {
        let Some(since) = self.state.told.trouble else { return Ok(()) };
        let reason = format!("a delivery was accepted after trouble since {since}");
        let happened = Happened { ending: batch.len(), ..self.happened(OperationalEvent::WebhookRecovered, reason) };
        if let Some(told) = self.announcement(happened).await?
            && self.drain.store.tell_recovered(self.queue, &self.token, &self.progress(), &told).await?
        {
            self.log_told(&told);
            (self.state.told.trouble, self.state.told.failing) = (None, None);
        }
        Ok(())
    }

    /// The event that tells of the suspension, to be put with it; `None` if nobody is told.
    pub(super) async fn suspended(
        &self,
        suspension: &Suspension,
        reason: &Reason,
    ) -> Result<Option<Announcement>, StoreError> {
        let happened = self.happened(OperationalEvent::WebhookSuspended, reason.logged.clone());
        self.announcement(Happened { since: suspension.at, ..happened }).await
    }

    /// What the queue is to remember of this delivery, which is now diverted or has expired. Its event may be gone. `known`
    /// is what the queue remembers of those before it.
    pub(super) async fn of_one_more(
        &self,
        what: OperationalEvent,
        known: ToldOfHour,
        delivery: &Delivery,
        event: Option<&Event>,
        reason: &Reason,
    ) -> Result<Telling, StoreError> {
        let event_type = event.map(|event| &event.event_type).or(delivery.event_type.as_ref());
        let is_operational = event_type.is_some_and(|event_type| OperationalEvent::has_type(event_type));
        if is_operational || !self.webhook.key.api.is_told_about() {
            return Ok(Telling::Never);
        }
        let now = self.now();
        let Some(count) = known.one_more(now) else { return Ok(Telling::Later) };
        let hops = event.map_or(0, |event| event.hops);
        let happened = self.happened(what, reason.logged.clone());
        let told =
            self.announcement(Happened { hops, ending: 1, of: Some((count, delivery.event)), ..happened }).await?;
        Ok(told.map_or(Telling::Later, |told| Telling::Now { told: Box::new(told), hour: hour_of(now), before: known }))
    }

    /// Logs what was told, and returns what the queue remembers now that the delivery has ended.
    pub(super) fn remembers(&self, telling: &Telling, known: ToldOfHour) -> ToldOfHour {
        if let Telling::Now { told, .. } = telling {
            self.log_told(told);
        }
        telling.after(known)
    }

    pub(super) fn log_told(&self, told: &Announcement) {
        let Event { id, event_type, .. } = &told.event;
        tracing::info!(queue = self.queue, event.id = %id, event.r#type = event_type, "the organization is told");
    }

    fn happened(&self, what: OperationalEvent, reason: String) -> Happened {
        Happened { what, reason, since: self.now(), hops: self.hops, ending: 0, head: self.state.head, of: None }
    }

    async fn announcement(&self, happened: Happened) -> Result<Option<Announcement>, StoreError> {
        if !self.webhook.key.api.is_told_about() {
            return Ok(None);
        }
        announcement(&self.drain.store, &self.webhook, happened).await
    }
}
