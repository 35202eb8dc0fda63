//! The functions: who waits for which, how many processes each may have, and what an invocation comes to.
//!
//! As on Lambda, an environment (a process) serves one invocation at a time and is kept for the next; another is started only
//! when all are busy.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::body::Bytes;
use serde_json::json;
use tokio::sync::{Notify, oneshot};

use crate::{
    environment::{self, Environment},
    template::Function,
};

/// Where log lines go: the function that said it (or the part of the stack) and the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The most environments of one function at a time.
const MOST_ENVIRONMENTS: usize = 4;

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The function reported an error, in Lambda's JSON.
    Reported(String),
    /// It took longer than the template allows.
    TimedOut(Duration),
    /// Its process cannot be started, or ended.
    Ended(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported(error) => write!(f, "the function reported {error}"),
            Self::TimedOut(limit) => write!(f, "Task timed out after {:.2} seconds", limit.as_secs_f64()),
            Self::Ended(why) => f.write_str(why),
        }
    }
}

impl Failure {
    /// The error as Lambda's Invoke API answers it.
    pub(crate) fn payload(&self) -> String {
        match self {
            Self::Reported(error) => error.clone(),
            Self::TimedOut(_) => json!({"errorType": "Sandbox.Timedout", "errorMessage": self.to_string()}).to_string(),
            Self::Ended(why) => json!({"errorType": "Runtime.ExitError", "errorMessage": why}).to_string(),
        }
    }
}

/// What an invocation came to.
pub(crate) type Outcome = Result<Bytes, Failure>;

/// An invocation on its way to an environment.
struct Invocation {
    id: String,
    payload: Bytes,
    taken: oneshot::Sender<u64>,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Invocation>,
    environments: HashMap<u64, Environment>,
}

/// A function with its environments and with the invocations that none of them has taken yet.
pub(crate) struct Pool {
    pub(crate) function: Function,
    state: Mutex<State>,
    arrived: Notify,
}

/// What an environment that asks for its next invocation gets: its id, its payload and its deadline in milliseconds since 1970.
pub(crate) type Next = (String, Bytes, u128);

impl Pool {
    /// Waits for the environment's next invocation; `None` if the environment is no longer wanted.
    pub(crate) async fn next(&self, environment: u64) -> Option<Next> {
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            // From here on no arrival is missed.
            arrived.as_mut().enable();
            match self.take(environment) {
                Ok(Some(next)) => return Some(next),
                Ok(None) => arrived.await,
                Err(()) => return None,
            }
        }
    }

    fn take(&self, environment: u64) -> Result<Option<Next>, ()> {
        let mut state = lock(&self.state);
        let State { waiting, environments } = &mut *state;
        let Some(environment_state) = environments.get_mut(&environment) else { return Err(()) };
        environment_state.ready = true;
        while let Some(invocation) = waiting.pop_front() {
            // Whoever invoked may have gone.
            if invocation.taken.send(environment).is_err() {
                continue;
            }
            let deadline_ms = now_ms() + Duration::from_secs(self.function.timeout_s).as_millis();
            environment_state.current = Some((invocation.id.clone(), invocation.reply));
            return Ok(Some((invocation.id, invocation.payload, deadline_ms)));
        }
        Ok(None)
    }

    /// Hands the outcome to whoever waits for it; false if nobody does.
    pub(crate) fn settle(&self, environment: u64, id: &str, outcome: Outcome) -> bool {
        let mut state = lock(&self.state);
        let current = state.environments.get_mut(&environment).map(|found| &mut found.current);
        match current.and_then(|current| current.take_if(|(serving, _)| serving == id)) {
            Some((_, reply)) => reply.send(outcome).is_ok(),
            None => false,
        }
    }

    /// Remembers why an environment says it cannot start.
    pub(crate) fn init_error(&self, environment: u64, error: &str) {
        if let Some(found) = lock(&self.state).environments.get_mut(&environment) {
            found.init_error = Some(error.to_owned());
        }
    }

    /// Whether the environment has asked for an invocation.
    pub(crate) fn is_ready(&self, environment: u64) -> bool {
        lock(&self.state).environments.get(&environment).is_none_or(|found| found.ready)
    }

    /// Takes an environment out of service, failing what it was serving.
    fn remove(&self, environment: u64, why: &Failure) -> Option<Environment> {
        let mut removed = lock(&self.state).environments.remove(&environment)?;
        if let Some((_, reply)) = removed.current.take() {
            let _ = reply.send(Err(why.clone()));
        }
        // If it was waiting for an invocation, it learns that it is not to get one.
        self.arrived.notify_waiters();
        Some(removed)
    }

    fn fail_waiting(&self, why: &Failure) {
        for invocation in lock(&self.state).waiting.drain(..) {
            let _ = invocation.reply.send(Err(why.clone()));
        }
    }
}

/// All functions.
#[derive(Clone)]
pub(crate) struct Functions(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) folder: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) runtime_api: String,
    pub(crate) log: Log,
    pools: HashMap<String, Arc<Pool>>,
    next: AtomicU64,
    stopping: AtomicBool,
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
        let pool =
            |function: &Function| Pool { function: function.clone(), state: Mutex::default(), arrived: Notify::new() };
        let pools = functions.iter().map(|function| (function.id.clone(), Arc::new(pool(function)))).collect();
        let (next, stopping) = (AtomicU64::new(1), AtomicBool::new(false));
        Self(Arc::new(Inner { folder, environment, runtime_api, log, pools, next, stopping }))
    }

    /// The function of that logical id, name or ARN, with or without a qualifier.
    pub(crate) fn find(&self, name: &str) -> Option<&Function> {
        let name = match name.split_once(":function:") {
            Some((_, name)) => name,
            None => name,
        };
        let name = name.split(':').next().unwrap_or(name);
        let mut functions = self.0.pools.values().map(|pool| &pool.function);
        functions.find(|function| function.id == name || function.name == name)
    }

    /// The function's environments.
    pub(crate) fn pool(&self, id: &str) -> Option<&Arc<Pool>> {
        self.0.pools.get(id)
    }

    /// Says something in the name of a function or of a part of the stack.
    pub(crate) fn log(&self, who: &str, line: &str) {
        (self.0.log)(who, line);
    }

    /// Whether nothing is started any more.
    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::SeqCst)
    }

    /// A number that no other environment or invocation of this stack has.
    pub(crate) fn number(&self) -> u64 {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// An id for a request, in a uuid's form.
    pub(crate) fn request_id(&self) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.number(), now_ms())
    }

    /// Invokes a function by its logical id and waits for what it answers. The time limit counts from when an environment
    /// takes the invocation; waiting for one is not the function's fault.
    pub(crate) async fn invoke(&self, id: &str, payload: Bytes) -> Outcome {
        let pool = self.pool(id).ok_or_else(|| Failure::Ended(format!("there is no function {id}")))?;
        let (reply, mut answer) = oneshot::channel();
        let (taken, environment) = oneshot::channel();
        let id = self.request_id();
        lock(&pool.state).waiting.push_back(Invocation { id, payload, taken, reply });
        pool.arrived.notify_waiters();
        self.start_if_needed(pool)?;
        let gone = || Failure::Ended("the local stack is stopping".to_owned());
        let Ok(environment) = environment.await else { return answer.await.unwrap_or_else(|_| Err(gone())) };
        let limit = Duration::from_secs(pool.function.timeout_s);
        match tokio::time::timeout(limit, &mut answer).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(gone())),
            Err(_) => {
                let failure = Failure::TimedOut(limit);
                if let Some(removed) = pool.remove(environment, &failure) {
                    removed.kill().await;
                }
                Err(failure)
            }
        }
    }

    /// Starts an environment if more invocations wait than there are environments free to take them.
    pub(crate) fn start_if_needed(&self, pool: &Arc<Pool>) -> Result<(), Failure> {
        let mut state = lock(&pool.state);
        if self.is_stopping() {
            drop(state);
            let why = Failure::Ended("the local stack is stopping".to_owned());
            pool.fail_waiting(&why);
            return Err(why);
        }
        // One that is starting, or on its way back from an invocation, is free.
        let free = state.environments.values().filter(|environment| environment.current.is_none()).count();
        if state.waiting.len() <= free || state.environments.len() >= MOST_ENVIRONMENTS {
            return Ok(());
        }
        let number = self.number();
        match environment::start(self, &self.0, pool, number) {
            Ok(environment) => {
                state.environments.insert(number, environment);
                Ok(())
            }
            Err(failure) => {
                let nobody = state.environments.is_empty();
                drop(state);
                if nobody {
                    pool.fail_waiting(&failure);
                }
                Err(failure)
            }
        }
    }

    /// What follows when an environment's process has ended by itself.
    pub(crate) fn ended(&self, pool: &Arc<Pool>, environment: u64, describe: impl FnOnce(Option<&str>) -> String) {
        let (ready, init_error) = match lock(&pool.state).environments.get_mut(&environment) {
            Some(found) => (found.ready, found.init_error.take()),
            // It was killed on purpose, and whoever did that has answered for it.
            None => (true, None),
        };
        let failure = Failure::Ended(describe(init_error.as_deref()));
        let unexpected = pool.remove(environment, &failure).is_some();
        if unexpected && !self.is_stopping() {
            self.log(&pool.function.id, &failure.to_string());
        }
        if !ready && lock(&pool.state).environments.is_empty() {
            // The next one would not start either.
            pool.fail_waiting(&failure);
        }
        // What is still waiting may have counted on this one.
        if let Err(failure) = self.start_if_needed(pool)
            && !self.is_stopping()
        {
            self.log(&pool.function.id, &failure.to_string());
        }
    }

    /// Kills every environment, `kill -9`, as the tests of faults want it; how many there were. What they were serving fails,
    /// what was waiting gets fresh ones.
    pub(crate) async fn kill_all(&self) -> usize {
        let why = Failure::Ended("the environment was killed".to_owned());
        let mut killed = Vec::new();
        for pool in self.0.pools.values() {
            let numbers: Vec<_> = lock(&pool.state).environments.keys().copied().collect();
            killed.extend(numbers.into_iter().filter_map(|number| pool.remove(number, &why)));
        }
        for environment in &killed {
            environment.kill().await;
        }
        killed.len()
    }

    /// Kills every environment for good: nothing is started any more.
    pub(crate) async fn stop(&self) {
        self.0.stopping.store(true, Ordering::SeqCst);
        self.kill_all().await;
        for pool in self.0.pools.values() {
            pool.fail_waiting(&Failure::Ended("the local stack is stopping".to_owned()));
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// The content of a mutex whose holders never panic half way.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
