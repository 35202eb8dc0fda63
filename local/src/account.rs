//! The environments of all functions, and the invocations that wait for one.
//!
//! As on Lambda, an environment (a process) serves one invocation at a time and is kept for the next. Invocations get their
//! places in the order in which they came; see [`crate::places`] for whose place it is.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::body::Bytes;
use tokio::sync::{Notify, oneshot};

use crate::{
    clock::now_ms,
    failure::{InvocationFailure, MB, Outcome},
    lock::lock,
    memory,
    places::{Places, Seat, Use, Verdict},
    process::Process,
    template::Function,
};

/// How long an environment may be idle.
const IDLE: Duration = Duration::from_secs(300);

/// An invocation on its way to an environment.
pub(crate) struct Invocation {
    /// Its request's id.
    pub(crate) id: String,
    pub(crate) function: Arc<Function>,
    pub(crate) payload: Bytes,
    /// Told when it has an environment, which may still have to start.
    pub(crate) placed: Option<oneshot::Sender<()>>,
    /// Told when the environment has taken it.
    pub(crate) taken: oneshot::Sender<u64>,
    pub(crate) reply: oneshot::Sender<Outcome>,
}

impl Invocation {
    fn fail(self, why: &InvocationFailure) {
        let _ = self.reply.send(Err(why.clone()));
    }
}

/// An environment.
struct Environment {
    function: Arc<Function>,
    process: Process,
    /// Whether it has ever asked for an invocation.
    ready: bool,
    /// The reason it reported for not being able to start.
    init_error: Option<String>,
    /// The invocation that it gets when it next asks for one.
    assigned: Option<Invocation>,
    /// The invocation that it serves, and who waits for the outcome.
    current: Option<(String, oneshot::Sender<Outcome>)>,
    idle_since: Instant,
    /// Notified when there is an invocation for it.
    called: Arc<Notify>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Invocation>,
    environments: BTreeMap<u64, Environment>,
    /// Environments that were killed and whose processes have not ended yet.
    closing: HashMap<u64, Arc<Function>>,
    /// The most memory that an environment of each function has used, in bytes.
    peaks: BTreeMap<String, u64>,
    stopping: bool,
}

/// What an environment that asks for its next invocation gets: its id, its payload and its deadline in milliseconds since 1970.
pub(crate) type Next = (String, Bytes, u128);

/// All environments.
pub(crate) struct Account {
    places: Places,
    state: Mutex<State>,
}

impl Account {
    /// An account without environments.
    pub(crate) fn new(places: Places) -> Self {
        Self { places, state: Mutex::default() }
    }

    /// Whether the function has reserved places.
    pub(crate) fn reserves(&self, function: &str) -> bool {
        self.places.reserves(function)
    }

    /// Whether the account is stopping, so that no environment is started any more.
    pub(crate) fn is_stopping(&self) -> bool {
        lock(&self.state).stopping
    }

    /// Adds an invocation to the end of the queue.
    pub(crate) fn enqueue(&self, invocation: Invocation) {
        lock(&self.state).waiting.push_back(invocation);
    }

    /// Gives environments to the invocations whose turn it is. `start` starts an environment.
    pub(crate) fn dispatch(&self, start: impl Fn(&Arc<Function>) -> Result<(u64, Process), InvocationFailure>) {
        let mut state = lock(&self.state);
        let state = &mut *state;
        if state.stopping {
            let why = InvocationFailure::Ended("the local stack is stopping".to_owned());
            state.waiting.drain(..).for_each(|invocation| invocation.fail(&why));
        }
        let mut promised: HashMap<Option<String>, usize> = HashMap::new();
        for invocation in std::mem::take(&mut state.waiting) {
            // The caller may have gone away.
            if invocation.reply.is_closed() {
                continue;
            }
            let function = Arc::clone(&invocation.function);
            let group = self.reserves(&function.id).then(|| function.id.clone());
            let before = promised.entry(group).or_default();
            match self.places.decide(&function.id, &state.seats(), *before) {
                Verdict::Reuse(number) => state.assign(number, invocation),
                Verdict::Start => match start(&function) {
                    Ok((number, process)) => {
                        let called = Arc::new(Notify::new());
                        let (ready, init_error, assigned, current) = (false, None, None, None);
                        let idle_since = Instant::now();
                        let environment =
                            Environment { function, process, ready, init_error, assigned, current, idle_since, called };
                        state.environments.insert(number, environment);
                        state.assign(number, invocation);
                    }
                    Err(failure) => invocation.fail(&failure),
                },
                verdict => {
                    if let Verdict::Close(number) = verdict {
                        state.close(number);
                    }
                    *before += 1;
                    state.waiting.push_back(invocation);
                }
            }
        }
    }

    /// Waits for the environment's next invocation. Waits forever if it gets none any more: its process is about to be
    /// killed, and it would take any answer for a fault of the Runtime API.
    pub(crate) async fn next(&self, environment: u64) -> Next {
        loop {
            let Some(called) = self.called(environment) else { return std::future::pending().await };
            match self.take(environment) {
                Some(next) => return next,
                None => called.notified().await,
            }
        }
    }

    fn called(&self, environment: u64) -> Option<Arc<Notify>> {
        Some(Arc::clone(&lock(&self.state).environments.get(&environment)?.called))
    }

    fn take(&self, environment: u64) -> Option<Next> {
        let mut state = lock(&self.state);
        let found = state.environments.get_mut(&environment)?;
        found.ready = true;
        let invocation = found.assigned.take()?;
        if invocation.taken.send(environment).is_err() {
            found.idle_since = Instant::now();
            return None;
        }
        let deadline_ms = now_ms() + Duration::from_secs(found.function.timeout_s).as_millis();
        found.current = Some((invocation.id.clone(), invocation.reply));
        Some((invocation.id, invocation.payload, deadline_ms))
    }

    /// Hands the outcome to whoever waits for it. Returns false if nobody does. An environment that has used too much
    /// memory has failed, whatever it answered.
    pub(crate) fn settle(&self, environment: u64, id: &str, outcome: Outcome) -> bool {
        let mut state = lock(&self.state);
        let state = &mut *state;
        let Some(found) = state.environments.get_mut(&environment) else { return false };
        let Some((_, reply)) = found.current.take_if(|(serving, _)| serving == id) else { return false };
        found.idle_since = Instant::now();
        let excess = state.measure(environment);
        if excess.is_some() {
            state.close(environment);
        }
        reply.send(excess.map_or(outcome, Err)).is_ok()
    }

    /// Checks the memory of all environments that serve an invocation, and kills those that use too much.
    pub(crate) fn police(&self) {
        let mut state = lock(&self.state);
        let busy = state.environments.iter().filter(|(_, environment)| environment.current.is_some());
        for number in busy.map(|(number, _)| *number).collect::<Vec<_>>() {
            if let Some(failure) = state.measure(number) {
                state.remove(number, &failure);
            }
        }
    }

    /// Closes the environments that have been idle for too long.
    pub(crate) fn retire(&self, now: Instant) {
        let mut state = lock(&self.state);
        let old = |seat: &Seat<'_>| matches!(seat.used, Use::Idle(since) if now.duration_since(since) >= IDLE);
        let old: Vec<_> = state.seats().iter().filter(|seat| old(seat)).map(|seat| seat.environment).collect();
        for number in old {
            state.close(number);
        }
    }

    /// The most memory that an environment of each function has used, in bytes, as far as is known.
    pub(crate) fn peaks(&self) -> BTreeMap<String, u64> {
        lock(&self.state).peaks.clone()
    }

    /// Whether the environment is there and was not told to end.
    #[cfg(test)]
    fn is_open(&self, environment: u64) -> bool {
        lock(&self.state).environments.contains_key(&environment)
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

    /// Kills an environment, failing what it was serving.
    pub(crate) fn kill(&self, environment: u64, why: &InvocationFailure) {
        lock(&self.state).remove(environment, why);
    }

    /// Frees the place of an environment that was killed and whose process is gone.
    pub(crate) fn gone(&self, environment: u64) {
        lock(&self.state).closing.remove(&environment);
    }

    /// Why an environment said that it cannot start.
    pub(crate) fn reported(&self, environment: u64) -> Option<String> {
        lock(&self.state).environments.get_mut(&environment)?.init_error.take()
    }

    /// Takes an environment that ended by itself out of service. Returns false if that was done already.
    pub(crate) fn ended(&self, environment: u64, why: &InvocationFailure) -> bool {
        let mut state = lock(&self.state);
        if let Some(found) = state.environments.get_mut(&environment)
            && !found.ready
            && let Some(invocation) = found.assigned.take()
        {
            // The next one would not start either.
            invocation.fail(why);
        }
        let removed = state.remove(environment, why);
        state.closing.remove(&environment);
        removed
    }

    /// Kills every environment and returns the processes to wait for. With `for_good`, nothing is started any more.
    pub(crate) fn kill_all(&self, for_good: bool, why: &InvocationFailure) -> Vec<Process> {
        let mut state = lock(&self.state);
        state.stopping |= for_good;
        let processes = state.environments.values().map(|environment| environment.process.clone()).collect();
        let numbers: Vec<_> = state.environments.keys().copied().collect();
        for number in numbers {
            state.remove(number, why);
        }
        processes
    }
}

impl State {
    fn seats(&self) -> Vec<Seat<'_>> {
        let open = self.environments.iter().map(|(number, environment)| {
            let free = environment.assigned.is_none() && environment.current.is_none();
            let used = if free { Use::Idle(environment.idle_since) } else { Use::Busy };
            Seat { environment: *number, function: &environment.function.id, used }
        });
        let closing = self.closing.iter();
        let closing =
            closing.map(|(number, function)| Seat { environment: *number, function: &function.id, used: Use::Closing });
        open.chain(closing).collect()
    }

    fn assign(&mut self, environment: u64, mut invocation: Invocation) {
        if let Some(placed) = invocation.placed.take() {
            let _ = placed.send(());
        }
        if let Some(found) = self.environments.get_mut(&environment) {
            found.assigned = Some(invocation);
            found.called.notify_one();
        }
    }

    /// Ends an environment that serves no invocation.
    fn close(&mut self, environment: u64) {
        self.remove(environment, &InvocationFailure::Ended("the environment was closed".to_owned()));
    }

    /// Kills an environment and fails the invocation that it was serving. One that it had not yet taken goes to another
    /// environment.
    fn remove(&mut self, environment: u64, why: &InvocationFailure) -> bool {
        let Some(mut removed) = self.environments.remove(&environment) else { return false };
        removed.process.kill();
        if let Some((_, reply)) = removed.current.take() {
            let _ = reply.send(Err(why.clone()));
        }
        if let Some(invocation) = removed.assigned.take() {
            self.waiting.push_front(invocation);
        }
        self.closing.insert(environment, removed.function);
        true
    }

    /// Records the memory that an environment has used. Returns a failure if that is too much.
    fn measure(&mut self, environment: u64) -> Option<InvocationFailure> {
        let found = self.environments.get(&environment)?;
        let used = memory::peak(found.process.id)?;
        let peak = self.peaks.entry(found.function.id.clone()).or_default();
        *peak = used.max(*peak);
        let limit_mb = found.function.memory_mb;
        (used > limit_mb * MB).then_some(InvocationFailure::OutOfMemory { used, limit_mb })
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
