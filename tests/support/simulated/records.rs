//! What a test knows besides the tables: which number an event has, and what each invocation has read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use dynoxide::Database;
use serde_json::{Value, json};
use shared::domain::{Event, EventId, OrganizationId};

use super::{
    capacity::Capacity,
    happenings::{Happening, happenings},
    lag::due_at,
    simulation::{Process, Simulation},
};

/// What is known of an event.
#[derive(Clone, Debug)]
pub struct PublishedEvent {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Its type.
    pub event_type: String,
    /// Its partition of the Events table.
    pub partition: String,
    /// When it was published, on the monotonic clock.
    pub at: Duration,
}

#[derive(Default)]
struct Known {
    events: BTreeMap<u32, PublishedEvent>,
    reads: BTreeMap<(Process, String), Vec<EventId>>,
    /// Units by whether they are for writes and by table, while they are counted.
    units: Option<BTreeMap<(bool, String), f64>>,
    /// How many calls were throttled.
    throttled: usize,
    /// Whose calls DynamoDB refuses (everybody's if it is nobody's name), and with which error.
    refused: Option<(Option<&'static str>, &'static str)>,
    /// How many bytes each invocation has in hand, and the most that one had.
    in_hand: BTreeMap<Process, usize>,
    most_in_hand: usize,
    /// The calls that no repetition can help.
    invalid: Vec<String>,
    /// The tables that were made.
    made: Vec<Value>,
    /// What invocations have written that operational events tell of, in order.
    happenings: Vec<(String, Happening)>,
    /// The transactions that were seen: one that is tried again has no effect.
    transactions: BTreeSet<String>,
    /// The keys of the events that invocations have put, and that the stream has not heard of yet.
    put: Vec<(String, String)>,
}

/// Shared by the database, the receiver and the test.
#[derive(Clone)]
pub struct Records {
    known: Arc<Mutex<Known>>,
    capacity: Arc<Mutex<Capacity>>,
    database: Database,
}

impl Records {
    pub fn new(database: &Database) -> Self {
        Self { known: Arc::default(), capacity: Arc::default(), database: database.clone() }
    }

    /// Gives the event a number.
    pub(crate) fn name(&self, number: u32, event: &Event, partition: String, at: Duration) {
        let (id, organization) = (event.id, event.organization.clone());
        let published = PublishedEvent { id, organization, event_type: event.event_type.clone(), partition, at };
        self.known.lock().unwrap().events.insert(number, published);
    }

    /// What is known of the event of that number.
    #[must_use]
    pub fn event(&self, number: u32) -> PublishedEvent {
        self.known.lock().unwrap().events[&number].clone()
    }

    /// The id of the event of that number.
    #[must_use]
    pub fn id(&self, number: u32) -> EventId {
        self.known.lock().unwrap().events[&number].id
    }

    /// The partition of the event of that number in the Events table.
    pub fn event_partition(&self, number: u32) -> String {
        self.event(number).partition
    }

    /// The numbers of all events.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        self.known.lock().unwrap().events.keys().copied().collect()
    }

    /// Keeps what a worker has read of a queue: a query for what is pending in it.
    pub fn reads(&self, process: Process, request: &str, response: &str) {
        let request: Value = serde_json::from_str(request).unwrap();
        let values = &request["ExpressionAttributeValues"];
        let Some(queue) = values[":pk"]["S"].as_str() else { return };
        if values[":state"]["S"] != "pending" || request["Select"] == "COUNT" {
            return;
        }
        let response: Value = serde_json::from_str(response).unwrap();
        let items = response["Items"].as_array().into_iter().flatten();
        let ids = items.filter_map(|item| item["sk"]["S"].as_str()?.parse().ok()).collect();
        self.known.lock().unwrap().reads.insert((process, queue.to_owned()), ids);
    }

    pub fn read_by(&self, process: Process, queue: &str) -> Vec<EventId> {
        self.known.lock().unwrap().reads.get(&(process, queue.to_owned())).cloned().unwrap_or_default()
    }

    /// Begins to count the units that calls consume.
    pub fn count_units(&self) {
        self.known.lock().unwrap().units = Some(BTreeMap::new());
    }

    pub(crate) fn counts_units(&self) -> bool {
        self.known.lock().unwrap().units.is_some()
    }

    fn units(&self, write: bool, table: &str) -> f64 {
        let known = self.known.lock().unwrap();
        known.units.as_ref().and_then(|units| units.get(&(write, table.to_owned())).copied()).unwrap_or_default()
    }

    /// The write units of a table and its indexes since the count began.
    #[must_use]
    pub fn write_units(&self, table: &str) -> f64 {
        self.units(true, table)
    }

    /// The read units of a table and its indexes since the count began.
    #[must_use]
    pub fn read_units(&self, table: &str) -> f64 {
        self.units(false, table)
    }

    /// Adds what DynamoDB says that a call has consumed.
    pub(crate) fn consumed(&self, write: bool, response: &[u8]) {
        let response: Value = serde_json::from_slice(response).unwrap();
        let consumed = match &response["ConsumedCapacity"] {
            Value::Array(several) => several.clone(),
            Value::Null => return,
            one => vec![one.clone()],
        };
        let mut known = self.known.lock().unwrap();
        let units = known.units.get_or_insert_default();
        for one in consumed {
            let table = one["TableName"].as_str().unwrap().to_owned();
            *units.entry((write, table)).or_default() += one["CapacityUnits"].as_f64().unwrap();
        }
    }

    pub(crate) fn makes(&self, table: &str) {
        self.known.lock().unwrap().made.push(serde_json::from_str(table).unwrap());
    }

    pub(crate) fn made(&self) -> Vec<Value> {
        self.known.lock().unwrap().made.clone()
    }

    /// A call that DynamoDB will never take: an item above 400 KB, an expression that is wrong.
    pub(crate) fn is_invalid(&self, operation: &str, answer: &[u8]) {
        let shown = format!("{operation}: {}", String::from_utf8_lossy(answer));
        self.known.lock().unwrap().invalid.push(shown);
    }

    /// The calls that DynamoDB will never take, with its answers.
    #[must_use]
    pub fn invalid(&self) -> Vec<String> {
        self.known.lock().unwrap().invalid.clone()
    }

    pub(crate) fn capacity(&self) -> Arc<Mutex<Capacity>> {
        Arc::clone(&self.capacity)
    }

    /// From `now` on a partition takes nothing for that long: others write more to it than it takes.
    pub fn exhaust(&self, table: &str, pk: &str, now: Duration, lasting: Duration) {
        let units = 1_000.0 * (lasting.as_secs_f64() + 1.0);
        self.capacity.lock().unwrap().take((table.to_owned(), pk.to_owned()), units, now);
    }

    /// Puts an item, past every fault; false if DynamoDB does not take it.
    pub fn try_put(&self, table: &str, item: &Value) -> bool {
        let request = json!({"TableName": table, "Item": item});
        self.database.put_item(serde_json::from_value(request).unwrap()).is_ok()
    }

    /// From now on DynamoDB refuses the calls of that function, or all calls, with that error.
    pub fn refuse(&self, function: Option<&'static str>, error: &'static str) {
        self.known.lock().unwrap().refused = Some((function, error));
    }

    /// The error with which the calls of that function are refused, if they are.
    pub(crate) fn refused(&self, function: &str) -> Option<&'static str> {
        let known = self.known.lock().unwrap();
        known.refused.filter(|(only, _)| only.is_none_or(|only| only == function)).map(|(_, error)| error)
    }

    pub(crate) fn throttled(&self) {
        self.known.lock().unwrap().throttled += 1;
    }

    /// How often a call was throttled.
    #[must_use]
    pub fn throttles(&self) -> usize {
        self.known.lock().unwrap().throttled
    }

    /// Keeps what an invocation has written that operational events tell of, and which events it has put.
    pub(crate) fn wrote(&self, transaction: &str) {
        let transaction: Value = serde_json::from_str(transaction).unwrap();
        let mut known = self.known.lock().unwrap();
        let token = transaction["ClientRequestToken"].as_str().unwrap_or_default();
        if !known.transactions.insert(token.to_owned()) {
            return;
        }
        for (queue, happening) in happenings(&transaction) {
            if let Happening::Told(item) = &happening {
                let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
                known.put.push((text("pk"), text("sk")));
            }
            known.happenings.push((queue, happening));
        }
    }

    /// What invocations have written that operational events tell of, by the key of the queue, in order.
    pub(crate) fn happenings(&self) -> Vec<(String, Happening)> {
        self.known.lock().unwrap().happenings.clone()
    }

    /// The keys of the events that invocations have put since this was last asked.
    pub(crate) fn take_put(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.known.lock().unwrap().put)
    }

    /// The running invocation has that many bytes more in hand: of a request that is under way, or of a batch.
    pub(crate) fn holds(&self, bytes: usize) {
        let mut known = self.known.lock().unwrap();
        let mine = known.in_hand.entry(Simulation::current().unwrap_or_default()).or_default();
        *mine += bytes;
        let mine = *mine;
        known.most_in_hand = known.most_in_hand.max(mine);
    }

    pub(crate) fn lets_go(&self, bytes: usize) {
        let mut known = self.known.lock().unwrap();
        let process = Simulation::current().unwrap_or_default();
        if let Some(mine) = known.in_hand.get_mut(&process) {
            *mine = mine.saturating_sub(bytes);
        }
    }

    /// The most bytes of requests under way that one invocation had at once.
    #[must_use]
    pub fn most_in_hand(&self) -> usize {
        self.known.lock().unwrap().most_in_hand
    }

    /// An item, past every fault.
    pub fn item(&self, table: &str, pk: &str, sk: &str) -> Option<Value> {
        let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let answer = self.database.get_item(serde_json::from_value(request).unwrap()).unwrap();
        answer.item.map(|item| serde_json::to_value(item).unwrap())
    }

    /// Removes an item, past every fault.
    pub fn remove(&self, table: &str, pk: &str, sk: &str) {
        let request = json!({"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
        self.database.delete_item(serde_json::from_value(request).unwrap()).unwrap();
    }

    /// When what the index `due` holds is due, past every fault and lag.
    pub(crate) fn due(&self) -> Vec<i64> {
        let request = json!({"TableName": "DeliveriesTable", "IndexName": "due"});
        let answer = self.database.scan(serde_json::from_value(request).unwrap()).unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        answer["Items"].as_array().into_iter().flatten().map(due_at).collect()
    }

    /// All items of a partition, past every fault.
    pub fn partition(&self, table: &str, pk: &str) -> Vec<Value> {
        let request = json!({
            "TableName": table, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
        });
        every_page(request, |page| {
            serde_json::to_value(self.database.query(serde_json::from_value(page).unwrap()).unwrap()).unwrap()
        })
    }

    /// All items of a table, past every fault.
    pub(crate) fn all(&self, table: &str) -> Vec<Value> {
        every_page(json!({"TableName": table}), |page| {
            serde_json::to_value(self.database.scan(serde_json::from_value(page).unwrap()).unwrap()).unwrap()
        })
    }

    pub(crate) fn is_pending(&self, queue: &str, id: EventId) -> bool {
        let item = self.item("DeliveriesTable", queue, &id.to_string());
        item.is_some_and(|item| item["state"]["S"] == "pending")
    }
}

/// The items of all pages of a query or a scan; one page holds at most 1 MB.
fn every_page(mut request: Value, read: impl Fn(Value) -> Value) -> Vec<Value> {
    let mut items = Vec::new();
    loop {
        let page = read(request.clone());
        items.extend(page["Items"].as_array().cloned().unwrap_or_default());
        if page["LastEvaluatedKey"].is_null() {
            return items;
        }
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}
