//! The functions: invoking them, and starting the environments that this takes.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::body::Bytes;
use tokio::sync::oneshot;

use crate::{
    account::{Account, Invocation, Next},
    clock::now_ms,
    environment::{self, Running},
    failure::{InvocationFailure, Outcome},
    places::Places,
    settings::Settings,
    template::Function,
};

/// How often the memory of busy functions is checked. Lambda ends a function that uses too much at once; here it is
/// noticed when the function answers at the latest.
const ROUND: Duration = Duration::from_millis(100);

/// How long an invocation waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until its turn comes.
    Endless,
    /// For this long; then the invocation is rejected, as Lambda does at once.
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

    /// Their environments.
    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    /// Logs a line of a function or of a part of the stack, unless the stack is stopping: what fails then, fails because
    /// of that.
    pub(crate) fn log(&self, who: &str, line: &str) {
        if !self.is_stopping() {
            (self.0.settings.log)(who, line);
        }
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
        self.built(function).await?;
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

    /// Waits until the function is built.
    async fn built(&self, function: &Function) -> Result<(), InvocationFailure> {
        let Some(later) = self.0.settings.later.as_ref().filter(|later| later.is_building(&function.binary)) else {
            return Ok(());
        };
        self.log(&function.id, "it is still being built; an invocation waits for it");
        if later.done().await {
            return Ok(());
        }
        Err(InvocationFailure::Ended(format!("{}: it could not be built; cargo has said why", function.id)))
    }

    /// Gives environments to the invocations whose turn it is.
    fn dispatch(&self) {
        self.account().dispatch(|function| {
            let number = self.number();
            let (process, running) = environment::start(&self.0.settings, function, number)?;
            tokio::spawn(self.clone().attend(running, Arc::clone(function), number));
            Ok((number, process))
        });
    }

    /// Waits until an environment's process is gone, and has what follows from it happen.
    async fn attend(self, mut running: Running, function: Arc<Function>, number: u64) {
        let end = running.end(|| self.account().is_ready(number)).await;
        self.account().gone(number);
        self.dispatch();
        let last_lines = running.last_lines().await;
        let init_error = self.account().reported(number);
        let description = end.describe(&function.id, init_error.as_deref(), &last_lines);
        let failure = InvocationFailure::Ended(description);
        if self.account().ended(number, &failure) {
            self.log(&function.id, &failure.to_string());
        }
        self.dispatch();
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

    /// Checks the environments regularly, until it is aborted.
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
