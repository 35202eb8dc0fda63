//! What must hold when everything is quiet.

use serde_json::Value;
use shared::domain::WebhookKey;

use super::engine::{Engine, at_once};

impl Engine {
    fn deliveries(&self, queue: &str) -> Vec<Value> {
        let items = self.records.partition("DeliveriesTable", queue);
        items.into_iter().filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.len() == 26)).collect()
    }

    /// How many deliveries of the webhook are in that state.
    pub fn count(&self, key: &WebhookKey, state: &str) -> usize {
        self.deliveries(&self.queue(key)).iter().filter(|item| item["state"]["S"] == state).count()
    }

    /// A delivery's item.
    pub fn delivery(&self, key: &WebhookKey, event: u32) -> Option<Value> {
        self.records.item("DeliveriesTable", &self.queue(key), &self.records.id(event).to_string())
    }

    /// The QUEUE item.
    pub fn queue_item(&self, key: &WebhookKey) -> Value {
        self.records.item("DeliveriesTable", &self.queue(key), "QUEUE").unwrap_or_default()
    }

    /// Queue and webhook agree on what holds it; a held queue is not due, one that is not has nothing pending and is not due.
    pub fn assert_quiet(&self) {
        for key in &self.webhooks {
            let queue = self.queue_item(key);
            let webhook = at_once(self.store.webhook(self.owner(key), key)).unwrap();
            let hold = webhook.as_ref().map_or(Some("deleted"), |webhook| {
                webhook.hold().map(|hold| match hold {
                    shared::domain::Hold::Paused => "paused",
                    shared::domain::Hold::Suspended => "suspended",
                    shared::domain::Hold::Inactive => "inactive",
                    shared::domain::Hold::Deleted => "deleted",
                })
            });
            let shown =
                || format!("{key}: {queue}\n{:?}\n{}", self.deliveries(&self.queue(key)), self.simulation.trace());
            if !queue.is_null() {
                assert_eq!(queue["held"]["S"].as_str(), hold, "{}", shown());
            }
            assert!(queue["due_at"].is_null() && queue["due_shard"].is_null(), "due forever: {}", shown());
            let waits = hold.is_some_and(|hold| hold != "deleted");
            assert!(waits || self.count(key, "pending") == 0, "stranded: {}", shown());
        }
    }

    /// Lifts every hold, with endpoints that accept everything, and runs until it is quiet again.
    pub fn heal(&mut self) {
        self.receiver.heal();
        for key in self.webhooks.clone() {
            self.change(&key, |webhook| {
                webhook.active = true;
                webhook.paused = None;
                webhook.suspended = None;
            });
        }
        self.run();
        self.assert_quiet();
    }

    /// Where in the tables of deliveries and events, and in what is said of suspensions, one of these texts stands.
    #[must_use]
    pub fn said_of_secrets(&self, secrets: &[&str]) -> Vec<String> {
        let items = ["DeliveriesTable", "EventsTable"].into_iter().flat_map(|table| self.records.all(table));
        let mut said: Vec<String> = items.map(|item| item.to_string()).collect();
        for key in &self.webhooks {
            let webhook = at_once(self.store.webhook(self.owner(key), key)).unwrap();
            said.extend(webhook.and_then(|webhook| webhook.suspended).map(|suspension| suspension.reason));
        }
        said.retain(|text| secrets.iter().any(|secret| text.contains(secret)));
        said
    }

    /// The event was accepted by the webhook, or is visibly kept for it: diverted with a copy, or ended by its own policy with
    /// the reason.
    ///
    /// # Panics
    ///
    /// If it is lost.
    pub fn assert_kept(&self, key: &WebhookKey, event: u32) {
        let shown = || format!("event {event} to {key}\n{}", self.simulation.trace());
        let delivery = self.delivery(key, event).unwrap_or_else(|| panic!("lost: {}", shown()));
        let reason = delivery["reason"]["S"].as_str();
        match delivery["state"]["S"].as_str().unwrap() {
            "delivered" => {
                let accepted = self.receiver.accepted_by(&self.queue(key));
                assert!(accepted.contains(&event), "never sent: {}", shown());
            }
            "diverted" => {
                assert!(reason.is_some(), "no reason: {}", shown());
                assert!(delivery["event"]["M"].is_object(), "not kept: {}", shown());
                let pointer = format!("DIV#{}", self.records.id(event));
                let pointer = self.records.item("DeliveriesTable", &self.queue(key), &pointer);
                assert!(pointer.is_some(), "cannot be listed: {}", shown());
            }
            "discarded" if reason.is_some_and(|reason| reason.starts_with("the failure policy ")) => {}
            state => panic!("{state}, {reason:?}: {}", shown()),
        }
    }

    /// Every event has a delivery to the webhook, which was accepted or is visibly kept.
    pub fn assert_nothing_lost(&self, key: &WebhookKey) {
        for event in self.records.numbers() {
            if self.records.event(event).organization != *self.owner(key) {
                continue;
            }
            self.assert_kept(key, event);
        }
    }
}
