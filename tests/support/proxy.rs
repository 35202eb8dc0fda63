//! Stands between the functions and AWS: holds them to their policies, counts the calls to DynamoDB and lets some fail.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
};

use axum::{Router, body::Body, extract::Request, http::Method, response::Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::policy::{Grants, granted, needed};

/// What the proxy knows; shared with the test.
#[derive(Clone, Default)]
pub(crate) struct Proxy {
    /// Where DynamoDB is, and where Lambda is.
    upstream: Arc<OnceLock<[String; 2]>>,
    granted: Arc<OnceLock<Grants>>,
    used: Arc<Mutex<Grants>>,
    refused: Arc<Mutex<Vec<String>>>,
    calls: Arc<Mutex<Vec<String>>>,
    /// How many of the next transactions to cancel with a conflict.
    conflicts: Arc<Mutex<usize>>,
    /// How many items of the next batches of writes to leave unprocessed.
    unprocessed: Arc<Mutex<Vec<usize>>>,
    trap: Arc<Mutex<Option<Trap>>>,
}

/// A call at which the test wants to intervene.
struct Trap {
    function: String,
    operation: &'static str,
    /// How many such calls pass before it.
    pass: usize,
    /// Whether it has reached DynamoDB by then.
    done: bool,
    hit: oneshot::Sender<oneshot::Sender<()>>,
}

impl Proxy {
    /// Starts the proxy and returns its address.
    pub(crate) async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (proxy, client) = (self.clone(), local::client().unwrap());
        let router = Router::new().fallback(move |request: Request| {
            let (proxy, client) = (proxy.clone(), client.clone());
            async move { proxy.pass(&client, request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    /// Where the calls go, and the template whose policies decide about them.
    pub(crate) fn lead_to(&self, dynamodb: &str, lambda: &str, template: &str) {
        self.granted.set(granted(template)).unwrap();
        self.upstream.set([dynamodb, lambda].map(ToOwned::to_owned)).unwrap();
    }

    /// What each function has used of its permissions so far.
    pub(crate) fn used(&self) -> Grants {
        self.used.lock().unwrap().clone()
    }

    /// The calls that no policy allows.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }

    /// Whether the function's policy allows all that; noted either way.
    fn allows(&self, function: &str, needs: Vec<String>) -> bool {
        let granted = self.granted.get().unwrap().get(function);
        let missing: Vec<_> =
            needs.iter().filter(|need| !granted.is_some_and(|granted| granted.contains(*need))).collect();
        let lacking = missing.iter().map(|need| format!("{function} may not {need}"));
        self.refused.lock().unwrap().extend(lacking);
        let allowed = missing.is_empty();
        self.used.lock().unwrap().entry(function.to_owned()).or_default().extend(needs);
        allowed
    }

    /// The operations that API functions called since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// Cancels the next `count` transactions.
    pub(crate) fn conflict(&self, count: usize) {
        *self.conflicts.lock().unwrap() = count;
    }

    /// Leaves that many items unprocessed of each of the next batches of writes, the last ones of each.
    pub(crate) fn leave_unprocessed(&self, of_each: &[usize]) {
        *self.unprocessed.lock().unwrap() = of_each.to_vec();
    }

    /// Takes from a batch of writes what is to be left unprocessed of it, by table.
    fn cut(&self, operation: &str, body: axum::body::Bytes) -> (axum::body::Bytes, Option<Value>) {
        let mut left = self.unprocessed.lock().unwrap();
        if operation != "BatchWriteItem" || left.is_empty() {
            return (body, None);
        }
        let count = left.remove(0);
        let mut batch: Value = serde_json::from_slice(&body).unwrap();
        let mut cut = json!({});
        for (table, writes) in batch["RequestItems"].as_object_mut().unwrap() {
            let writes = writes.as_array_mut().unwrap();
            cut[table] = Value::from(writes.split_off(writes.len().saturating_sub(count)));
        }
        (batch.to_string().into(), Some(cut))
    }

    /// Holds the `nth` call (from 1) of that operation by a function, before it reaches DynamoDB or once it is `done`. What
    /// comes when it is there lets it go.
    pub(crate) fn hold(
        &self,
        function: &str,
        operation: &'static str,
        nth: usize,
        done: bool,
    ) -> oneshot::Receiver<oneshot::Sender<()>> {
        let (hit, here) = oneshot::channel();
        let function = format!("app/{function}");
        *self.trap.lock().unwrap() = Some(Trap { function, operation, pass: nth - 1, done, hit });
        here
    }

    /// The trap, if this is the call that it waits for.
    fn sprung(&self, agent: &str, operation: &str) -> Option<Trap> {
        let mut trap = self.trap.lock().unwrap();
        let mine = |trap: &&mut Trap| agent.contains(&trap.function) && trap.operation == operation;
        let waiting = trap.as_mut().filter(mine)?;
        if waiting.pass > 0 {
            waiting.pass -= 1;
            return None;
        }
        trap.take()
    }

    async fn pass(&self, client: &reqwest::Client, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        // The warm-up: it calls no operation and needs no permission.
        if parts.method == Method::GET {
            return Response::new(Body::empty());
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let agent = parts.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let function = agent.split_once("app/").and_then(|(_, rest)| rest.split(' ').next());
        let function = function.unwrap_or_else(|| panic!("{agent} does not say whose call it is"));
        let invoked = parts.uri.path().strip_prefix("/2015-03-31/functions/");
        let needs = match invoked.and_then(|path| path.split('/').next()) {
            Some(name) => vec![format!("InvokeFunction {name}")],
            None => needed(&operation, &serde_json::from_slice::<Value>(&body).unwrap()),
        };
        if !self.allows(function, needs) {
            let answer =
                json!({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not authorized"});
            return Response::builder().status(400).body(Body::from(answer.to_string())).unwrap();
        }
        // Delivery goes on in the background of whatever is being counted.
        let delivery = ["FanOut", "Drain"].contains(&function) || invoked.is_some();
        if !delivery {
            self.calls.lock().unwrap().push(operation.clone());
        }
        if operation == "TransactWriteItems" && self.must_conflict() {
            let answer = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]","CancellationReasons":[{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}]}"#;
            return Response::builder()
                .status(400)
                .header("content-type", "application/x-amz-json-1.0")
                .body(Body::from(answer))
                .unwrap();
        }
        let (before, after) = match self.sprung(agent, &operation) {
            Some(trap) if trap.done => (None, Some(trap)),
            trap => (trap, None),
        };
        wait(before).await;
        let (body, cut) = self.cut(&operation, body);
        if let Some(cut) = cut.as_ref().filter(|_| !body.windows(10).any(|part| part == b"PutRequest")) {
            return answered(&json!({"UnprocessedItems": cut}));
        }
        let upstream = &self.upstream.get().unwrap()[usize::from(invoked.is_some())];
        let mut forwarded = client.post(format!("{upstream}{}", parts.uri.path())).body(body);
        for (name, value) in &parts.headers {
            if name != "host" && name != "content-length" {
                forwarded = forwarded.header(name, value);
            }
        }
        let reply = forwarded.send().await.unwrap();
        wait(after).await;
        if let Some(cut) = cut {
            return answered(&json!({"UnprocessedItems": cut}));
        }
        let mut response = Response::builder().status(reply.status().as_u16());
        for (name, value) in reply.headers() {
            response = response.header(name, value);
        }
        response.body(Body::from(reply.bytes().await.unwrap())).unwrap()
    }

    fn must_conflict(&self) -> bool {
        let mut left = self.conflicts.lock().unwrap();
        let now = *left > 0;
        *left = left.saturating_sub(1);
        now
    }
}

/// What DynamoDB answers to a call that succeeded.
fn answered(body: &Value) -> Response {
    let response = Response::builder().header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(body.to_string())).unwrap()
}

/// Tells the test that its trap has sprung, and waits until it says so.
async fn wait(trap: Option<Trap>) {
    if let Some(trap) = trap {
        let (go, gone) = oneshot::channel();
        trap.hit.send(go).unwrap();
        let _ = gone.await;
    }
}
