//! The rules that hold for what operational events tell.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::{domain::WebhookKey, store::queue_key};

use super::{engine::Engine, happenings::Happening, records::Records};

/// What has been told about a webhook, by the events alone.
#[derive(Debug, Default)]
struct Heard {
    trouble: bool,
    failing: bool,
    suspensions: usize,
    told_of_suspensions: usize,
    diverted: u64,
    expired: u64,
}

impl Heard {
    fn hear(&mut self, happening: &Happening) -> Result<(), String> {
        let item = match happening {
            Happening::Suspended => {
                self.suspensions += 1;
                return Ok(());
            }
            Happening::Repaired => {
                self.failing = false;
                return Ok(());
            }
            Happening::Diverted => {
                self.diverted += 1;
                return Ok(());
            }
            Happening::Expired => {
                self.expired += 1;
                return Ok(());
            }
            Happening::Told(item) => item,
        };
        let data: Value = serde_json::from_str(item["data"]["S"].as_str().unwrap()).unwrap();
        let hops: u32 = item["hops"]["N"].as_str().unwrap().parse().unwrap();
        let good = match item["type"]["S"].as_str().unwrap() {
            "outhook.webhook.failing" => {
                self.trouble = true;
                !std::mem::replace(&mut self.failing, true)
            }
            "outhook.webhook.recovered" => {
                self.failing = false;
                std::mem::replace(&mut self.trouble, false)
            }
            "outhook.webhook.suspended" => {
                self.trouble = true;
                self.told_of_suspensions += 1;
                self.told_of_suspensions <= self.suspensions
            }
            "outhook.delivery.diverted" => data["count"] == std::mem::take(&mut self.diverted),
            "outhook.delivery.expired" => data["count"] == std::mem::take(&mut self.expired),
            other => return Err(format!("what is {other}?")),
        };
        if good && (1..=4).contains(&hops) { Ok(()) } else { Err(format!("told without cause: {item}")) }
    }
}

/// The operational events that were put so far.
#[derive(Clone)]
pub struct Tellings(Records);

impl Tellings {
    /// The types of those about the webhook with that queue.
    #[must_use]
    pub fn about(&self, queue: &str) -> Vec<String> {
        let told = self.0.happenings().into_iter().filter(|(about, _)| about == queue);
        let told =
            told.filter_map(|(_, happening)| if let Happening::Told(item) = happening { Some(item) } else { None });
        told.map(|item| item["type"]["S"].as_str().unwrap().to_owned()).collect()
    }
}

impl Engine {
    /// The types of the operational events about a webhook, in the order in which they were put.
    #[must_use]
    pub fn told(&self, key: &WebhookKey) -> Vec<String> {
        self.told_items(key).iter().map(|item| item["type"]["S"].as_str().unwrap().to_owned()).collect()
    }

    /// The data of the operational events about a webhook, in the order in which they were put.
    #[must_use]
    pub fn told_data(&self, key: &WebhookKey) -> Vec<Value> {
        self.told_items(key)
            .iter()
            .map(|item| serde_json::from_str(item["data"]["S"].as_str().unwrap()).unwrap())
            .collect()
    }

    /// What endpoints may ask while the engine runs.
    #[must_use]
    pub fn tellings(&self) -> Tellings {
        Tellings(self.records.clone())
    }

    /// The items of the operational events about a webhook, in the order in which they were put.
    #[must_use]
    pub fn told_items(&self, key: &WebhookKey) -> Vec<Value> {
        let queue = queue_key(self.owner(key), key);
        let told = self.records.happenings().into_iter().filter(|(about, _)| *about == queue);
        told.filter_map(|(_, happening)| if let Happening::Told(item) = happening { Some(item) } else { None })
            .collect()
    }

    /// Each change of state was told once and nothing else was, and the marks in the queues say what was told. With
    /// `all`, every suspension was told: no event had come back too often.
    ///
    /// # Panics
    ///
    /// If not.
    pub fn assert_told(&self, all: bool) {
        let mut heard: BTreeMap<String, Heard> = BTreeMap::new();
        for (queue, happening) in self.records.happenings() {
            let heard = heard.entry(queue.clone()).or_default();
            let good = heard.hear(&happening);
            assert!(good.is_ok(), "{queue}: {good:?} {heard:?}\n{}", self.simulation.trace());
        }
        for key in &self.webhooks {
            let trace = || self.simulation.trace();
            let queue = self.queue_item(key);
            let heard = heard.remove(&queue_key(self.owner(key), key)).unwrap_or_default();
            let count = |name: &str| queue[name]["N"].as_str().map_or(0, |count| count.parse().unwrap());
            let marks = (queue["trouble"].is_object(), queue["failing"].is_object());
            let stored = (marks, count("diverted_more"), count("expired_more"));
            if !key.api.is_told_about() {
                let silent = self.told(key).is_empty() && stored == ((false, false), 0, 0);
                assert!(silent, "{key} is a target: {queue}\n{}", trace());
                continue;
            }
            let wanted = ((heard.trouble, heard.failing), heard.diverted, heard.expired);
            assert_eq!(stored, wanted, "{key}: {queue} {heard:?}\n{}", trace());
            if all {
                assert_eq!(heard.suspensions, heard.told_of_suspensions, "{key}: {heard:?}\n{}", trace());
                let known = count("in_a_row") < 3 || heard.failing;
                assert!(known, "{key} fails, and nobody was told: {queue}\n{}", trace());
            }
        }
    }
}
