//! A proxy before the embedded DynamoDB. It rejects clients that the stack does not serve, and reports writes, so that
//! nobody has to poll for them.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, sync::watch};

use crate::client::client;

/// The largest request that the embedded DynamoDB accepts, in bytes.
const MOST: usize = 16 * 1024 * 1024;

/// Headers that belong to one of the two connections.
const OWN: [HeaderName; 4] = [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

/// The number of writes so far; whoever watches it learns of each one.
pub(crate) type Writes = watch::Sender<u64>;

#[derive(Clone)]
struct Front {
    client: reqwest::Client,
    behind: String,
    writes: Writes,
}

/// Listens on an address that is hard to find. The embedded server does not authenticate its clients and cannot be told
/// to, so a page that finds its address could read everything. Among all loopback addresses and ports, the search would
/// take years.
pub(crate) async fn hidden() -> std::io::Result<TcpListener> {
    let mut random = [0; 3];
    getrandom::fill(&mut random)?;
    let [a, b, c] = random;
    match TcpListener::bind(SocketAddr::from(([127, a, b, c], 0))).await {
        Ok(listener) => Ok(listener),
        // Not everywhere all of 127/8 is this machine.
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

/// The proxy's routes, which pass requests on to the server at `behind`.
pub(crate) fn router(behind: String, writes: Writes) -> Result<Router, reqwest::Error> {
    Ok(Router::new().fallback(pass).with_state(Front { client: client()?, behind, writes }))
}

async fn pass(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let writes = writes(&parts.headers);
    let passed = front.client.request(parts.method, format!("{}{path}", front.behind));
    let answer = match passed.headers(without_own(parts.headers)).body(body).send().await {
        Ok(answer) => answer,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let (status, headers) = (answer.status(), without_own(answer.headers().clone()));
    let Ok(body) = answer.bytes().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if writes && status.is_success() {
        front.writes.send_modify(|count| *count += 1);
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Whether the operation may write: all but those that are known to read only.
fn writes(headers: &HeaderMap) -> bool {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let reads = ["Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List"];
    !reads.iter().any(|start| operation.starts_with(start))
}

fn without_own(mut headers: HeaderMap) -> HeaderMap {
    for name in OWN {
        headers.remove(name);
    }
    headers
}
