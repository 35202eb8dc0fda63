//! The functions: invoking them, and starting the environments that this takes.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::body::Bytes;
use tokio::sync::oneshot;

use crate::{
    account::{Account, Invocation, Next, now_ms},
    environment,
    failure::{InvocationFailure, Outcome},
    places::Places,
    template::Function,
};

/// Where log lines go: the function that said it (or the part of the stack) and the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// How often functions at work are looked at. Lambda ends one that uses too much memory at once; here it is seen at the latest
/// when it answers.
const ROUND: Duration = Duration::from_millis(100);

/// How functions run.
pub(crate) struct Settings {
    /// Where their binaries are.
    pub(crate) folder: PathBuf,
    /// Environment variables over the template's.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where they ask for invocations.
    pub(crate) runtime_api: String,
    /// Where what they say goes.
    pub(crate) log: Log,
}

/// How long an invocation waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until it is its turn.
    Endless,
    /// So long; then it is refused, as Lambda does at once.
    Most(Duration),
}

/// All functions.
#[derive(Clone)]
pub(crate) struct Functions(Arc<Inner>);

struct Inner {
    settings: Settings,
    functions: HashMap<String, Arc<Function>>,
    account: Account,
    next: AtomicU64,
}

impl Functions {
    /// The functions of a template, in these places.
    pub(crate) fn new(functions: &[Function], places: Places, settings: Settings) -> Self {
        let functions = functions.iter().map(|function| (function.id.clone(), Arc::new(function.clone()))).collect();
        Self(Arc::new(Inner { settings, functions, account: Account::new(places), next: AtomicU64::new(1) }))
    }

    /// The function of that logical id, name or ARN, with or without a qualifier.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Function>> {
        let name = match name.split_once(":function:") {
            Some((_, name)) => name,
            None => name,
        };
        let name = name.split(':').next().unwrap_or(name);
        self.0.functions.values().find(|function| function.id == name || function.name == name)
    }

    /// How they run.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Their environments.
    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    /// Says something in the name of a function or of a part of the stack.
    pub(crate) fn log(&self, who: &str, line: &str) {
        (self.0.settings.log)(who, line);
    }

    /// Whether nothing is started any more.
    pub(crate) fn is_stopping(&self) -> bool {
        self.account().is_stopping()
    }

    /// A number that no other environment or invocation of this stack has.
    fn number(&self) -> u64 {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// An id for a request, in a uuid's form.
    pub(crate) fn request_id(&self) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.number(), now_ms())
    }

    /// Invokes a function by its logical id and waits for what it answers. The time limit counts from when an environment
    /// takes the invocation; waiting for one is not the function's fault.
    pub(crate) async fn invoke(&self, id: &str, payload: Bytes, patience: Patience) -> Outcome {
        let function = self.0.functions.get(id);
        let function = function.ok_or_else(|| InvocationFailure::Ended(format!("function {id} does not exist")))?;
        let (placed, place) = oneshot::channel();
        let (taken, environment) = oneshot::channel();
        let (reply, mut answer) = oneshot::channel();
        let (function, id) = (Arc::clone(function), self.request_id());
        let limit = Duration::from_secs(function.timeout_s);
        let reserved = self.account().reserves(&function.id);
        self.account().enqueue(Invocation { id, function, payload, placed: Some(placed), taken, reply });
        self.dispatch();
        // An error means that it has failed already, and the answer says why.
        match patience {
            Patience::Endless => drop(place.await),
            Patience::Most(most) => {
                if tokio::time::timeout(most, place).await.is_err() {
                    return Err(InvocationFailure::Throttled { reserved });
                }
            }
        }
        let gone = || InvocationFailure::Ended("the local stack is stopping".to_owned());
        let Ok(environment) = environment.await else { return answer.await.unwrap_or_else(|_| Err(gone())) };
        match tokio::time::timeout(limit, &mut answer).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(gone())),
            Err(_) => {
                let failure = InvocationFailure::TimedOut(limit);
                self.account().kill(environment, &failure);
                Err(failure)
            }
        }
    }

    /// Gives environments to the invocations whose turn it is.
    fn dispatch(&self) {
        self.account().dispatch(|function| {
            let number = self.number();
            environment::start(self, function, number).map(|process| (number, process))
        });
    }

    /// Waits for an environment's next invocation.
    pub(crate) async fn next(&self, environment: u64) -> Next {
        self.account().next(environment).await
    }

    /// Hands the outcome to whoever waits for it; false if nobody does.
    pub(crate) fn settle(&self, environment: u64, id: &str, outcome: Outcome) -> bool {
        let settled = self.account().settle(environment, id, outcome);
        self.dispatch();
        settled
    }

    /// What follows when an environment's process is gone.
    pub(crate) fn gone(&self, environment: u64) {
        self.account().gone(environment);
        self.dispatch();
    }

    /// What follows when all is known of an environment whose process is gone.
    pub(crate) fn ended(&self, id: &str, environment: u64, describe: impl FnOnce(Option<&str>) -> String) {
        let failure = InvocationFailure::Ended(describe(self.account().reported(environment).as_deref()));
        if self.account().ended(environment, &failure) && !self.is_stopping() {
            self.log(id, &failure.to_string());
        }
        self.dispatch();
    }

    /// Looks after the environments, until it is aborted.
    pub(crate) async fn look_after(self) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.account().police();
            self.account().retire(Instant::now());
        }
    }

    /// Kills every environment, `kill -9`, as the tests of faults want it; how many there were. What they were serving fails,
    /// what was waiting gets fresh ones.
    pub(crate) async fn kill_all(&self) -> usize {
        self.kill_each(false, "the environment was killed").await
    }

    /// Kills every environment for good: nothing is started any more.
    pub(crate) async fn stop(&self) {
        self.kill_each(true, "the local stack is stopping").await;
        self.dispatch();
    }

    async fn kill_each(&self, for_good: bool, why: &str) -> usize {
        let killed = self.account().kill_all(for_good, &InvocationFailure::Ended(why.to_owned()));
        let count = killed.len();
        // All die at the same time; this only waits.
        for process in killed {
            process.gone().await;
        }
        count
    }
}
