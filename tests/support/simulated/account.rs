//! Lambda: environments that are limited over all functions together, cold starts, asynchronous invocations that wait for an
//! environment, and what all that costs.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use super::{
    aws::{Aws, Function},
    simulation::{Process, Simulation},
    watch::Watch,
};

/// How long an environment that has nothing to do is kept.
const KEPT: Duration = Duration::from_secs(300);

/// After how long a failed asynchronous invocation is tried again, times the number of tries.
const AFTER_ERROR: Duration = Duration::from_secs(60);

/// What an invocation does; says whether it succeeded.
pub type Running = Pin<Box<dyn Future<Output = bool>>>;

/// Begins an invocation, each time that it is tried.
pub type Begin = Box<dyn Fn() -> Running + Send>;

/// What a function has used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Invocations that began.
    pub invocations: usize,
    /// Environments that were started.
    pub cold_starts: usize,
    /// The most environments at work at once.
    pub peak: usize,
    /// The most invocations at work or waiting for an environment at once.
    pub peak_demand: usize,
    /// Memory times time.
    pub gb_seconds: f64,
    /// The longest that an invocation took.
    pub longest: Duration,
    /// Invocations that Lambda ended because their time was up, without any fault of the machine.
    pub timed_out: usize,
    /// Asynchronous invocations that were dropped.
    pub dropped: usize,
}

struct Waiting {
    function: Function,
    begin: Begin,
    since: Duration,
    /// How often there was no environment for it.
    throttled: u32,
    /// How often it has failed.
    failed: u32,
}

struct AtWork {
    function: Function,
    since: Duration,
    /// What is to be tried again if it fails.
    again: Option<Waiting>,
    succeeded: Arc<Mutex<Option<bool>>>,
}

#[derive(Default)]
struct State {
    at_work: BTreeMap<Process, AtWork>,
    /// Since when each environment of a function has nothing to do.
    idle: BTreeMap<Function, Vec<Duration>>,
    waiting: BTreeMap<(Duration, u64), Waiting>,
    next: u64,
    usage: BTreeMap<Function, Usage>,
    /// The functions whose code fails at once.
    broken: BTreeSet<Function>,
    /// What others leave of the account's environments, if they leave fewer than usual.
    left: Option<usize>,
}

/// The account's functions.
#[derive(Clone)]
pub struct Account {
    state: Arc<Mutex<State>>,
    simulation: Simulation,
    aws: Aws,
    watch: Watch,
}

impl Account {
    pub(crate) fn new(simulation: &Simulation, aws: Aws, watch: &Watch) -> Self {
        Self { state: Arc::default(), simulation: simulation.clone(), aws, watch: watch.clone() }
    }

    /// From now on each invocation of the function fails before it has done anything, as one whose code does not start.
    pub fn break_down(&self, function: Function) {
        self.state().broken.insert(function);
    }

    /// From now on other stacks leave so many environments of the account.
    pub fn leave_environments(&self, left: usize) {
        self.state().left = Some(left);
    }

    fn count(&self, name: &str, function: Function) {
        self.watch.count(self.simulation.monotonic(), "AWS/Lambda", name, function.name(), 1.0);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What a function has used so far, with what is at work now.
    #[must_use]
    pub fn usage(&self, function: Function) -> Usage {
        let now = self.simulation.monotonic();
        let state = self.state();
        let mut usage = state.usage.get(&function).copied().unwrap_or_default();
        for work in state.at_work.values().filter(|work| work.function == function) {
            usage.gb_seconds += gb_seconds(function, now.saturating_sub(work.since));
        }
        usage
    }

    /// Invokes a function asynchronously: at once if there is an environment for it, and if there is none as soon as there is.
    pub fn invoke(&self, function: Function, begin: Begin) -> Option<Process> {
        let waiting = Waiting { function, begin, since: self.simulation.monotonic(), throttled: 0, failed: 0 };
        self.begin_or_keep(waiting)
    }

    /// Invokes a function for a caller who waits; `None` if there is no environment for it now.
    pub fn invoke_now(&self, function: Function, running: Running) -> Option<Process> {
        let mut state = self.state();
        let started = self.has_room(&state).then(|| self.start(&mut state, function, running, None));
        if started.is_none() {
            self.count("Throttles", function);
        }
        started
    }

    fn has_room(&self, state: &State) -> bool {
        let limit = state.left.or(self.aws.environments);
        limit.is_none_or(|limit| state.at_work.len() < limit)
    }

    fn begin_or_keep(&self, mut waiting: Waiting) -> Option<Process> {
        let now = self.simulation.monotonic();
        let function = waiting.function;
        let mut state = self.state();
        if self.has_room(&state) {
            let running = (waiting.begin)();
            return Some(self.start(&mut state, function, running, Some(waiting)));
        }
        self.count("Throttles", function);
        if now.saturating_sub(waiting.since) > function.settings().longest_wait {
            state.usage.entry(function).or_default().dropped += 1;
            return None;
        }
        // Lambda tries again after a second, and then less and less often.
        let pause = Duration::from_secs(1 << waiting.throttled.min(6));
        waiting.throttled += 1;
        state.keep(now + pause, waiting);
        None
    }

    fn start(&self, state: &mut State, function: Function, running: Running, again: Option<Waiting>) -> Process {
        let now = self.simulation.monotonic();
        let idle = state.idle.entry(function).or_default();
        idle.retain(|since| *since + KEPT > now);
        let cold = idle.pop().is_none();
        let usage = state.usage.entry(function).or_default();
        usage.invocations += 1;
        usage.cold_starts += usize::from(cold);
        let start_up = if cold { self.aws.cold_start } else { Duration::ZERO };
        let succeeded = Arc::new(Mutex::new(None));
        let (clock, answer) = (self.simulation.clock(), Arc::clone(&succeeded));
        let share = if self.aws.processor { Some(function.settings().share()) } else { None };
        let timeout = function.settings().timeout;
        let running: Running = if state.broken.contains(&function) { Box::pin(async { false }) } else { running };
        self.count("Invocations", function);
        let process = self.simulation.start_with(function.name(), start_up + timeout, share, async move {
            if !start_up.is_zero() {
                clock.sleep(start_up).await;
            }
            let good = running.await;
            *answer.lock().unwrap() = Some(good);
        });
        state.at_work.insert(process, AtWork { function, since: now, again, succeeded });
        state.note_demand(function);
        process
    }

    /// Writes down that an invocation has ended, and tries it again if it failed.
    pub(crate) fn ended(&self, process: Process, finished: bool) {
        let now = self.simulation.monotonic();
        let mut state = self.state();
        let Some(AtWork { function, since, again, succeeded }) = state.at_work.remove(&process) else { return };
        let took = now.saturating_sub(since);
        let settings = function.settings();
        let usage = state.usage.entry(function).or_default();
        usage.gb_seconds += gb_seconds(function, took);
        usage.longest = usage.longest.max(took);
        if finished {
            state.idle.entry(function).or_default().push(now);
        } else if took >= settings.timeout && !self.simulation.was_hindered(process) {
            usage.timed_out += 1;
        }
        let good = finished && *succeeded.lock().unwrap() == Some(true);
        if !good {
            self.count("Errors", function);
        }
        if let Some(mut again) = again.filter(|again| !good && again.failed < settings.retries) {
            again.failed += 1;
            state.keep(now + AFTER_ERROR * again.failed, again);
        }
    }

    /// Begins what has waited for an environment; when to look again.
    pub(crate) fn pump(&self) -> Option<Duration> {
        let now = self.simulation.monotonic();
        loop {
            let due = {
                let mut state = self.state();
                let (at, id) = *state.waiting.keys().next()?;
                if at > now {
                    return Some(at);
                }
                state.waiting.remove(&(at, id))?
            };
            self.begin_or_keep(due);
        }
    }
}

fn gb_seconds(function: Function, took: Duration) -> f64 {
    took.as_secs_f64() * f64::from(u32::try_from(function.settings().memory_mb).unwrap()) / 1_024.0
}

impl State {
    fn keep(&mut self, at: Duration, waiting: Waiting) {
        self.next += 1;
        let function = waiting.function;
        self.waiting.insert((at, self.next), waiting);
        self.note_demand(function);
    }

    fn note_demand(&mut self, function: Function) {
        let at_work = self.at_work.values().filter(|work| work.function == function).count();
        let waiting = self.waiting.values().filter(|waiting| waiting.function == function).count();
        let usage = self.usage.entry(function).or_default();
        usage.peak = usage.peak.max(at_work);
        usage.peak_demand = usage.peak_demand.max(at_work + waiting);
    }
}
