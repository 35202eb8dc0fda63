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

use super::choices::Chooser;

/// When the simulation begins.
const START: Timestamp = Timestamp(1_743_416_100_000);

/// How long a step takes if nothing holds it up.
const STEP: Duration = Duration::from_millis(4);

/// Which invocation.
pub(crate) type Process = u64;

/// What an invocation is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An operation of DynamoDB.
    Store(&'static str),
    /// A request to an endpoint.
    Send,
    /// Waking drain.
    Wake,
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done.
    Done,
    /// It is refused, and has no effect.
    Refused,
    /// DynamoDB says that another write was at the same item; it has no effect. Any other step is refused.
    Conflict,
    /// It is done, but its answer is lost.
    AnswerLost,
    /// The invocation ends before it.
    CrashBefore,
    /// It is done, and the invocation ends without seeing the answer.
    CrashAfter,
    /// The invocation stands still before it.
    Freeze(Duration),
}

/// What a step is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    Done,
    Refused,
    Conflict,
    AnswerLost,
    CrashAfter,
}

struct Waiting {
    id: u64,
    process: Process,
    kind: Kind,
    waker: Waker,
}

#[derive(Default)]
struct Invocation {
    name: String,
    /// When it is killed, on the monotonic clock.
    deadline: Duration,
    /// How far its wall clock is off, in milliseconds.
    offset: i64,
    frozen_until: Duration,
    crashed: bool,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

struct State {
    monotonic: Duration,
    /// How far the wall clock was moved, in milliseconds.
    jumped: i64,
    chooser: Box<dyn Chooser>,
    waiting: Vec<Waiting>,
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
    steps: usize,
}

thread_local! {
    static CURRENT: Cell<Option<Process>> = const { Cell::new(None) };
    /// Invocations that are to begin. Here, since a handle to the machine can be sent to another thread, and they cannot.
    static STARTED: RefCell<Vec<(Process, Task)>> = const { RefCell::new(Vec::new()) };
}

/// A handle to the machine.
#[derive(Clone)]
pub(crate) struct Simulation(Arc<Mutex<State>>);

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simulation")
    }
}

impl Simulation {
    pub(crate) fn new(chooser: impl Chooser + 'static, random: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            monotonic: Duration::from_secs(1_000),
            jumped: 0,
            chooser: Box::new(chooser),
            waiting: Vec::new(),
            granted: BTreeMap::new(),
            sleepers: BTreeMap::new(),
            invocations: BTreeMap::new(),
            next: 0,
            random,
            trace: Vec::new(),
            faults: true,
            faulty: BTreeSet::new(),
            late: BTreeSet::new(),
            steps: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The invocation that is running now.
    pub(crate) fn current() -> Option<Process> {
        CURRENT.get()
    }

    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        self.state().wall(0)
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    /// What has happened so far, a line a step.
    pub(crate) fn trace(&self) -> String {
        self.state().trace.join("\n")
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        let mut state = self.state();
        let line = format!("{:>9.3} {}", state.monotonic.as_secs_f64() - 1_000.0, line());
        state.trace.push(line);
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn end_faults(&self) {
        self.state().faults = false;
    }

    /// Moves every wall clock, as a correction of the time would.
    pub(crate) fn jump(&self, by: i64) {
        self.state().jumped += by;
        self.note(|| format!("the wall clocks jump by {by} ms"));
    }

    pub(crate) fn choose(&self, among: usize) -> usize {
        self.state().chooser.pick(among)
    }

    /// Whether anything went wrong with the invocation so far.
    pub(crate) fn is_faulty(&self, process: Process) -> bool {
        self.state().faulty.contains(&process)
    }

    /// Whether the invocation may have sent later than it could know.
    pub(crate) fn is_late(&self, process: Process) -> bool {
        self.state().late.contains(&process)
    }

    /// Lets time pass while nothing runs.
    pub(crate) fn pass(&self, duration: Duration) {
        self.state().monotonic += duration;
    }

    /// Whether no invocation runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.state().invocations.is_empty()
    }

    /// How many steps were taken.
    pub(crate) fn steps(&self) -> usize {
        self.state().steps
    }

    /// Starts an invocation that is killed after `timeout`.
    pub(crate) fn start(
        &self,
        name: impl Into<String>,
        timeout: Duration,
        task: impl Future<Output = ()> + 'static,
    ) -> Process {
        let mut state = self.state();
        let process = state.id();
        let offset = state.chooser.clock_offset();
        let deadline = state.monotonic + timeout;
        let name = name.into();
        let invocation = Invocation { name, deadline, offset, ..Invocation::default() };
        state.invocations.insert(process, invocation);
        STARTED.with_borrow_mut(|started| started.push((process, Box::pin(task))));
        process
    }

    /// Waits until the step may be taken.
    pub(crate) fn step(&self, kind: Kind) -> impl Future<Output = Grant> + Send + use<> {
        Step { simulation: self.clone(), kind, id: None, taken: false }
    }

    /// Ends the running invocation; nothing after this call happens.
    pub(crate) async fn crash(&self) {
        if let Some(process) = Self::current()
            && let Some(invocation) = self.state().invocations.get_mut(&process)
        {
            invocation.crashed = true;
        }
        std::future::pending::<()>().await;
    }

    /// Runs until nothing is left to do, asking `driver` before each step what else there is: it may start invocations, and
    /// says when it wants to be asked again.
    pub(crate) fn run(&self, mut driver: impl FnMut(&Self, &[(Process, bool)]) -> Option<Duration>) {
        let mut tasks: BTreeMap<Process, Task> = BTreeMap::new();
        let woken = Arc::new(Woken::default());
        let mut ended = Vec::new();
        loop {
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
            if !self.advance(wanted) {
                return;
            }
        }
    }

    /// Takes the next step, or moves the clock to the next moment at which something happens; false if there is none.
    fn advance(&self, wanted: Option<Duration>) -> bool {
        let mut state = self.state();
        let now = state.monotonic;
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
                let line = format!("{:>9.3} {} {process} is gone", now.as_secs_f64() - 1_000.0, invocation.name);
                state.trace.push(line);
            }
        }
        gone
    }

    fn fail(&self, panic: Box<dyn Any + Send>) {
        eprintln!("{}", self.trace());
        resume_unwind(panic);
    }

    /// The clock of the invocation that is running, which may be a little off.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SimulatedClock(self.clone()))
    }

    pub(crate) fn entropy(&self) -> Arc<dyn Entropy> {
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

    fn grant(&mut self, at: usize) {
        let Waiting { id, process, kind, waker } = self.waiting.remove(at);
        self.steps += 1;
        self.monotonic += STEP;
        let fate = if self.faults { self.chooser.fate(kind) } else { Fate::Done };
        if fate != Fate::Done {
            self.faulty.insert(process);
        }
        // Whichever of its steps it stands still at: a request of its own may be past its last look already.
        let sends = kind == Kind::Send || self.waiting.iter().any(|w| w.process == process && w.kind == Kind::Send);
        if matches!(fate, Fate::Freeze(_)) && sends {
            self.late.insert(process);
        }
        let Some(invocation) = self.invocations.get_mut(&process) else { return };
        let line = format!(
            "{:>9.3} {} {process}: {kind:?}{}",
            self.monotonic.as_secs_f64() - 1_000.0,
            invocation.name,
            if fate == Fate::Done { String::new() } else { format!(" -> {fate:?}") }
        );
        self.trace.push(line);
        let grant = match fate {
            Fate::Done => Grant::Done,
            Fate::Refused => Grant::Refused,
            Fate::Conflict => Grant::Conflict,
            Fate::AnswerLost => Grant::AnswerLost,
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
        let next = asleep.into_iter().chain(frozen).chain(wanted).filter(|at| *at >= now).min();
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
    id: Option<u64>,
    taken: bool,
}

impl Future for Step {
    type Output = Grant;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Grant> {
        let simulation = self.simulation.clone();
        let mut state = simulation.state();
        let id = *self.id.get_or_insert_with(|| state.id());
        if let Some(grant) = state.granted.remove(&id) {
            self.taken = true;
            return Poll::Ready(grant);
        }
        let process = Simulation::current().unwrap_or_default();
        let waker = context.waker().clone();
        match state.waiting.iter_mut().find(|waiting| waiting.id == id) {
            Some(waiting) => waiting.waker = waker,
            None => state.waiting.push(Waiting { id, process, kind: self.kind, waker }),
        }
        Poll::Pending
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(id) = self.id.filter(|_| !self.taken) {
            let mut state = self.simulation.state();
            state.waiting.retain(|waiting| waiting.id != id);
            state.granted.remove(&id);
        }
    }
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
            self.simulation.state().sleepers.retain(|(_, sleeper), _| *sleeper != id);
        }
    }
}

struct SimulatedEntropy(Simulation);

impl Entropy for SimulatedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.state();
        for byte in bytes {
            state.random = super::choices::next(state.random);
            *byte = state.random.to_be_bytes()[0];
        }
    }
}
