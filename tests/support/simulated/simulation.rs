//! A machine on which invocations run one step at a time: a step is a call to DynamoDB, a request to an endpoint or a wait.
//! A chooser decides which invocation goes on, and what goes wrong with its step; the clock moves only as steps take time.
//! The same choices give the same run.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use shared::{
    domain::{Clock, Timestamp},
    store::Entropy,
};

use super::{
    aws::Aws,
    choices::{Chooser, Fate, Kind, next},
};

/// When the simulation begins.
const START: Timestamp = Timestamp(1_743_416_100_000);

/// How long a step takes where latency is not imitated.
const STEP: Duration = Duration::from_millis(4);

/// After so many turns something goes round in a circle.
const MOST_TURNS: u64 = 20_000_000;

/// How many of the last lines of a trace are shown if a run fails.
const MOST_SHOWN: usize = 3_000;

/// Which invocation.
pub type Process = u64;

/// What a step is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    Done,
    Refused,
    Conflict,
    AnswerLost,
    Repeated,
    CrashAfter,
}

struct Waiting {
    id: u64,
    process: Process,
    kind: Kind,
    waker: Waker,
}

/// What the steps of an invocation cost of a whole processor: a call by itself, and each KB that it sends or gets. From a
/// profile of fan-out, which makes 3,300 small calls a second of a processor.
const A_CALL: Duration = Duration::from_micros(300);
const A_KILOBYTE: Duration = Duration::from_micros(15);

#[derive(Default)]
struct Invocation {
    name: &'static str,
    /// When it is killed, on the monotonic clock.
    deadline: Duration,
    /// How far its wall clock is off, in milliseconds.
    offset: i64,
    frozen_until: Duration,
    crashed: bool,
    /// Its share of a processor, and when that has done what it has been given so far.
    share: Option<f64>,
    busy_until: Duration,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

struct State {
    monotonic: Duration,
    /// How far the wall clock was moved, in milliseconds.
    jumped: i64,
    chooser: Box<dyn Chooser>,
    waiting: Vec<Waiting>,
    /// Steps under way, by when they are done.
    under_way: BTreeMap<(Duration, u64), Waiting>,
    aws: Aws,
    /// A source of latencies.
    latencies: u64,
    granted: BTreeMap<u64, Grant>,
    sleepers: BTreeMap<(Duration, u64), (Process, Waker)>,
    invocations: BTreeMap<Process, Invocation>,
    next: u64,
    random: u64,
    trace: Vec<String>,
    faults: bool,
    /// The invocations with which something went wrong.
    faulty: BTreeSet<Process>,
    /// Those of them that stood still between their last look at the lease and the request.
    late: BTreeSet<Process>,
    /// Those that a fault, and not their own work, has kept from ending in time.
    hindered: BTreeSet<Process>,
    steps: usize,
    traced: bool,
}

thread_local! {
    static CURRENT: Cell<Option<Process>> = const { Cell::new(None) };
    /// Invocations that are to begin. Here, since a handle to the machine can be sent to another thread, and they cannot.
    static STARTED: RefCell<Vec<(Process, Task)>> = const { RefCell::new(Vec::new()) };
}

/// A handle to the machine.
#[derive(Clone)]
pub struct Simulation(Arc<Mutex<State>>);

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simulation")
    }
}

impl Simulation {
    pub fn new(chooser: impl Chooser + 'static, random: u64, aws: Aws) -> Self {
        Self(Arc::new(Mutex::new(State {
            monotonic: Duration::from_secs(1_000),
            jumped: 0,
            chooser: Box::new(chooser),
            waiting: Vec::new(),
            under_way: BTreeMap::new(),
            aws,
            latencies: next(random ^ 0x1a7e),
            granted: BTreeMap::new(),
            sleepers: BTreeMap::new(),
            invocations: BTreeMap::new(),
            next: 0,
            random,
            trace: Vec::new(),
            faults: true,
            faulty: BTreeSet::new(),
            late: BTreeSet::new(),
            hindered: BTreeSet::new(),
            steps: 0,
            traced: true,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The invocation that is running now.
    pub fn current() -> Option<Process> {
        CURRENT.get()
    }

    /// What runs in the invocation that is running now.
    pub(crate) fn current_name(&self) -> &'static str {
        let state = self.state();
        Self::current().and_then(|process| state.invocations.get(&process)).map_or("", |invocation| invocation.name)
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        self.state().wall(0)
    }

    pub fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    /// What has happened so far, a line a step.
    pub fn trace(&self) -> String {
        self.state().trace.join("\n")
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        self.state().note(line);
    }

    /// From now on no trace is kept: a long run needs the memory for better things.
    pub fn end_trace(&self) {
        self.state().traced = false;
    }

    /// From now on nothing goes wrong any more.
    pub fn end_faults(&self) {
        self.state().faults = false;
    }

    /// Moves every wall clock, as a correction of the time would.
    pub fn jump(&self, by: i64) {
        self.state().jumped += by;
        self.note(|| format!("the wall clocks jump by {by} ms"));
    }

    pub fn choose(&self, among: usize) -> usize {
        self.state().chooser.pick(among)
    }

    /// Whether anything went wrong with the invocation so far.
    pub fn is_faulty(&self, process: Process) -> bool {
        self.state().faulty.contains(&process)
    }

    /// Whether the invocation may have sent later than it could know.
    pub fn is_late(&self, process: Process) -> bool {
        self.state().late.contains(&process)
    }

    /// Whether a fault has kept the invocation from ending in time.
    pub(crate) fn was_hindered(&self, process: Process) -> bool {
        self.state().hindered.contains(&process)
    }

    /// A random number below `limit`.
    pub(crate) fn some_number(&self, limit: usize) -> usize {
        let mut state = self.state();
        state.latencies = next(state.latencies);
        usize::try_from(state.latencies % limit as u64).unwrap()
    }

    /// A random moment from nothing up to `most`.
    pub(crate) fn some_time(&self, most: Duration) -> Duration {
        most.mul_f64(self.state().fraction())
    }

    /// The running invocation works on that many bytes.
    pub(crate) fn work_on(&self, bytes: usize) {
        if let Some(process) = Self::current() {
            self.state().work(process, per_kilobyte(bytes));
        }
    }

    /// Lets time pass while nothing runs.
    pub fn pass(&self, duration: Duration) {
        self.state().monotonic += duration;
    }

    /// Whether no invocation runs.
    pub fn is_idle(&self) -> bool {
        self.state().invocations.is_empty()
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.state().steps
    }

    /// Starts an invocation that is killed after `timeout`.
    pub fn start(&self, name: &'static str, timeout: Duration, task: impl Future<Output = ()> + 'static) -> Process {
        self.start_with(name, timeout, None, task)
    }

    /// The same with a share of a processor.
    pub(crate) fn start_with(
        &self,
        name: &'static str,
        timeout: Duration,
        share: Option<f64>,
        task: impl Future<Output = ()> + 'static,
    ) -> Process {
        let mut state = self.state();
        let process = state.id();
        let offset = state.chooser.clock_offset();
        let deadline = state.monotonic + timeout;
        let invocation = Invocation { name, deadline, offset, share, ..Invocation::default() };
        state.invocations.insert(process, invocation);
        STARTED.with_borrow_mut(|started| started.push((process, Box::pin(task))));
        process
    }

    /// Waits until the step may be taken.
    pub fn step(&self, kind: Kind) -> impl Future<Output = Grant> + Send + use<> {
        self.step_with(kind, 0)
    }

    /// The same with so many bytes to send.
    pub(crate) fn step_with(&self, kind: Kind, bytes: usize) -> impl Future<Output = Grant> + Send + use<> {
        Step { simulation: self.clone(), kind, bytes, at: None, taken: false }
    }

    /// Ends the running invocation; nothing after this call happens.
    pub async fn crash(&self) {
        if let Some(process) = Self::current()
            && let Some(invocation) = self.state().invocations.get_mut(&process)
        {
            invocation.crashed = true;
        }
        std::future::pending::<()>().await;
    }

    /// Runs until nothing is left to do, asking `driver` before each step what else there is: it may start invocations, and
    /// says when it wants to be asked again.
    pub fn run(&self, driver: impl FnMut(&Self, &[(Process, bool)]) -> Option<Duration>) {
        self.run_until(Duration::MAX, driver);
    }

    /// The same until a moment of the monotonic clock; what runs then is gone.
    pub fn run_until(&self, end: Duration, mut driver: impl FnMut(&Self, &[(Process, bool)]) -> Option<Duration>) {
        let mut tasks: BTreeMap<Process, Task> = BTreeMap::new();
        let woken = Arc::new(Woken::default());
        let mut ended = Vec::new();
        for turns in 0_u64.. {
            if turns > MOST_TURNS {
                self.fail(Box::new("the run has no end"));
            }
            let wanted = driver(self, &std::mem::take(&mut ended));
            for (process, task) in STARTED.take() {
                tasks.insert(process, task);
                woken.add(process);
            }
            while let Some(process) = woken.take() {
                let Some(task) = tasks.get_mut(&process) else { continue };
                let waker = Waker::from(Arc::new(WakeProcess(process, Arc::clone(&woken))));
                CURRENT.set(Some(process));
                let polled = catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut Context::from_waker(&waker))));
                CURRENT.set(None);
                match polled {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Ready(())) => {
                        tasks.remove(&process);
                        self.state().invocations.remove(&process);
                        ended.push((process, true));
                    }
                    Err(panic) => self.fail(panic),
                }
            }
            for process in self.reap() {
                // Dropping the task takes its waits out of the machine.
                drop(tasks.remove(&process));
                ended.push((process, false));
            }
            if !ended.is_empty() || STARTED.with_borrow(|started| !started.is_empty()) {
                continue;
            }
            if self.monotonic() >= end || !self.advance(wanted) {
                return;
            }
        }
    }

    /// Takes the next step, or moves the clock to the next moment at which something happens; false if there is none.
    fn advance(&self, wanted: Option<Duration>) -> bool {
        let mut state = self.state();
        let now = state.monotonic;
        state.arrive();
        let ready: Vec<usize> = (0..state.waiting.len())
            .filter(|at| {
                let process = state.waiting[*at].process;
                state.invocations.get(&process).is_none_or(|invocation| invocation.frozen_until <= now)
            })
            .collect();
        if ready.is_empty() {
            return state.wait(wanted);
        }
        // Without faults whoever has waited longest goes on.
        let chosen = if state.faults { state.chooser.pick(ready.len()) } else { 0 };
        state.grant(ready[chosen]);
        true
    }

    fn reap(&self) -> Vec<Process> {
        let mut state = self.state();
        let now = state.monotonic;
        let gone = |invocation: &Invocation| invocation.crashed || invocation.deadline <= now;
        let gone: Vec<_> = state.invocations.iter().filter(|(_, i)| gone(i)).map(|(process, _)| *process).collect();
        for process in &gone {
            state.faulty.insert(*process);
            if let Some(invocation) = state.invocations.remove(process) {
                if invocation.crashed || invocation.frozen_until > Duration::ZERO {
                    state.hindered.insert(*process);
                }
                state.note(|| format!("{} {process} is gone", invocation.name));
            }
        }
        gone
    }

    fn fail(&self, panic: Box<dyn Any + Send>) {
        let state = self.state();
        let shown = state.trace.len().saturating_sub(MOST_SHOWN);
        eprintln!("{}", state.trace[shown..].join("\n"));
        drop(state);
        resume_unwind(panic);
    }

    /// The clock of the invocation that is running, which may be a little off.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SimulatedClock(self.clone()))
    }

    pub fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SimulatedEntropy(self.clone()))
    }
}

impl State {
    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wall(&self, offset: i64) -> Timestamp {
        let since = i64::try_from((self.monotonic - Duration::from_secs(1_000)).as_millis()).unwrap();
        Timestamp(START.0 + since + self.jumped + offset)
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if self.traced {
            self.trace.push(format!("{:>9.3} {}", self.monotonic.as_secs_f64() - 1_000.0, line()));
        }
    }

    /// From 0 up to, but not including, 1.
    fn fraction(&mut self) -> f64 {
        self.latencies = next(self.latencies);
        f64::from(u32::try_from(self.latencies >> 32).unwrap()) / (f64::from(u32::MAX) + 1.0)
    }

    /// Gives an invocation's processor something to do; when that is done.
    fn work(&mut self, process: Process, whole: Duration) -> Duration {
        let now = self.monotonic;
        let Some(invocation) = self.invocations.get_mut(&process) else { return now };
        let Some(share) = invocation.share else { return now };
        invocation.busy_until = invocation.busy_until.max(now) + whole.div_f64(share);
        invocation.busy_until
    }

    /// When a step that begins now is done.
    fn done_at(&mut self, process: Process, kind: Kind, bytes: usize) -> Duration {
        let begun = self.work(process, A_CALL + per_kilobyte(bytes));
        let Some((shortest, longest)) = self.aws.latency else { return begun };
        // How long an endpoint takes is its own affair.
        let usual =
            if kind == Kind::Send { Duration::ZERO } else { shortest + (longest - shortest).mul_f64(self.fraction()) };
        let slow = self.fraction() < 0.01;
        begun + if slow { usual * 10 } else { usual }
    }

    /// Takes over the steps that are done by now.
    fn arrive(&mut self) {
        while let Some(entry) = self.under_way.first_entry().filter(|entry| entry.key().0 <= self.monotonic) {
            self.waiting.push(entry.remove());
        }
    }

    fn grant(&mut self, at: usize) {
        let Waiting { id, process, kind, waker } = self.waiting.remove(at);
        self.steps += 1;
        if self.aws.latency.is_none() {
            self.monotonic += STEP;
        }
        let fate = if self.faults { self.chooser.fate(kind) } else { Fate::Done };
        if fate != Fate::Done {
            self.faulty.insert(process);
        }
        // Whichever of its steps it stands still at: a request of its own may be past its last look already.
        let mut others = self.waiting.iter().chain(self.under_way.values());
        let sends = kind == Kind::Send || others.any(|w| w.process == process && w.kind == Kind::Send);
        if matches!(fate, Fate::Freeze(_)) && sends {
            self.late.insert(process);
        }
        let Some(name) = self.invocations.get(&process).map(|invocation| invocation.name) else { return };
        let shown = if fate == Fate::Done { String::new() } else { format!(" -> {fate:?}") };
        self.note(|| format!("{name} {process}: {kind:?}{shown}"));
        let Some(invocation) = self.invocations.get_mut(&process) else { return };
        let grant = match fate {
            Fate::Done => Grant::Done,
            Fate::Refused => Grant::Refused,
            Fate::Conflict => Grant::Conflict,
            Fate::AnswerLost => Grant::AnswerLost,
            Fate::Repeated if matches!(kind, Kind::Store(_)) => Grant::Repeated,
            Fate::Repeated => Grant::AnswerLost,
            Fate::CrashAfter => Grant::CrashAfter,
            Fate::CrashBefore => {
                invocation.crashed = true;
                return;
            }
            Fate::Freeze(pause) => {
                invocation.frozen_until = self.monotonic + pause;
                self.waiting.push(Waiting { id, process, kind, waker });
                return;
            }
        };
        self.granted.insert(id, grant);
        waker.wake();
        self.wake_sleepers();
    }

    /// Wakes whose time has come; a frozen invocation oversleeps.
    fn wake_sleepers(&mut self) {
        let now = self.monotonic;
        let due: Vec<_> = self.sleepers.range(..=(now, u64::MAX)).map(|(at, _)| *at).collect();
        for key in due {
            if let Some((process, waker)) = self.sleepers.remove(&key) {
                let frozen = self.invocations.get(&process).map_or(Duration::ZERO, |i| i.frozen_until);
                if frozen > now {
                    self.sleepers.insert((frozen, key.1), (process, waker));
                } else {
                    waker.wake();
                }
            }
        }
    }

    fn wait(&mut self, wanted: Option<Duration>) -> bool {
        let now = self.monotonic;
        let asleep = self.sleepers.keys().next().map(|(at, _)| *at);
        let frozen = self.waiting.iter().filter_map(|w| self.invocations.get(&w.process)).map(|i| i.frozen_until);
        let under_way = self.under_way.keys().next().map(|(at, _)| *at);
        let next = asleep.into_iter().chain(frozen).chain(under_way).chain(wanted).filter(|at| *at >= now).min();
        let Some(next) = next else { return false };
        self.monotonic = next;
        self.wake_sleepers();
        true
    }
}

#[derive(Default)]
struct Woken(Mutex<BTreeSet<Process>>);

impl Woken {
    fn add(&self, process: Process) {
        self.0.lock().unwrap().insert(process);
    }

    fn take(&self) -> Option<Process> {
        self.0.lock().unwrap().pop_first()
    }
}

struct WakeProcess(Process, Arc<Woken>);

impl Wake for WakeProcess {
    fn wake(self: Arc<Self>) {
        self.1.add(self.0);
    }
}

struct Step {
    simulation: Simulation,
    kind: Kind,
    bytes: usize,
    /// When it is done, and its number.
    at: Option<(Duration, u64)>,
    taken: bool,
}

impl Future for Step {
    type Output = Grant;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Grant> {
        let simulation = self.simulation.clone();
        let mut state = simulation.state();
        let process = Simulation::current().unwrap_or_default();
        let (kind, waker) = (self.kind, context.waker().clone());
        let Some(key) = self.at else {
            let id = state.id();
            let done = state.done_at(process, kind, self.bytes);
            self.at = Some((done, id));
            state.under_way.insert((done, id), Waiting { id, process, kind, waker });
            return Poll::Pending;
        };
        if let Some(grant) = state.granted.remove(&key.1) {
            self.taken = true;
            return Poll::Ready(grant);
        }
        if let Some(waiting) = state.under_way.get_mut(&key) {
            waiting.waker = waker;
        } else if let Some(waiting) = state.waiting.iter_mut().find(|waiting| waiting.id == key.1) {
            waiting.waker = waker;
        }
        Poll::Pending
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some((done, id)) = self.at.filter(|_| !self.taken) {
            let mut state = self.simulation.state();
            state.under_way.remove(&(done, id));
            state.waiting.retain(|waiting| waiting.id != id);
            state.granted.remove(&id);
        }
    }
}

/// What so many bytes cost of a whole processor.
fn per_kilobyte(bytes: usize) -> Duration {
    A_KILOBYTE.mul_f64(f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_024.0)
}

struct SimulatedClock(Simulation);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let state = self.0.state();
        let offset = Simulation::current().and_then(|process| state.invocations.get(&process)).map_or(0, |i| i.offset);
        state.wall(offset)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Asleep { simulation: self.0.clone(), until: self.0.monotonic() + duration, id: None })
    }
}

struct Asleep {
    simulation: Simulation,
    until: Duration,
    id: Option<u64>,
}

impl Future for Asleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let simulation = self.simulation.clone();
        let mut state = simulation.state();
        if state.monotonic >= self.until {
            return Poll::Ready(());
        }
        let id = *self.id.get_or_insert_with(|| state.id());
        let process = Simulation::current().unwrap_or_default();
        state.sleepers.insert((self.until, id), (process, context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let mut state = self.simulation.state();
            // A frozen invocation's is at another place.
            if state.sleepers.remove(&(self.until, id)).is_none() {
                state.sleepers.retain(|(_, sleeper), _| *sleeper != id);
            }
        }
    }
}

struct SimulatedEntropy(Simulation);

impl Entropy for SimulatedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.state();
        for byte in bytes {
            state.random = next(state.random);
            *byte = state.random.to_be_bytes()[0];
        }
    }
}
