//! The embedded DynamoDB without a network between: each call is a step of the simulation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        AsyncSleep, BehaviorVersion, Region, Sleep, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use serde_json::Value;

use super::{
    aws::Aws,
    capacity::Capacity,
    choices::Kind,
    lag::{Entry, Keys, Lag, due_at},
    records::Records,
    simulation::{Grant, Simulation},
};

/// A client whose calls are steps of the invocation that makes them. Outside of any invocation nothing goes wrong.
pub(crate) fn client(database: &Database, simulation: &Simulation, records: &Records, aws: Aws) -> Client {
    let (database, simulation, records) = (database.clone(), simulation.clone(), records.clone());
    let capacity = records.capacity();
    let connector = Connector { database, simulation, records, aws, capacity, lag: Arc::default() };
    let connector = SharedHttpConnector::new(connector);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://simulation")
        .allow_no_auth()
        // The SDK's own retries would only hide what is injected, and wait by another clock.
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(Never)
        .http_client(http_client_fn(move |_, _| connector.clone()));
    Client::from_conf(config.build())
}

/// The SDK has nothing to wait for: its time limits are never reached.
#[derive(Debug)]
struct Never;

impl AsyncSleep for Never {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(std::future::pending())
    }
}

#[derive(Clone)]
struct Connector {
    database: Database,
    simulation: Simulation,
    records: Records,
    aws: Aws,
    capacity: Arc<Mutex<Capacity>>,
    lag: Arc<Mutex<Lag>>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = operation(target.rsplit('.').next().unwrap_or_default());
        let body = String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap();
        HttpConnectorFuture::new(async move {
            if Simulation::current().is_none() {
                return Ok(this.carry_out(operation, &body));
            }
            this.records.holds(body.len());
            let answer = this.under_way(operation, &body).await;
            this.records.lets_go(body.len());
            answer
        })
    }
}

/// Whether DynamoDB may answer the read with an item as it was before the last write. Indexes always may; what relies on them
/// allows for it.
fn may_be_stale(operation: &str, body: &str) -> bool {
    let reads = ["GetItem", "Query", "BatchGetItem"].contains(&operation);
    reads && !body.contains("\"IndexName\"") && !body.contains("\"ConsistentRead\":true")
}

/// How often the SDK tries a call that is throttled, and how long it waits at least before it tries again.
const TRIES: u32 = 3;
const AGAIN: Duration = Duration::from_millis(50);

impl Connector {
    async fn under_way(&self, operation: &'static str, body: &str) -> Result<HttpResponse, ConnectorError> {
        for tries in 1.. {
            let grant = self.simulation.step_with(Kind::Store(operation), body.len()).await;
            match grant {
                Grant::Done => {}
                Grant::Refused => return Ok(refusal("ProvisionedThroughputExceededException", 400)),
                Grant::Conflict if operation == "TransactWriteItems" => return Ok(cancelled("TransactionConflict")),
                Grant::Conflict => return Ok(refusal("TransactionConflictException", 400)),
                Grant::AnswerLost => {
                    self.carry_out(operation, body);
                    return Err(ConnectorError::io("the connection was reset".into()));
                }
                Grant::Repeated => {
                    self.carry_out(operation, body);
                }
                Grant::CrashAfter => {
                    self.carry_out(operation, body);
                    self.simulation.crash().await;
                    return Err(ConnectorError::io("the invocation is gone".into()));
                }
            }
            if let Some(error) = self.records.refused(self.simulation.current_name()) {
                self.records.throttled();
                return Ok(refusal(error, 400));
            }
            if !self.is_throttled(operation, body) {
                return Ok(self.carry_out(operation, body));
            }
            self.records.throttled();
            if tries == TRIES {
                break;
            }
            let pause = AGAIN * (1 << tries) + self.simulation.some_time(AGAIN);
            self.simulation.clock().sleep(pause).await;
        }
        Ok(match operation {
            "TransactWriteItems" => cancelled("ThrottlingError"),
            _ => refusal("ThrottlingException", 400),
        })
    }

    /// Whether a partition that the call writes to has taken all that it takes in a second.
    fn is_throttled(&self, operation: &str, body: &str) -> bool {
        if !self.aws.hot_partitions || !WRITES.contains(&operation) {
            return false;
        }
        let now = self.simulation.monotonic();
        let capacity = self.capacity.lock().unwrap();
        let mut partitions = written(body).into_iter().flat_map(|(table, keys)| {
            let entry = self.entry(&table, &keys);
            let index = entry.and_then(|entry| Some(("due".to_owned(), entry["due_shard"]["S"].as_str()?.to_owned())));
            [Some((table, keys.0)), index].into_iter().flatten()
        });
        partitions.any(|partition| !capacity.has_room(&partition, now))
    }

    /// What the index of what is due has of an item, if it has anything.
    fn entry(&self, table: &str, (pk, sk): &Keys) -> Entry {
        if table != "DeliveriesTable" || is_delivery(sk) {
            return None;
        }
        let item = self.records.item(table, pk, sk)?;
        let mut entry = serde_json::Map::new();
        for name in ["pk", "sk", "due_shard", "due_at"] {
            entry.insert(name.to_owned(), item.get(name)?.clone());
        }
        Some(Value::Object(entry))
    }

    fn carry_out(&self, operation: &str, body: &str) -> HttpResponse {
        let counted = self.records.counts_units() && COUNTED.contains(&operation);
        let writes = WRITES.contains(&operation) && self.observes();
        let before: Vec<_> = if writes { self.entries(body) } else { Vec::new() };
        let asked = if counted { &with_units(body) } else { body };
        if operation == "CreateTable" {
            self.records.makes(body);
        }
        assert!(
            !may_be_stale(operation, body),
            "a read that may be stale, which the embedded database never shows: {operation} {body}"
        );
        let response = self.answer(operation, asked);
        let succeeded = response.status().as_u16() == 200;
        let text = response.body().bytes().unwrap_or_default();
        self.simulation.work_on(text.len());
        if !succeeded && text.windows(VALIDATION.len()).any(|part| part == VALIDATION) {
            self.records.is_invalid(operation, text);
        }
        if succeeded && operation == "TransactWriteItems" && Simulation::current().is_some() {
            self.records.wrote(body);
        }
        if succeeded && operation == "Query" {
            if body.contains("\"due\"") && !self.aws.index_lag.is_zero() {
                return self.as_the_index_has_it(body, text);
            }
            if let Some(process) = Simulation::current() {
                self.records.reads(process, body, &String::from_utf8_lossy(text));
            }
        }
        if counted {
            self.records.consumed(WRITES.contains(&operation), text);
        }
        if writes {
            self.observe(body, before);
        }
        response
    }

    /// Whether it must be known which partitions and which entries of the index a write changes.
    fn observes(&self) -> bool {
        self.aws.hot_partitions || !self.aws.index_lag.is_zero()
    }

    fn entries(&self, body: &str) -> Vec<(String, Keys, Entry)> {
        let of = |(table, keys): (String, Keys)| {
            let entry = self.entry(&table, &keys);
            (table, keys, entry)
        };
        written(body).into_iter().map(of).collect()
    }

    /// Writes down what a write has taken of its partitions, and of which changes the index has not heard yet.
    fn observe(&self, body: &str, before: Vec<(String, Keys, Entry)>) {
        let now = self.simulation.monotonic();
        // Of several items each counts as its part of the request.
        let kilobytes = (body.len() / before.len().max(1)).div_ceil(1_024).max(1);
        let units = f64::from(u32::try_from(kilobytes).unwrap());
        for (table, keys, before) in before {
            let after = self.entry(&table, &keys);
            if after != before {
                let mut capacity = self.capacity.lock().unwrap();
                for entry in [&before, &after].into_iter().flatten() {
                    let shard = entry["due_shard"]["S"].as_str().unwrap_or_default().to_owned();
                    capacity.take(("due".to_owned(), shard), 1.0, now);
                }
                drop(capacity);
                if !self.aws.index_lag.is_zero() {
                    let heard = now + self.simulation.some_time(self.aws.index_lag);
                    self.lag.lock().unwrap().changed(keys.clone(), before, after, heard);
                }
            }
            self.capacity.lock().unwrap().take((table, keys.0), units, now);
        }
    }

    fn as_the_index_has_it(&self, body: &str, text: &[u8]) -> HttpResponse {
        let request: Value = serde_json::from_str(body).unwrap();
        let mut answer: Value = serde_json::from_slice(text).unwrap();
        let values: Vec<&Value> =
            request["ExpressionAttributeValues"].as_object().into_iter().flat_map(|v| v.values()).collect();
        let latest = values.iter().filter_map(|value| value["N"].as_str()?.parse().ok()).max().unwrap_or(i64::MAX);
        let wanted = |entry: &Value| values.contains(&&entry["due_shard"]) && due_at(entry) <= latest;
        let mut items = answer["Items"].as_array().cloned().unwrap_or_default();
        self.lag.lock().unwrap().as_seen(&mut items, wanted, self.simulation.monotonic());
        items.truncate(request["Limit"].as_u64().map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()));
        answer["Count"] = items.len().into();
        answer["Items"] = items.into();
        response(200, answer.to_string())
    }

    fn answer(&self, operation: &str, body: &str) -> HttpResponse {
        macro_rules! call {
            ($method:ident) => {
                serde_json::from_str(body)
                    .map_err(|error| dynoxide::DynoxideError::ValidationException(error.to_string()))
                    .and_then(|request| self.database.$method(request))
                    .map(|response| serde_json::to_string(&response).unwrap())
            };
        }
        let answer = match operation {
            "BatchGetItem" => call!(batch_get_item),
            "BatchWriteItem" => call!(batch_write_item),
            "CreateTable" => call!(create_table),
            "DeleteItem" => call!(delete_item),
            "GetItem" => call!(get_item),
            "ListTables" => call!(list_tables),
            "PutItem" => call!(put_item),
            "Query" => call!(query),
            "Scan" => call!(scan),
            "TransactWriteItems" => call!(transact_write_items),
            "UpdateItem" => call!(update_item),
            "UpdateTimeToLive" => call!(update_time_to_live),
            other => panic!("{other} is not simulated"),
        };
        match answer {
            Ok(answer) => response(200, answer),
            Err(error) => response(error.status_code(), error.to_json()),
        }
    }
}

const WRITES: [&str; 5] = ["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

const VALIDATION: &[u8] = b"ValidationException";

/// The operations that say what they consume.
const COUNTED: [&str; 8] =
    ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"];

/// The request, asking for what it consumes.
fn with_units(body: &str) -> String {
    format!("{{\"ReturnConsumedCapacity\":\"INDEXES\",{}", &body[1..])
}

/// Whether a sort key is a delivery's, which no index has.
fn is_delivery(sk: &str) -> bool {
    sk.len() == 26
}

/// The items that a request writes, by table and keys.
fn written(body: &str) -> Vec<(String, Keys)> {
    let body: Value = serde_json::from_str(body).unwrap();
    let one = |write: &Value| {
        let keys = if write["Key"].is_null() { &write["Item"] } else { &write["Key"] };
        let text = |name: &str| keys[name]["S"].as_str().map(str::to_owned);
        Some((write["TableName"].as_str()?.to_owned(), (text("pk")?, text("sk")?)))
    };
    if let Some(writes) = body["TransactItems"].as_array() {
        return writes.iter().filter_map(Value::as_object).flat_map(|write| write.values()).filter_map(one).collect();
    }
    if let Some(tables) = body["RequestItems"].as_object() {
        let writes =
            tables.iter().flat_map(|(table, writes)| writes.as_array().into_iter().flatten().map(move |w| (table, w)));
        let requests = writes.filter_map(|(table, write)| Some((table, write.as_object()?.values().next()?)));
        let named = requests.filter_map(|(table, write)| {
            let mut write = write.clone();
            write["TableName"] = table.as_str().into();
            one(&write)
        });
        return named.collect();
    }
    one(&body).into_iter().collect()
}

/// The operation's name for as long as the program runs.
fn operation(name: &str) -> &'static str {
    const NAMES: [&str; 12] = [
        "BatchGetItem",
        "BatchWriteItem",
        "CreateTable",
        "DeleteItem",
        "GetItem",
        "ListTables",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateTimeToLive",
    ];
    NAMES.into_iter().find(|known| *known == name).unwrap_or_else(|| panic!("{name} is not simulated"))
}

fn response(status: u16, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

fn refusal(code: &str, status: u16) -> HttpResponse {
    let body = serde_json::json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected"
    });
    response(status, body.to_string())
}

fn cancelled(code: &str) -> HttpResponse {
    let body: Value = serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("injected [{code}]"),
        "CancellationReasons": [{"Code": code, "Message": "injected"}],
    });
    response(400, body.to_string())
}
