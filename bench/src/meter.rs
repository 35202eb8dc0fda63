//! Stands between a function and DynamoDB, asks for what each call consumes, and adds it up.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use local::{client, lock};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{options::BoxError, stats::rounded};

/// What calls to DynamoDB consumed.
#[derive(Clone, Default)]
pub(crate) struct Consumed {
    /// The operations, in order.
    pub(crate) calls: Vec<String>,
    /// Read units of all tables and indexes.
    pub(crate) read: f64,
    /// Write units by table, its indexes included.
    pub(crate) write: BTreeMap<String, f64>,
}

impl Consumed {
    /// The figures in the report's form.
    pub(crate) fn json(&self) -> Value {
        let write: f64 = self.write.values().sum();
        json!({"calls": self.calls, "read_units": rounded(self.read, 1), "write_units": rounded(write, 1)})
    }
}

/// The meter. A GET is the warm-up, which calls no operation: it is answered here.
#[derive(Clone)]
pub(crate) struct Meter {
    consumed: Arc<Mutex<Consumed>>,
    upstream: String,
    client: reqwest::Client,
}

impl Meter {
    /// A meter before the DynamoDB at that address, and its own address.
    pub(crate) async fn start(upstream: &str) -> Result<(Self, String), BoxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let meter = Self { consumed: Arc::default(), upstream: upstream.to_owned(), client: client()? };
        let router = Router::new().fallback(pass).with_state(meter.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((meter, address))
    }

    /// What was consumed since this was last called.
    pub(crate) fn take(&self) -> Consumed {
        std::mem::take(&mut *lock(&self.consumed))
    }

    async fn forward(&self, headers: &HeaderMap, body: &Bytes) -> Result<Response, BoxError> {
        let mut request: Value = serde_json::from_slice(body)?;
        request["ReturnConsumedCapacity"] = "TOTAL".into();
        let mut forwarded = self.client.post(&self.upstream).body(request.to_string());
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
            forwarded = forwarded.header(name, value);
        }
        let reply = forwarded.send().await?;
        let mut response = Response::builder().status(reply.status());
        for (name, value) in reply.headers().iter().filter(|(name, _)| *name != "content-length") {
            response = response.header(name, value);
        }
        let answer = reply.bytes().await?;
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.count(operation, &serde_json::from_slice(&answer)?);
        Ok(response.body(Body::from(answer))?)
    }

    fn count(&self, operation: &str, answer: &Value) {
        let consumed = match &answer["ConsumedCapacity"] {
            Value::Array(several) => several.clone(),
            one => vec![one.clone()],
        };
        let reads = ["GetItem", "BatchGetItem", "Query", "Scan"].contains(&operation);
        let mut total = lock(&self.consumed);
        total.calls.push(operation.to_owned());
        for one in consumed {
            let units = one["CapacityUnits"].as_f64().unwrap_or_default();
            if reads {
                total.read += units;
            } else {
                *total.write.entry(one["TableName"].as_str().unwrap_or_default().to_owned()).or_default() += units;
            }
        }
    }
}

async fn pass(State(meter): State<Meter>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::GET {
        return Response::new(Body::empty());
    }
    meter.forward(&headers, &body).await.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}
