//! What a test knows besides the tables: which number an event has, and what each invocation has read.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use dynoxide::Database;
use serde_json::{Value, json};
use shared::domain::EventId;

use super::simulation::Process;

#[derive(Default)]
struct Known {
    ids: BTreeMap<u32, EventId>,
    reads: BTreeMap<(Process, String), Vec<EventId>>,
}

/// Shared by the database, the receiver and the test.
#[derive(Clone)]
pub(crate) struct Records {
    known: Arc<Mutex<Known>>,
    database: Database,
}

impl Records {
    pub(crate) fn new(database: &Database) -> Self {
        Self { known: Arc::default(), database: database.clone() }
    }

    /// Gives the event a number.
    pub(crate) fn name(&self, number: u32, id: EventId) {
        self.known.lock().unwrap().ids.insert(number, id);
    }

    pub(crate) fn id(&self, number: u32) -> EventId {
        self.known.lock().unwrap().ids[&number]
    }

    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.known.lock().unwrap().ids.keys().copied().collect()
    }

    /// Keeps what a worker has read of a queue: a query for what is pending in it.
    pub(crate) fn reads(&self, process: Process, request: &str, response: &str) {
        let request: Value = serde_json::from_str(request).unwrap();
        let Some(queue) = request["ExpressionAttributeValues"][":pk"]["S"].as_str() else { return };
        if request["ExpressionAttributeValues"][":pending"].is_null() {
            return;
        }
        let response: Value = serde_json::from_str(response).unwrap();
        let items = response["Items"].as_array().into_iter().flatten();
        let ids = items.filter_map(|item| item["sk"]["S"].as_str()?.parse().ok()).collect();
        self.known.lock().unwrap().reads.insert((process, queue.to_owned()), ids);
    }

    pub(crate) fn read_by(&self, process: Process, queue: &str) -> Vec<EventId> {
        self.known.lock().unwrap().reads.get(&(process, queue.to_owned())).cloned().unwrap_or_default()
    }

    /// An item, past every fault.
    pub(crate) fn item(&self, table: &str, pk: &str, sk: &str) -> Option<Value> {
        let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let answer = self.database.get_item(serde_json::from_value(request).unwrap()).unwrap();
        answer.item.map(|item| serde_json::to_value(item).unwrap())
    }

    /// Removes an item, past every fault.
    pub(crate) fn remove(&self, table: &str, pk: &str, sk: &str) {
        let request = json!({"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
        self.database.delete_item(serde_json::from_value(request).unwrap()).unwrap();
    }

    /// All items of a partition, past every fault.
    pub(crate) fn partition(&self, table: &str, pk: &str) -> Vec<Value> {
        let request = json!({
            "TableName": table, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
        });
        let answer = self.database.query(serde_json::from_value(request).unwrap()).unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        answer["Items"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) fn is_pending(&self, queue: &str, id: EventId) -> bool {
        let item = self.item("DeliveriesTable", queue, &id.to_string());
        item.is_some_and(|item| item["state"]["S"] == "pending")
    }
}
