//! Where an event went.

use crate::{
    api::operations::{EventBody, EventDelivery, EventDetailBody, EventQuery, ListBody, NotQueued, OperationsFailure},
    app::App,
    domain::{Delivery, Event, EventId, Organization, Webhook},
    http::Reply,
    store::{StoreError, event_partition, queue_key},
};

/// How many webhooks are read at once.
const AT_ONCE: usize = 1_000;

/// An event, with what became of it at each webhook.
#[derive(Debug)]
pub struct EventDetail {
    /// The event.
    pub event: Event,
    /// The webhooks for which it was queued.
    pub deliveries: Vec<EventDelivery>,
    /// Webhooks that might have been expected to get it.
    pub not_queued: Vec<NotQueued>,
    /// Why it was queued for no webhook; `None` if it was queued for any.
    pub reason: Option<&'static str>,
}

impl From<EventDetail> for Reply {
    fn from(detail: EventDetail) -> Self {
        let EventDetail { event, deliveries, not_queued, reason } = detail;
        Self::json(200, &EventDetailBody::new(&event, deliveries, not_queued, reason))
    }
}

impl App {
    /// Reads a page of the organization's events. Needs `Query` on the Events table and its index `project`.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn event_page(
        &self,
        organization: &Organization,
        query: &EventQuery,
    ) -> Result<ListBody<EventBody>, StoreError> {
        let project = query.project.as_deref();
        let found = self.store.newest_events(organization, &query.span, project, query.list.limit).await?;
        let items = found.events.iter().map(EventBody::from).collect();
        Ok(ListBody { items, next: found.more.map(|last| query.list.cursor(&last)) })
    }

    /// Reads one event, with what became of it at each webhook. Needs `BatchGetItem` on the Events and the Deliveries
    /// table and `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// 404 if there is no such event, and the failures of the store.
    pub async fn event_detail(
        &self,
        organization: &Organization,
        id: EventId,
    ) -> Result<EventDetail, OperationsFailure> {
        let partition = event_partition(&organization.id, id, organization.event_shards);
        let (mut events, _) = self.store.events(&[(partition, id)]).await?;
        let event = events.remove(&id).filter(|event| event.organization == organization.id);
        let event = event.ok_or(OperationsFailure::NotFound)?;
        let gone = self.store.deleted_webhooks(&organization.id).await?;
        let gone: Vec<_> = gone.iter().map(|key| (key, queue_key(&organization.id, key))).collect();
        let (mut deliveries, mut not_queued, mut after) = (Vec::new(), Vec::new(), None);
        let mut of_deleted = loop {
            let (webhooks, more) = self.store.webhooks_after(&organization.id, None, after.as_ref(), AT_ONCE).await?;
            let queues: Vec<_> = webhooks.iter().map(|webhook| queue_key(&organization.id, &webhook.key)).collect();
            // The last page's deliveries are read together with those of deleted webhooks.
            let deleted = gone.iter().filter(|_| !more).map(|(_, queue)| queue);
            let all: Vec<_> = queues.iter().chain(deleted).cloned().collect();
            let mut found = self.store.deliveries_of(id, &all).await?;
            for (webhook, queue) in webhooks.iter().zip(&queues) {
                match found.remove(queue) {
                    Some(delivery) => deliveries.push(shown(webhook.key.to_string(), &delivery)),
                    None => not_queued.extend(why_not(webhook, &event)),
                }
            }
            after = webhooks.last().map(|webhook| webhook.key.clone());
            if !more {
                break found;
            }
        };
        let kept = gone.iter().filter_map(|(key, queue)| Some(shown(key.to_string(), &of_deleted.remove(queue)?)));
        deliveries.extend(kept);
        let reason = match (deliveries.is_empty(), not_queued.is_empty()) {
            (false, _) => None,
            (true, true) => Some("No webhook subscribes to events of this type."),
            (true, false) => Some("No webhook that subscribes to events of this type was to get this one."),
        };
        Ok(EventDetail { event, deliveries, not_queued, reason })
    }
}

fn shown(webhook: String, delivery: &Delivery) -> EventDelivery {
    let last = delivery.attempts.last();
    EventDelivery {
        webhook,
        state: delivery.state,
        last_status: last.and_then(|attempt| attempt.status),
        reason: delivery.reason.clone().or_else(|| last.and_then(|attempt| attempt.failure.clone())),
    }
}

/// Why the event was not queued for a webhook that subscribes to its type; `None` for one that does not.
fn why_not(webhook: &Webhook, event: &Event) -> Option<NotQueued> {
    let matching: Vec<_> = webhook.subscriptions.iter().filter(|one| one.pattern.matches(&event.event_type)).collect();
    if matching.is_empty() {
        return None;
    }
    let reason = if event.about.as_ref() == Some(&webhook.key) {
        "The event tells about this webhook itself."
    } else if webhook.created > event.id.time() {
        "It was created after the event."
    } else if !webhook.active {
        "It is inactive."
    } else if !matching.iter().any(|one| one.active) {
        "Its subscription is inactive."
    } else if !webhook.wants(event.project.as_deref(), &event.event_type) {
        "It wants the events of other projects only."
    } else {
        "It did not want the event when the event was accepted, or the event is still being queued."
    };
    Some(NotQueued { webhook: webhook.key.to_string(), reason })
}
