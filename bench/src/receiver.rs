//! An endpoint that takes everything at once and notes when it came; paths that end with `tarpit` never get an answer.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
};
use local::lock;
use tokio::net::TcpListener;

use crate::options::BoxError;

/// A message: when it arrived, at which path, and its content.
pub(crate) type Message = (Instant, String, String);

/// The endpoint of every webhook.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    /// Starts the endpoint and returns its address.
    pub(crate) async fn start(&self) -> Result<String, BoxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(address)
    }

    /// Returns the messages that have arrived, and forgets them.
    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *lock(&self.messages))
    }

    /// How many messages have arrived.
    pub(crate) fn count(&self) -> usize {
        lock(&self.messages).len()
    }
}

async fn take(State(receiver): State<Receiver>, uri: Uri, body: Bytes) -> (StatusCode, &'static str) {
    let at = Instant::now();
    if uri.path().ends_with("tarpit") {
        std::future::pending::<()>().await;
    }
    lock(&receiver.messages).push((at, uri.path().to_owned(), String::from_utf8_lossy(&body).into_owned()));
    (StatusCode::OK, "ok")
}
