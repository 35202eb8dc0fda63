//! Stands between the functions and DynamoDB: counts the calls and lets some fail.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
};

use axum::{Router, body::Body, extract::Request, response::Response};

/// What the proxy knows; shared with the test.
#[derive(Clone, Default)]
pub(crate) struct Proxy {
    upstream: Arc<OnceLock<String>>,
    calls: Arc<Mutex<Vec<String>>>,
    /// How many of the coming transactions are to be cancelled by a conflict.
    conflicts: Arc<Mutex<usize>>,
}

impl Proxy {
    /// Starts it and gives its address.
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

    /// Where the calls go.
    pub(crate) fn lead_to(&self, upstream: &str) {
        self.upstream.set(upstream.to_owned()).unwrap();
    }

    /// The operations that API functions called since the last time, without the warm-up calls.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// Cancels the next `count` transactions.
    pub(crate) fn conflict(&self, count: usize) {
        *self.conflicts.lock().unwrap() = count;
    }

    async fn pass(&self, client: &reqwest::Client, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let agent = parts.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        // Delivery goes on in the background of whatever is being counted.
        let delivery = ["app/FanOut", "app/Drain"].iter().any(|function| agent.contains(function));
        assert!(agent.contains("app/"), "{agent} does not say whose call it is");
        if !delivery && !String::from_utf8_lossy(&body).contains("WARMUP") {
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
        let mut forwarded = client.post(self.upstream.get().unwrap()).body(body);
        for (name, value) in &parts.headers {
            if name != "host" && name != "content-length" {
                forwarded = forwarded.header(name, value);
            }
        }
        let reply = forwarded.send().await.unwrap();
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
