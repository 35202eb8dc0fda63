//! Putting the parts together and taking them apart again.

use std::{
    collections::BTreeMap,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Duration,
};

use axum::Router;
use serde_json::Value;
use shared::store::{Store, StoreError};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    database::{self, TableError},
    functions::{Functions, Log},
    gateway, lambda_api,
    mapping::Rules,
    routes, schedule,
    seed::{self, Ready, Tokens},
    slack,
    stream::{Discarded, Pump},
    template::{Template, TemplateError},
};

/// Why the stack cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be listened on.
    #[error("--{0} {1} cannot be used: {2}")]
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
    #[error("the data folder cannot be used: {0}")]
    Data(#[from] std::io::Error),
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
    /// Where data is kept over a restart; in memory if absent.
    pub data: Option<PathBuf>,
    /// Where to serve the API.
    pub gateway: SocketAddr,
    /// Where to serve the stand-in for Slack.
    pub slack: SocketAddr,
    /// Where to serve DynamoDB.
    pub dynamodb: SocketAddr,
    /// Environment variables over the template's, for all functions.
    pub environment: BTreeMap<String, String>,
    /// How often schedules tick; never if absent.
    pub tick: Option<Duration>,
    /// Where the functions' log lines go.
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
            data: None,
            gateway: free,
            slack: free,
            dynamodb: free,
            environment: BTreeMap::new(),
            tick: Some(Duration::from_secs(60)),
            log: Arc::new(|_, _| {}),
        }
    }
}

/// A running stack.
pub struct Stack {
    ready: Ready,
    functions: Functions,
    discarded: Discarded,
    tasks: Vec<JoinHandle<()>>,
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
        for function in &template.functions {
            let path = options.functions.join(&function.binary);
            if !path.is_file() {
                return Err(Error::NotBuilt(function.id.clone(), path.display().to_string()));
            }
        }
        if let Some(data) = &options.data {
            std::fs::create_dir_all(data)?;
        }
        let (dynamodb, database_at) = listen("dynamodb", options.dynamodb).await?;
        let (slack, slack_at) = listen("slack", options.slack).await?;
        let (gateway, gateway_at) = listen("gateway", options.gateway).await?;
        let (lambda, lambda_at) = listen("gateway", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        database::serve(dynamodb, options.data.as_deref())?;
        let client = database::client(&database_at);
        database::create_tables(&client, &template).await?;
        let ready = Self::seeded(&options, client, gateway_at.clone(), slack_at.clone(), database_at.clone()).await?;

        let mut environment = BTreeMap::from([
            ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), database_at.clone()),
            ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), lambda_at.clone()),
            ("PUBLIC_URL".to_owned(), gateway_at),
            // The one setting that exempts the sender from its rules about addresses.
            ("OUTHOOK_LOCAL_RECEIVER".to_owned(), slack_at),
        ]);
        environment.extend(options.environment.clone());
        let log = Arc::clone(&options.log);
        let functions = Functions::new(&template.functions, options.functions.clone(), environment, lambda_at, log);
        let mut tasks = vec![
            serve(lambda, functions.runtime_api().merge(lambda_api::router(functions.clone()))),
            serve(slack, slack::router()),
            serve(gateway, gateway::router(functions.clone(), routes::routes(&template.functions))),
        ];
        let discarded = Discarded::default();
        for function in &template.functions {
            for (kind, event) in &function.events {
                match kind.as_str() {
                    "DynamoDB" => {
                        let stream = event["Stream"].as_str().unwrap_or_default();
                        let pump = Pump {
                            client: database::streams(&database_at),
                            table: stream.trim_end_matches(".StreamArn").to_owned(),
                            function: function.id.clone(),
                            rules: Rules::of(event),
                            functions: functions.clone(),
                            discarded: Arc::clone(&discarded),
                            checkpoint: options.data.as_ref().map(|data| data.join(format!("{}.json", function.id))),
                        };
                        tasks.push(tokio::spawn(pump.run()));
                    }
                    "ScheduleV2" => {
                        let input = event["Input"].as_str().unwrap_or("{}").to_owned();
                        if let Some(tick) = options.tick {
                            tasks.push(tokio::spawn(schedule::run(
                                functions.clone(),
                                function.id.clone(),
                                input,
                                tick,
                            )));
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(Self { ready, functions, discarded, tasks })
    }

    async fn seeded(
        options: &Options,
        client: aws_sdk_dynamodb::Client,
        gateway: String,
        slack: String,
        dynamodb: String,
    ) -> Result<Ready, Error> {
        if let Some(before) = seed::remembered(options.data.as_deref()) {
            return Ok(Ready { gateway, slack, dynamodb, ..before });
        }
        let store = Store::new(client, seed::tables());
        let (organization, tokens) = seed::organization(&store, "acme").await?;
        let ready = Ready {
            gateway,
            slack,
            dynamodb,
            organization: organization.id.to_string(),
            akinon_organization: organization.akinon_organization,
            socotra_tenant: organization.socotra_tenant,
            tokens,
        };
        seed::remember(options.data.as_deref(), &ready)?;
        Ok(ready)
    }

    /// Addresses, ids and keys.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// A client of its DynamoDB.
    #[must_use]
    pub fn database(&self) -> aws_sdk_dynamodb::Client {
        database::client(&self.ready.dynamodb)
    }

    /// Its tables through the product's own store.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.database(), seed::tables())
    }

    /// Makes another organization.
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
        let found = self.functions.find(function).ok_or_else(|| format!("there is no function {function}"))?;
        let answer = self.functions.invoke(&found.id, payload.to_string().into()).await?;
        serde_json::from_slice(&answer).map_err(|error| error.to_string())
    }

    /// What the stream's mapping has given up.
    #[must_use]
    pub fn discarded(&self) -> Vec<Value> {
        self.discarded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kills every function process, as an unlucky machine would; how many there were.
    pub async fn kill_functions(&self) -> usize {
        self.functions.kill_all().await
    }

    /// Stops everything that was started.
    pub async fn shutdown(self) {
        for task in &self.tasks {
            task.abort();
        }
        self.functions.kill_all().await;
    }
}

async fn listen(option: &'static str, address: SocketAddr) -> Result<(TcpListener, String), Error> {
    let fail = |error| Error::Address(option, address, error);
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let bound = listener.local_addr().map_err(fail)?;
    Ok((listener, format!("http://{bound}")))
}

fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("a server of the local stack stopped: {error}");
        }
    })
}
