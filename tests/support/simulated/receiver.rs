//! The endpoints, and what is checked of each request that arrives at one.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use shared::{
    delivery::{Answer, Post, SendError, Sender, Sending, sender::kept_start},
    domain::{EventId, Timestamp},
};

use super::{
    choices::Kind,
    records::Records,
    simulation::{Grant, Process, Simulation},
};

/// What an endpoint answers, and how long it takes.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status, or why none came.
    pub result: Result<u16, SendError>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// How long it takes.
    pub takes: Duration,
    /// What it says.
    pub body: Body,
}

/// What a reply says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// This.
    Text(String),
    /// What was asked: the URL, the headers and the start of the body, as pages about errors like to show.
    Echo,
}

impl Reply {
    /// That status after 80 ms.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { result: Ok(status), retry_after: None, takes: Duration::from_millis(80), body: Body::Empty }
    }

    /// No reply within ten seconds, for that reason.
    #[must_use]
    pub fn failing(error: SendError) -> Self {
        Self { result: Err(error), retry_after: None, takes: Duration::from_secs(10), body: Body::Empty }
    }
}

impl Body {
    /// What it says to that request.
    fn said(&self, post: &Post) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Echo => {
                let headers = post.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.expose()));
                let start: String = post.body.chars().take(200).collect();
                format!("POST {}\n{}\n{start}", post.url.expose(), headers.collect::<String>())
            }
        }
    }
}

/// Decides what the next request is answered, by the events in it.
pub type Behaviour = Box<dyn FnMut(&[u32]) -> Reply + Send>;

/// How much of its lease a worker still has when its request arrives: 15 s (docs/delivery.md), less what a step takes.
const LEASE_LEFT: Duration = Duration::from_millis(14_500);

/// A request that came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// The same on the monotonic clock, which never jumps.
    pub since_start: Duration,
    process: Process,
    /// The numbers of the events in it.
    pub events: Vec<u32>,
    /// What it was answered.
    pub status: Option<u16>,
    /// Whether the sender heard the answer.
    heard: bool,
    /// What of it was asked for anew since.
    forgotten: bool,
    /// The service's own headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body; empty where bodies are not kept.
    pub body: String,
}

impl Arrival {
    fn accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

struct Endpoint {
    queue: String,
    behaviour: Behaviour,
    arrivals: Vec<Arrival>,
    /// Whether a second lies between two messages.
    paced: bool,
}

/// All endpoints.
#[derive(Clone)]
pub struct Receiver {
    endpoints: Arc<Mutex<BTreeMap<String, Endpoint>>>,
    simulation: Simulation,
    records: Records,
    /// Whether the invocations' clocks agree, so that a second is a second.
    strict: bool,
    /// Whether bodies are kept, and each request is checked against those before it.
    thorough: Arc<AtomicBool>,
}

impl Receiver {
    pub fn new(simulation: &Simulation, records: &Records, strict: bool) -> Self {
        let simulation = simulation.clone();
        let thorough = Arc::new(AtomicBool::new(true));
        Self { endpoints: Arc::default(), simulation, records: records.clone(), strict, thorough }
    }

    /// From now on only what came when is kept, and nothing is checked: a long run has no time for it.
    pub fn only_count(&self) {
        self.thorough.store(false, Ordering::Relaxed);
    }

    /// An endpoint of the webhook with that queue, which accepts everything.
    pub fn listen(&self, url: &str, queue: &str, paced: bool) {
        self.endpoints.lock().unwrap().entry(url.to_owned()).or_insert_with(|| {
            let behaviour: Behaviour = Box::new(|_| Reply::status(200));
            Endpoint { queue: queue.to_owned(), behaviour, arrivals: Vec::new(), paced }
        });
    }

    /// From now on an endpoint answers so.
    ///
    /// # Panics
    /// If nothing listens there.
    pub fn behave(&self, url: &str, behaviour: impl FnMut(&[u32]) -> Reply + Send + 'static) {
        self.endpoints.lock().unwrap().get_mut(url).unwrap().behaviour = Box::new(behaviour);
    }

    /// From now on that endpoint accepts everything.
    pub fn heal_one(&self, url: &str) {
        self.behave(url, |_| Reply::status(200));
    }

    /// From now on every endpoint accepts everything.
    pub fn heal(&self) {
        for endpoint in self.endpoints.lock().unwrap().values_mut() {
            endpoint.behaviour = Box::new(|_| Reply::status(200));
        }
    }

    /// What came to a webhook may come once more: somebody has asked for it.
    pub fn forget(&self, queue: &str) {
        for endpoint in self.endpoints.lock().unwrap().values_mut().filter(|endpoint| endpoint.queue == queue) {
            for arrival in &mut endpoint.arrivals {
                arrival.forgotten = true;
            }
        }
    }

    /// What came to an endpoint.
    #[must_use]
    pub fn arrivals(&self, url: &str) -> Vec<Arrival> {
        self.endpoints.lock().unwrap().get(url).map(|endpoint| endpoint.arrivals.clone()).unwrap_or_default()
    }

    /// The events that were accepted, in order of arrival.
    pub fn accepted(&self, url: &str) -> Vec<u32> {
        self.arrivals(url).into_iter().filter(Arrival::accepted).flat_map(|arrival| arrival.events).collect()
    }

    /// Every event that a webhook's endpoints have accepted.
    pub fn accepted_by(&self, queue: &str) -> Vec<u32> {
        let endpoints = self.endpoints.lock().unwrap();
        let mine = endpoints.values().filter(|endpoint| endpoint.queue == queue);
        mine.flat_map(|endpoint| &endpoint.arrivals).filter(|a| a.accepted()).flat_map(|a| a.events.clone()).collect()
    }

    /// What came to all endpoints of a webhook, endpoint by endpoint.
    #[must_use]
    pub fn arrivals_of(&self, queue: &str) -> Vec<Arrival> {
        let endpoints = self.endpoints.lock().unwrap();
        endpoints.values().filter(|endpoint| endpoint.queue == queue).flat_map(|e| e.arrivals.clone()).collect()
    }

    /// How often a webhook's endpoint was asked to take an event, leaving out where it had itself asked to be asked later and
    /// where the machine had interfered with whoever asked.
    #[must_use]
    pub fn asked_without_cause(&self, queue: &str, event: u32) -> usize {
        let asked = self.arrivals_of(queue);
        let counts =
            |a: &&Arrival| a.events.contains(&event) && a.status != Some(429) && !self.simulation.is_faulty(a.process);
        asked.iter().filter(counts).count()
    }

    fn receive(&self, post: &Post, heard: bool) -> Reply {
        let process = Simulation::current().unwrap_or_default();
        let url = post.url.expose().to_owned();
        let events = markers(&post.body);
        let at = self.simulation.now();
        let mut endpoints = self.endpoints.lock().unwrap();
        let endpoint = endpoints.get_mut(&url).unwrap_or_else(|| panic!("nothing listens at {url}"));
        let reply = (endpoint.behaviour)(&events);
        let status = reply.result.as_ref().ok().copied();
        let thorough = self.thorough.load(Ordering::Relaxed);
        let (headers, body) = if thorough { (post.own_headers.clone(), post.body.clone()) } else { Default::default() };
        let since_start = self.simulation.monotonic();
        let arrival = Arrival { at, since_start, process, events, status, heard, forgotten: false, headers, body };
        self.simulation.note(|| format!("  {process} sends {:?}: {:?}", arrival.events, reply.result));
        let broken = if thorough { self.check(endpoint, &arrival) } else { None };
        endpoint.arrivals.push(arrival);
        drop(endpoints);
        assert_eq!(broken, None);
        reply
    }

    /// Which rule the request breaks, if any.
    fn check(&self, endpoint: &Endpoint, new: &Arrival) -> Option<String> {
        let faulty = |process| self.simulation.is_faulty(process);
        if let Some(last) = endpoint.arrivals.last().filter(|_| endpoint.paced && self.strict)
            && new.at.since(last.at) < Duration::from_secs(1)
            && !faulty(last.process)
            && !self.simulation.is_late(new.process)
        {
            return Some(format!("two messages within a second: {last:?} {new:?}"));
        }
        if self.strict && !self.simulation.is_late(new.process) {
            let queue = self.records.item("DeliveriesTable", &endpoint.queue, "QUEUE").unwrap_or_default();
            let until = queue["lease_until"]["N"].as_str().and_then(|until| until.parse().ok()).map(Timestamp);
            if until.is_some_and(|until| until.since(new.at) < LEASE_LEFT) {
                return Some(format!("a request with too little of the lease left ({until:?}): {new:?}"));
            }
        }
        let ids: Vec<EventId> = new.events.iter().map(|event| self.records.id(*event)).collect();
        if !ids.is_sorted() {
            return Some(format!("out of order within a message: {new:?}"));
        }
        for event in &new.events {
            let twice = endpoint.arrivals.iter().find(|old| {
                let known = old.heard && !old.forgotten && !faulty(old.process);
                known && old.accepted() && old.events.contains(event)
            });
            if let Some(old) = twice.filter(|_| self.strict && !self.simulation.is_late(new.process)) {
                return Some(format!("event {event} twice, though its reply came: {old:?} {new:?}"));
            }
        }
        let first = *ids.first()?;
        let failed_before = endpoint.arrivals.iter().rev().find(|old| old.process == new.process);
        let probed = failed_before.filter(|old| !old.accepted()).map(|old| old.events.clone()).unwrap_or_default();
        let probed: Vec<EventId> = probed.iter().map(|event| self.records.id(*event)).collect();
        let skipped = self
            .records
            .read_by(new.process, &endpoint.queue)
            .into_iter()
            .find(|id| *id < first && !probed.contains(id) && self.records.is_pending(&endpoint.queue, *id));
        skipped.map(|id| format!("{id} was read, is still pending and comes before {new:?}"))
    }
}

/// The numbers of the events in a message, in order: each event's project is called `p<number>.`.
fn markers(body: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices('p') {
        let digits: String = body[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() && body[at + 1 + digits.len()..].starts_with('.') {
            let number = digits.parse().unwrap();
            if !found.contains(&number) {
                found.push(number);
            }
        }
    }
    found
}

impl Sender for Receiver {
    fn post<'a>(&'a self, post: &'a Post) -> Sending<'a> {
        Box::pin(async move {
            let clock = self.simulation.clock();
            let reply = match self.simulation.step(Kind::Send).await {
                Grant::Done => self.receive(post, true),
                Grant::Refused | Grant::Conflict => return Err(SendError::Connect),
                Grant::AnswerLost | Grant::Repeated => {
                    self.receive(post, false);
                    clock.sleep(Duration::from_secs(10)).await;
                    return Err(SendError::Timeout);
                }
                Grant::CrashAfter => {
                    self.receive(post, false);
                    self.simulation.crash().await;
                    return Err(SendError::Timeout);
                }
            };
            clock.sleep(reply.takes).await;
            let said = reply.body.said(post);
            reply.result.map(|status| Answer {
                status,
                confirmed: true,
                retry_after: reply.retry_after.map(Duration::from_secs),
                body_start: kept_start(said.as_bytes(), post),
                body_bytes: said.len(),
                duration: reply.takes,
            })
        })
    }
}
