//! The embedded DynamoDB without a network between: each call is a step of the simulation.

use std::time::Duration;

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
    records::Records,
    simulation::{Grant, Kind, Simulation},
};

/// A client whose calls are steps of the invocation that makes them. Outside of any invocation nothing goes wrong.
pub(crate) fn client(database: &Database, simulation: &Simulation, records: &Records) -> Client {
    let (database, simulation, records) = (database.clone(), simulation.clone(), records.clone());
    let connector = Connector { database, simulation, records };
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
            match this.simulation.step(Kind::Store(operation)).await {
                Grant::Done => Ok(this.carry_out(operation, &body)),
                Grant::Refused => Ok(refusal("ProvisionedThroughputExceededException", 400)),
                Grant::Conflict if operation == "TransactWriteItems" => Ok(cancelled()),
                Grant::Conflict => Ok(refusal("TransactionConflictException", 400)),
                Grant::AnswerLost => {
                    this.carry_out(operation, &body);
                    Err(ConnectorError::io("the connection was reset".into()))
                }
                Grant::CrashAfter => {
                    this.carry_out(operation, &body);
                    this.simulation.crash().await;
                    Err(ConnectorError::io("the invocation is gone".into()))
                }
            }
        })
    }
}

impl Connector {
    fn carry_out(&self, operation: &str, body: &str) -> HttpResponse {
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
            Ok(answer) => {
                if let Some(process) = Simulation::current().filter(|_| operation == "Query") {
                    self.records.reads(process, body, &answer);
                }
                response(200, answer)
            }
            Err(error) => response(error.status_code(), error.to_json()),
        }
    }
}

/// The operation's name for as long as the program runs.
fn operation(name: &str) -> &'static str {
    const NAMES: [&str; 11] = [
        "BatchGetItem",
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

fn cancelled() -> HttpResponse {
    let body: Value = serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "injected [TransactionConflict]",
        "CancellationReasons": [{"Code": "TransactionConflict", "Message": "injected"}],
    });
    response(400, body.to_string())
}
