//! The Runtime API with a stop watch: starts processes and notes when they ask for work and when they answer.

use std::{
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path as Parameters, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use local::{Function, MOST_SYNCHRONOUS, lock, now_ms};
use tokio::{net::TcpListener, process::Child, sync::mpsc};

use crate::options::BoxError;

/// How long a process may take until it asks or answers: a drain may wait for Slack's pace.
const PATIENCE: Duration = Duration::from_secs(120);

/// One end of a process's seat at the Runtime API.
struct Seat {
    work: tokio::sync::Mutex<mpsc::UnboundedReceiver<Bytes>>,
    asked: mpsc::UnboundedSender<Instant>,
    answered: mpsc::UnboundedSender<(Instant, Result<Bytes, String>)>,
}

type Seats = Arc<Mutex<HashMap<u64, Arc<Seat>>>>;

/// Where processes run.
pub(crate) struct Machine {
    address: String,
    seats: Seats,
    next: AtomicU64,
}

/// A running function.
pub(crate) struct Process {
    child: Child,
    started: Instant,
    work: mpsc::UnboundedSender<Bytes>,
    asked: mpsc::UnboundedReceiver<Instant>,
    answered: mpsc::UnboundedReceiver<(Instant, Result<Bytes, String>)>,
    idle: bool,
}

impl Machine {
    /// Serves the Runtime API, and Lambda's Invoke API, which takes every asynchronous invocation and forgets it.
    pub(crate) async fn start() -> Result<Self, BoxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let seats = Seats::default();
        let base = "/{seat}/2018-06-01/runtime/invocation";
        let router = Router::new()
            .route(&format!("{base}/next"), get(next))
            .route(&format!("{base}/{{id}}/response"), post(respond))
            .route(&format!("{base}/{{id}}/error"), post(fail))
            .route("/2015-03-31/functions/{name}/invocations", post(|| async { StatusCode::ACCEPTED }))
            .layer(DefaultBodyLimit::max(MOST_SYNCHRONOUS))
            .with_state(Arc::clone(&seats));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, seats, next: AtomicU64::new(1) })
    }

    /// The address of Lambda's Invoke API.
    pub(crate) fn lambda(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts a process of a function.
    pub(crate) fn spawn(
        &self,
        binary: &Path,
        function: Option<&Function>,
        environment: &BTreeMap<String, String>,
    ) -> Result<Process, BoxError> {
        let (work, taken) = mpsc::unbounded_channel();
        let (asks, asked) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::unbounded_channel();
        let seat = Seat { work: tokio::sync::Mutex::new(taken), asked: asks, answered: answers };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.seats).insert(number, Arc::new(seat));
        let name = function.map_or("floor", |function| &function.name);
        let mut command = tokio::process::Command::new(binary);
        command.env_clear();
        command
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .envs(function.iter().flat_map(|function| &function.environment))
            .envs([
                ("AWS_REGION", "us-east-1"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_SESSION_TOKEN", "local"),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ])
            .env("AWS_LAMBDA_RUNTIME_API", format!("{}/{number}", self.lambda()))
            .env("AWS_ENDPOINT_URL_LAMBDA", self.lambda())
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", binary.display()))?;
        Ok(Process { child, started, work, asked, answered, idle: false })
    }
}

impl Process {
    /// Waits until it asks for its next invocation; how long after its start that was, if it is the first.
    pub(crate) async fn ready(&mut self) -> Result<Duration, BoxError> {
        if self.idle {
            return Ok(Duration::ZERO);
        }
        let asked = tokio::time::timeout(PATIENCE, self.asked.recv()).await;
        let at = asked?.ok_or("the function does not ask for work")?;
        self.idle = true;
        Ok(at.saturating_duration_since(self.started))
    }

    /// Gives it an event, once it has asked, and waits for the answer: how long that took, and the answer.
    pub(crate) async fn call(&mut self, event: &Bytes) -> Result<(Duration, Bytes), BoxError> {
        self.ready().await?;
        self.idle = false;
        let start = Instant::now();
        self.work.send(event.clone())?;
        let answered = tokio::time::timeout(PATIENCE, self.answered.recv()).await;
        let (at, answer) = answered?.ok_or("the function does not answer")?;
        Ok((at - start, answer?))
    }

    /// How long after its start it is now.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// The most memory that it has had at one time, in KB (`VmHWM`).
    pub(crate) fn peak_kb(&self) -> Result<u64, BoxError> {
        let id = self.child.id().ok_or("the function has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.trim().strip_suffix("kB")).ok_or("no VmHWM")?;
        Ok(number.trim().parse()?)
    }

    /// Ends the process.
    pub(crate) async fn end(mut self) -> Result<(), BoxError> {
        Ok(self.child.kill().await?)
    }
}

fn seat(seats: &Seats, number: u64) -> Option<Arc<Seat>> {
    lock(seats).get(&number).cloned()
}

async fn next(State(seats): State<Seats>, Parameters(number): Parameters<u64>) -> Response {
    let at = Instant::now();
    let Some(seat) = seat(&seats, number) else { return StatusCode::NOT_FOUND.into_response() };
    let _ = seat.asked.send(at);
    let Some(event) = seat.work.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let deadline = now_ms() + Duration::from_secs(60).as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench".to_owned()),
    ];
    (headers, event).into_response()
}

async fn respond(
    State(seats): State<Seats>,
    Parameters((number, _)): Parameters<(u64, String)>,
    answer: Bytes,
) -> StatusCode {
    answered(&seats, number, Ok(answer))
}

async fn fail(
    State(seats): State<Seats>,
    Parameters((number, _)): Parameters<(u64, String)>,
    error: Bytes,
) -> StatusCode {
    answered(&seats, number, Err(String::from_utf8_lossy(&error).into_owned()))
}

fn answered(seats: &Seats, number: u64, answer: Result<Bytes, String>) -> StatusCode {
    let at = Instant::now();
    if let Some(seat) = seat(seats, number) {
        let _ = seat.answered.send((at, answer));
    }
    StatusCode::ACCEPTED
}
