//! Starts the parts of the stack together, and stops them again.

use std::{
    collections::BTreeMap,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use shared::store::{Store, StoreError};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    database::{self, TableError},
    front,
    functions::{Functions, Patience},
    gateway,
    guard::guarded,
    lambda_api,
    lambda_api::{Failures, Invoker},
    later::Later,
    openapi::Access,
    places::Places,
    routes, runtime_api, schedule,
    seed::{self, Addresses, Ready, Tokens},
    settings::{Log, Settings},
    slack,
    stream::Pump,
    template::{Template, TemplateError, Trigger},
};

/// Why the stack cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be listened on.
    #[error("--{0} {1} cannot be used: {2}; --{0} 127.0.0.1:0 takes a free port")]
    Address(&'static str, SocketAddr, std::io::Error),
    /// The template is broken.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The tables cannot be made.
    #[error(transparent)]
    Tables(#[from] TableError),
    /// The first organization cannot be made.
    #[error("the organization cannot be made: {0}")]
    Seed(#[from] StoreError),
    /// The data folder cannot be used.
    #[error("--data {0} cannot be used: {1}")]
    Data(PathBuf, std::io::Error),
    /// Another stack uses the data folder.
    #[error(
        "--data {0} is used by another local stack; --ephemeral, or --data with another folder, starts a second one"
    )]
    DataInUse(PathBuf),
    /// Functions reserve so many environments that none are left for the others.
    #[error("--concurrency {0} leaves no environment for functions that reserve none")]
    Concurrency(usize),
    /// A server cannot be set up.
    #[error("a server cannot be set up: {0}")]
    Server(String),
    /// A function has not been built.
    #[error("function {0} is not built: {1} does not exist")]
    NotBuilt(String, String),
}

/// How to start.
#[derive(Clone)]
pub struct Options {
    /// The template.
    pub template: PathBuf,
    /// Where the functions' binaries are.
    pub functions: PathBuf,
    /// Functions that are still being built. An invocation of one waits until it is built. None if absent.
    pub later: Option<Later>,
    /// Where data is kept over a restart; in memory if absent.
    pub data: Option<PathBuf>,
    /// Where to serve the API.
    pub gateway: SocketAddr,
    /// Where to serve the stand-in for Slack.
    pub slack: SocketAddr,
    /// Where to serve DynamoDB.
    pub dynamodb: SocketAddr,
    /// Environment variables over the template's and the stack's own, for all functions. `AWS_ENDPOINT_URL_DYNAMODB` puts
    /// something of yours between the functions and the embedded DynamoDB.
    pub environment: BTreeMap<String, String>,
    /// Whether streams and schedules trigger functions.
    pub triggers: bool,
    /// How long a minute of the template's schedules is; they never tick if absent.
    pub tick: Option<Duration>,
    /// How many environments all functions together may have.
    pub concurrency: usize,
    /// How long an invocation waits for one of them, unless it may wait for as long as it takes. Lambda would refuse it at once;
    /// but here a place is taken for much longer, since two processors or so do the work of all, and an idle environment of
    /// another function has to end first.
    pub patience: Duration,
    /// How long after the first attempt a failed asynchronous invocation is tried again; twice as long after the second.
    pub retry: Duration,
    /// Where the functions' log lines go, and the stack's own.
    pub log: Log,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("template", &self.template).field("data", &self.data).finish_non_exhaustive()
    }
}

impl Options {
    /// In memory, on free ports, ticking once a minute, with logs going nowhere.
    #[must_use]
    pub fn new(template: PathBuf, functions: PathBuf) -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            template,
            functions,
            later: None,
            data: None,
            gateway: free,
            slack: free,
            dynamodb: free,
            environment: BTreeMap::new(),
            triggers: true,
            tick: Some(Duration::from_secs(60)),
            concurrency: 10,
            patience: Duration::from_secs(2),
            retry: Duration::from_secs(60),
            log: Arc::new(|_, _| {}),
        }
    }
}

/// A running stack. Dropping it leaves its servers to the runtime; [`Stack::shutdown`] stops everything.
pub struct Stack {
    ready: Ready,
    functions: Functions,
    failures: Failures,
    /// The background tasks: the pumps, the schedules, the sweeping.
    workers: Vec<JoinHandle<()>>,
    servers: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    /// Held as long as the data folder is in use.
    _lock: Option<std::fs::File>,
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("gateway", &self.ready.gateway).finish_non_exhaustive()
    }
}

impl Stack {
    /// Starts everything; functions start when they are first called.
    ///
    /// # Errors
    ///
    /// When a part cannot be started, saying which and why.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let template = Template::read(&options.template)?;
        let is_building = |binary: &str| options.later.as_ref().is_some_and(|later| later.is_building(binary));
        for function in &template.functions {
            let path = options.functions.join(&function.binary);
            if !is_building(&function.binary) && !path.is_file() {
                return Err(Error::NotBuilt(function.id.clone(), path.display().to_string()));
            }
        }
        let reserved = template.functions.iter().filter_map(|function| Some((function.id.clone(), function.reserved?)));
        let places =
            Places::new(options.concurrency, reserved.collect()).ok_or(Error::Concurrency(options.concurrency))?;
        let lock = options.data.as_ref().map(claim).transpose()?;
        let (dynamodb, dynamodb_at) = listen("dynamodb", options.dynamodb).await?;
        let (slack, slack_at) = listen("slack", options.slack).await?;
        let (gateway, gateway_at) = listen("gateway", options.gateway).await?;
        let (lambda, lambda_at) = listen("lambda", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let url = |address: SocketAddr| format!("http://{address}");
        let addresses = Addresses {
            gateway: url(gateway_at),
            slack: url(slack_at),
            dynamodb: url(dynamodb_at),
            lambda: url(lambda_at),
        };
        let log = Arc::clone(&options.log);
        let (stop, stopped) = watch::channel(false);
        let mut servers = Vec::new();
        let mut serve = |name, listener, bound, router| {
            let serving = axum::serve(listener, guarded(router, bound)).with_graceful_shutdown(until(stopped.clone()));
            servers.push(tokio::spawn(report(name, serving.into_future(), Arc::clone(&log))));
        };
        let database = database::open(options.data.as_deref())?;
        let failed = |error: &dyn fmt::Display| Error::Server(error.to_string());
        let behind = front::hidden().await.map_err(|error| failed(&error))?;
        let behind_at = url(behind.local_addr().map_err(|error| failed(&error))?);
        let serving = dynoxide::server::serve_with_shutdown(behind, database.clone(), until(stopped.clone()));
        let embedded = tokio::spawn(report("dynamodb", serving, Arc::clone(&log)));
        let (writes, written) = watch::channel(0);
        let front = front::router(behind_at, writes.clone()).map_err(|error| failed(&error))?;
        serve("dynamodb", dynamodb, dynamodb_at, front);
        let client = database::client(&addresses.dynamodb);
        database::create_tables(&client, &template).await?;
        let store = Store::new(client.clone(), seed::tables());
        let ready = Self::seeded(&options, client, addresses).await?;
        let surroundings = slack::Surroundings {
            store: Some(store.clone()),
            api: Some(Arc::new(Access::of(&ready))),
            console_link: Some(slack::console_link(ready.clone(), store.clone())),
        };

        let settings = Settings {
            folder: options.functions.clone(),
            environment: environment(&options, &ready),
            runtime_api: ready.lambda.clone(),
            log: Arc::clone(&log),
            later: options.later.clone(),
        };
        let functions = Functions::new(&template.functions, places, settings);
        let failures = Failures::default();
        let (patience, pause) = (options.patience, options.retry);
        let invoker = Invoker { functions: functions.clone(), failures: failures.clone(), patience, pause };
        let router = runtime_api::router(functions.clone()).merge(lambda_api::router(invoker.clone()));
        serve("lambda", lambda, lambda_at, router);
        serve("slack", slack, slack_at, slack::router(surroundings));
        let router = gateway::router(functions.clone(), routes::routes(&template.functions), patience);
        serve("gateway", gateway, gateway_at, router);
        servers.push(embedded);
        let mut workers = vec![
            tokio::spawn(database::sweep(database.clone(), writes, log)),
            tokio::spawn(functions.clone().look_after()),
        ];
        for function in template.functions.iter().filter(|_| options.triggers) {
            for event in &function.events {
                match event {
                    Trigger::Api { .. } => {}
                    Trigger::Stream { table, key, rules } => {
                        let checkpoint = format!("{}-{table}.place", function.id);
                        let pump = Pump {
                            database: database.clone(),
                            table: table.clone(),
                            key: key.clone(),
                            function: function.id.clone(),
                            rules: rules.clone(),
                            functions: functions.clone(),
                            failures: failures.clone(),
                            checkpoint: options.data.as_ref().map(|data| data.join(checkpoint)),
                        };
                        workers.push(tokio::spawn(pump.run(written.clone())));
                    }
                    Trigger::Schedule { minutes, input } => {
                        if let Some(tick) = options.tick {
                            let (invoker, id) = (invoker.clone(), function.id.clone());
                            workers.push(tokio::spawn(schedule::run(invoker, id, input.clone(), tick * *minutes)));
                        }
                    }
                }
            }
        }
        Ok(Self { ready, functions, failures, workers, servers, stop, _lock: lock })
    }

    /// What is in the data folder, or a first organization, at these addresses.
    async fn seeded(options: &Options, client: aws_sdk_dynamodb::Client, addresses: Addresses) -> Result<Ready, Error> {
        let data = || options.data.clone().unwrap_or_default();
        let remembered = seed::remembered(options.data.as_deref());
        let store = Store::new(client, seed::tables());
        let mut ready = match remembered.map_err(|error| Error::Data(data().join("seed.json"), error))? {
            Some(before) => before.at(addresses),
            None => Ready::new(addresses, seed::organization(&store, "acme").await?),
        };
        seed::remember(options.data.as_deref(), &ready).map_err(|error| Error::Data(data(), error))?;
        ready.console_ticket = ready.console_link(&store).await?;
        Ok(ready)
    }

    /// Addresses, ids and keys.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The most memory that an environment of each function has used so far, in bytes, by the function's logical id: what is not
    /// backed by a file, so that builds for debugging and for release can be compared. Functions that have answered nothing yet
    /// are left out, and all of them where this is not Linux.
    #[must_use]
    pub fn peak_memory(&self) -> BTreeMap<String, u64> {
        self.functions.account().peaks()
    }

    /// A client of the stack's DynamoDB.
    #[must_use]
    pub fn database(&self) -> aws_sdk_dynamodb::Client {
        database::client(&self.ready.dynamodb)
    }

    /// The stack's tables, through the product's own store.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.database(), seed::tables())
    }

    /// Creates another organization.
    ///
    /// # Errors
    ///
    /// When the embedded DynamoDB does not answer.
    pub async fn organization(&self, name: &str) -> Result<(String, Tokens), Error> {
        let (organization, tokens) = seed::organization(&self.store(), name).await?;
        Ok((organization.id.to_string(), tokens))
    }

    /// Invokes a function by name and waits for its answer.
    ///
    /// # Errors
    ///
    /// What the function reported or died of.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, String> {
        let found = self.functions.find(function).ok_or_else(|| format!("function {function} does not exist"))?;
        let answer = self.functions.invoke(&found.id, payload.to_string().into(), Patience::Endless).await;
        let answer = answer.map_err(|failure| failure.to_string())?;
        serde_json::from_slice(&answer).map_err(|error| error.to_string())
    }

    /// The stream records that their mapping gave up, and the asynchronous invocations that were given up. Oldest
    /// first.
    #[must_use]
    pub fn discarded(&self) -> Vec<Value> {
        self.failures.all()
    }

    /// Kills every function process, as a failing machine would. Returns how many there were.
    pub async fn kill_functions(&self) -> usize {
        self.functions.kill_all().await
    }

    /// Stops everything that was started, in less than five seconds.
    pub async fn shutdown(self) {
        let Self { functions, workers, servers, stop, .. } = self;
        for worker in &workers {
            worker.abort();
        }
        // First the functions, so that whoever waits for one gets an answer while the servers still run.
        functions.stop().await;
        stop.send_replace(true);
        let deadline = Instant::now() + PATIENCE;
        for server in servers {
            let abort = server.abort_handle();
            if tokio::time::timeout(deadline.saturating_duration_since(Instant::now()), server).await.is_err() {
                abort.abort();
            }
        }
    }
}

/// How long requests that are in progress when the stack stops may still take.
const PATIENCE: Duration = Duration::from_secs(1);

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the stack itself is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn report<E: fmt::Display>(name: &str, serving: impl Future<Output = Result<(), E>>, log: Log) {
    if let Err(error) = serving.await {
        log(name, &format!("the server stopped: {error}"));
    }
}

/// Creates the data folder if necessary, and locks it: two stacks on the same data would undo each other's work.
fn claim(data: &PathBuf) -> Result<std::fs::File, Error> {
    let fail = |error| Error::Data(data.clone(), error);
    std::fs::create_dir_all(data).map_err(fail)?;
    let lock = std::fs::File::create(data.join("lock")).map_err(fail)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::DataInUse(data.clone())),
        Err(std::fs::TryLockError::Error(error)) => Err(fail(error)),
    }
}

async fn listen(option: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let fail = |error| Error::Address(option, address, error);
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let bound = listener.local_addr().map_err(fail)?;
    Ok((listener, bound))
}

/// The functions' environment variables over the template's.
fn environment(options: &Options, ready: &Ready) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::from([
        ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), ready.dynamodb.clone()),
        ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), ready.lambda.clone()),
        ("PUBLIC_URL".to_owned(), ready.gateway.clone()),
        // The one setting that exempts the sender from its rules about addresses.
        ("OUTHOOK_LOCAL_RECEIVER".to_owned(), ready.slack.clone()),
    ]);
    environment.extend(options.environment.clone());
    environment
}
