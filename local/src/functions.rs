//! The function binaries as processes, served through the Lambda Runtime API.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::{Mutex as AsyncMutex, mpsc, oneshot},
};

use crate::template::Function;

/// Where a function's log lines go: its name and the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The most environments of one function at a time.
const MOST_ENVIRONMENTS: usize = 4;

/// What an invocation came to: the answer, or the error that the function reported or died of.
pub(crate) type Outcome = Result<Bytes, String>;

struct Invocation {
    id: String,
    payload: Bytes,
    deadline_ms: u128,
    reply: oneshot::Sender<Outcome>,
}

struct Pending {
    environment: u64,
    reply: oneshot::Sender<Outcome>,
}

struct Running {
    function: Function,
    queue: mpsc::UnboundedSender<Invocation>,
    waiting: AsyncMutex<mpsc::UnboundedReceiver<Invocation>>,
    queued: AtomicUsize,
    /// The environments that wait for an invocation.
    idle: Mutex<HashSet<u64>>,
    environments: Mutex<HashMap<u64, Arc<AsyncMutex<Child>>>>,
    pending: Mutex<HashMap<String, Pending>>,
}

impl Running {
    /// Fails the invocations that no environment has taken, if none is left to take them.
    fn fail_waiting(&self, reason: &str) {
        if !lock(&self.environments).is_empty() {
            return;
        }
        let Ok(mut waiting) = self.waiting.try_lock() else { return };
        while let Ok(invocation) = waiting.try_recv() {
            self.queued.fetch_sub(1, Ordering::SeqCst);
            let _ = invocation.reply.send(Err(reason.to_owned()));
        }
    }
}

/// All functions.
#[derive(Clone)]
pub(crate) struct Functions(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    runtime_api: String,
    running: HashMap<String, Arc<Running>>,
    next: AtomicU64,
    log: Log,
}

impl Functions {
    /// Functions whose binaries are in `folder`, with `environment` over the template's.
    pub(crate) fn new(
        functions: &[Function],
        folder: PathBuf,
        environment: BTreeMap<String, String>,
        runtime_api: String,
        log: Log,
    ) -> Self {
        let running = functions.iter().map(|function| {
            let (queue, waiting) = mpsc::unbounded_channel();
            let running = Running {
                function: function.clone(),
                queue,
                waiting: AsyncMutex::new(waiting),
                queued: AtomicUsize::new(0),
                idle: Mutex::default(),
                environments: Mutex::default(),
                pending: Mutex::default(),
            };
            (function.id.clone(), Arc::new(running))
        });
        let next = AtomicU64::new(1);
        Self(Arc::new(Inner { folder, environment, runtime_api, running: running.collect(), next, log }))
    }

    /// The function of that logical id, name or ARN.
    pub(crate) fn find(&self, name: &str) -> Option<&Function> {
        let name = name.rsplit(':').next().unwrap_or(name);
        let mut functions = self.0.running.values().map(|running| &running.function);
        functions.find(|function| function.id == name || function.name == name)
    }

    /// Invokes a function by its logical id and waits for what it answers.
    pub(crate) async fn invoke(&self, id: &str, payload: Bytes) -> Outcome {
        let running = self.0.running.get(id).ok_or_else(|| format!("there is no function {id}"))?;
        let (reply, answer) = oneshot::channel();
        let timeout = Duration::from_secs(running.function.timeout_s);
        let request = format!("{:08x}-0000-4000-8000-000000000000", self.0.next.fetch_add(1, Ordering::Relaxed));
        let deadline_ms = now_ms() + timeout.as_millis();
        let invocation = Invocation { id: request.clone(), payload, deadline_ms, reply };
        let queued = running.queued.fetch_add(1, Ordering::SeqCst) + 1;
        if running.queue.send(invocation).is_err() {
            return Err("the local stack is stopping".to_owned());
        }
        let starting = lock(&running.environments).len();
        let idle = lock(&running.idle).len();
        if queued > idle && starting < MOST_ENVIRONMENTS {
            self.start(running)?;
        }
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the environment ended without an answer".to_owned()),
            Err(_) => {
                let pending = lock(&running.pending).remove(&request);
                let environment = pending.and_then(|pending| lock(&running.environments).remove(&pending.environment));
                if let Some(child) = environment {
                    let _ = child.lock().await.start_kill();
                }
                Err(format!("Task timed out after {} seconds", timeout.as_secs()))
            }
        }
    }

    fn start(&self, running: &Arc<Running>) -> Result<(), String> {
        let function = &running.function;
        let environment = self.0.next.fetch_add(1, Ordering::Relaxed);
        let path = self.0.folder.join(&function.binary);
        let mut command = Command::new(&path);
        command.env_clear().envs(&function.environment).envs(&self.0.environment);
        for name in ["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "RUST_LOG"] {
            if let Ok(value) = std::env::var(name) {
                command.env(name, value);
            }
        }
        command
            .env("AWS_LAMBDA_RUNTIME_API", format!("{}/{}/{environment}", self.0.runtime_api, function.id))
            .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string())
            // Names the function in its calls to DynamoDB, so that a test can tell whose they are.
            .env("AWS_SDK_UA_APP_ID", &function.id)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|error| format!("{}: {} cannot be started: {error}", function.id, path.display()))?;
        self.follow(&function.id, child.stdout.take());
        self.follow(&function.id, child.stderr.take());
        let child = Arc::new(AsyncMutex::new(child));
        lock(&running.environments).insert(environment, Arc::clone(&child));
        let (running, log) = (Arc::clone(running), Arc::clone(&self.0.log));
        tokio::spawn(async move {
            loop {
                // Waiting without holding the child, so that a timeout can kill it.
                if let Ok(Some(status)) = child.lock().await.try_wait() {
                    let crash = format!("{}: the function ended: {status}", running.function.id);
                    log(&running.function.id, &crash);
                    // Unless it was killed on purpose, nobody else may come to take what is waiting.
                    if lock(&running.environments).remove(&environment).is_some() {
                        running.fail_waiting(&crash);
                    }
                    let mut pending = lock(&running.pending);
                    let mine: Vec<_> = pending
                        .iter()
                        .filter(|(_, p)| p.environment == environment)
                        .map(|(id, _)| id.clone())
                        .collect();
                    for id in mine {
                        if let Some(pending) = pending.remove(&id) {
                            let _ = pending.reply.send(Err(crash.clone()));
                        }
                    }
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Ok(())
    }

    fn follow(&self, id: &str, output: Option<impl tokio::io::AsyncRead + Unpin + Send + 'static>) {
        let (id, log) = (id.to_owned(), Arc::clone(&self.0.log));
        if let Some(output) = output {
            tokio::spawn(async move {
                let mut lines = BufReader::new(output).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    log(&id, &line);
                }
            });
        }
    }

    /// Kills every environment; `kill -9`, as the tests of faults want it.
    pub(crate) async fn kill_all(&self) -> usize {
        let mut killed = 0;
        for running in self.0.running.values() {
            let children: Vec<_> = lock(&running.environments).drain().map(|(_, child)| child).collect();
            lock(&running.idle).clear();
            for child in children {
                killed += usize::from(child.lock().await.kill().await.is_ok());
            }
        }
        killed
    }

    /// The Runtime API, for all environments: `/<function>/<environment>/2018-06-01/runtime/...`.
    pub(crate) fn runtime_api(&self) -> Router {
        let base = "/{function}/{environment}/2018-06-01/runtime";
        Router::new()
            .route(&format!("{base}/invocation/next"), get(next))
            .route(&format!("{base}/invocation/{{id}}/response"), post(respond))
            .route(&format!("{base}/invocation/{{id}}/error"), post(fail))
            .route(&format!("{base}/init/error"), post(fail_to_start))
            .layer(axum::extract::DefaultBodyLimit::max(7 * 1024 * 1024))
            .with_state(self.clone())
    }
}

/// Counts an environment as idle while it waits, also if its connection ends.
struct Idle<'a>(&'a Mutex<HashSet<u64>>, u64);

impl<'a> Idle<'a> {
    fn new(idle: &'a Mutex<HashSet<u64>>, environment: u64) -> Self {
        lock(idle).insert(environment);
        Self(idle, environment)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        lock(self.0).remove(&self.1);
    }
}

async fn next(State(functions): State<Functions>, Path((id, environment)): Path<(String, u64)>) -> Response {
    let Some(running) = functions.0.running.get(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let idle = Idle::new(&running.idle, environment);
    let invocation = running.waiting.lock().await.recv().await;
    drop(idle);
    let Some(invocation) = invocation else { return StatusCode::GONE.into_response() };
    if !lock(&running.environments).contains_key(&environment) {
        // It was killed while it waited: the invocation is another's.
        let _ = running.queue.send(invocation);
        return StatusCode::GONE.into_response();
    }
    running.queued.fetch_sub(1, Ordering::SeqCst);
    let mut headers = HeaderMap::new();
    let name = &running.function.name;
    for (header, value) in [
        ("lambda-runtime-aws-request-id", invocation.id.clone()),
        ("lambda-runtime-deadline-ms", invocation.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(header, value);
        }
    }
    lock(&running.pending).insert(invocation.id, Pending { environment, reply: invocation.reply });
    (headers, invocation.payload).into_response()
}

fn settle(functions: &Functions, function: &str, id: &str, outcome: Outcome) -> StatusCode {
    let pending = functions.0.running.get(function).and_then(|running| lock(&running.pending).remove(id));
    match pending {
        Some(pending) => {
            let _ = pending.reply.send(outcome);
            StatusCode::ACCEPTED
        }
        None => StatusCode::BAD_REQUEST,
    }
}

async fn respond(
    State(functions): State<Functions>,
    Path((function, _, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    settle(&functions, &function, &id, Ok(body))
}

async fn fail(
    State(functions): State<Functions>,
    Path((function, _, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    settle(&functions, &function, &id, Err(String::from_utf8_lossy(&body).into_owned()))
}

async fn fail_to_start(
    State(functions): State<Functions>,
    Path((function, _)): Path<(String, u64)>,
    body: Bytes,
) -> StatusCode {
    (functions.0.log)(&function, &format!("failed to start: {}", String::from_utf8_lossy(&body)));
    StatusCode::ACCEPTED
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
