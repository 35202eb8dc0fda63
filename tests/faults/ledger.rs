//! What is owed to each webhook, as far as it can be known from outside: an event that it wanted when the event was published,
//! unless its owner stopped wanting it before the event was queued.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::domain::WebhookKey;

use crate::support::simulated::{Draft, Engine, at_once};

/// How long a request of an owner lasts at most: until then it is not known what it came to.
const REQUEST: Duration = Duration::from_secs(16);

#[derive(Default)]
struct Kept {
    owed: BTreeSet<(WebhookKey, u32)>,
    /// When the owner last began to want less.
    less: BTreeMap<WebhookKey, Duration>,
    /// Diverted deliveries that their owner has deleted, and when that was confirmed.
    deleted: BTreeMap<(WebhookKey, u32), Duration>,
    /// How often each owner has done something.
    actions: BTreeMap<WebhookKey, usize>,
}

/// What is owed.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Kept>>);

impl Ledger {
    /// Publishes an event, and writes down to whom it is owed.
    pub(crate) fn publish(&self, engine: &mut Engine, draft: Draft) {
        let wanting: Vec<WebhookKey> =
            engine.webhooks.iter().filter(|key| self.wants(engine, key, &draft)).cloned().collect();
        let event = engine.publish_draft(draft);
        self.0.lock().unwrap().owed.extend(wanting.into_iter().map(|key| (key, event)));
    }

    fn wants(&self, engine: &Engine, key: &WebhookKey, draft: &Draft) -> bool {
        let now = engine.simulation.monotonic();
        if self.0.lock().unwrap().less.get(key).is_some_and(|at| now < *at + REQUEST) {
            return false;
        }
        let webhook = at_once(engine.store.webhook(engine.owner(key), key)).unwrap();
        webhook.is_some_and(|webhook| {
            webhook.organization == draft.organization && webhook.wants(draft.project.as_deref(), &draft.event_type)
        })
    }

    /// The owner begins to want less: only what is queued by now stays owed.
    pub(crate) fn wants_less(&self, engine: &Engine, key: &WebhookKey) {
        let mut kept = self.0.lock().unwrap();
        kept.less.insert(key.clone(), engine.simulation.monotonic());
        kept.owed.retain(|(webhook, event)| webhook != key || engine.delivery(key, *event).is_some());
    }

    /// The owner has deleted the webhook: nothing is owed to it any more.
    pub(crate) fn gone(&self, key: &WebhookKey) {
        self.0.lock().unwrap().owed.retain(|(webhook, _)| webhook != key);
    }

    /// The owner asks for a diverted delivery to be deleted, which may go wrong.
    pub(crate) fn may_delete(&self, key: &WebhookKey, event: u32) {
        self.0.lock().unwrap().owed.remove(&(key.clone(), event));
    }

    /// The owner was told that it is deleted.
    pub(crate) fn deleted(&self, now: Duration, key: &WebhookKey, event: u32) {
        self.0.lock().unwrap().deleted.insert((key.clone(), event), now);
    }

    /// The owner has done something that may have its endpoint asked once more.
    pub(crate) fn acts(&self, key: &WebhookKey) {
        *self.0.lock().unwrap().actions.entry(key.clone()).or_default() += 1;
    }

    pub(crate) fn actions_of(&self, key: &WebhookKey) -> usize {
        self.0.lock().unwrap().actions.get(key).copied().unwrap_or_default()
    }

    /// What is owed was accepted, or is visibly kept; and what was deleted is not brought back.
    pub(crate) fn assert_paid(&self, engine: &Engine) {
        let kept = self.0.lock().unwrap();
        for (key, event) in &kept.owed {
            engine.assert_kept(key, *event);
        }
        for ((key, event), at) in &kept.deleted {
            let since = engine.receiver.arrivals_of(&engine.queue(key));
            let after = since.iter().find(|arrival| arrival.since_start > *at && arrival.events.contains(event));
            assert!(after.is_none(), "{key}: {event} was deleted, and came: {after:?}\n{}", engine.simulation.trace());
            let state = engine.delivery(key, *event).map(|item| item["state"]["S"].clone());
            let gone = state.as_ref().is_none_or(|state| state == "discarded");
            assert!(gone, "{key}: {event} was deleted, and is {state:?}\n{}", engine.simulation.trace());
        }
    }
}
