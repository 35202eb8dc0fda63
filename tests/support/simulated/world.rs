//! Outhook on the simulated machine: the tables, the stream, the schedule, and what people do.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::streams::DynamoDbEventResponse;
use dynoxide::Database;
use futures_util::FutureExt as _;
use serde_json::{Value, json, value::to_raw_value};
use shared::{
    delivery::{Batch, Command, Drain, Spread, SpreadCommand, Tally, Tick, Wake, Waking as Wakes, fan_out},
    domain::{
        Api, DeliveryState, Event, EventId, FailurePolicy, JsonText, OrganizationId, Pattern, Secret, Subscription,
        Timestamp, Webhook, WebhookKey,
    },
    store::{
        ChangeWebhook as _, CreateWebhook as _, DUE_SHARDS, DeliveryStore as _, PublishEvent as _, QueueStore as _,
        Store, Stored, Tables, queue_key,
    },
};

use super::{
    choices::Chooser,
    database::client,
    receiver::Receiver,
    records::Records,
    simulation::{Grant, Kind, Process, Simulation},
};

/// How often a tick looks at what is due. One that stays its minute is simulated by one that looks once, whenever it would.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long Lambda lets drain run.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(60);

/// How long Lambda lets a tick run.
const TICK_TIMEOUT: Duration = Duration::from_secs(65);

/// What drain makes of it: the rest is for writing down what it has done.
const DRAIN_BUDGET: Duration = Duration::from_secs(57);

/// The type of every event.
const TYPE: &str = "CreatedProjectActivity";

/// A shard of the Events table's stream, with the mapping's position in it.
#[derive(Default)]
struct Shard {
    records: Vec<Value>,
    position: usize,
    running: Option<Running>,
}

/// An invocation of fan-out, how many records it has, and what it will answer.
struct Running {
    process: Process,
    size: usize,
    answer: Answer,
}

type Answer = Arc<Mutex<Option<DynamoDbEventResponse>>>;

/// Something that happens at a moment of the monotonic clock.
type Action = (Duration, Box<dyn FnOnce(&mut World) + Send>);

/// The whole service.
pub(crate) struct World {
    pub(crate) simulation: Simulation,
    pub(crate) store: Store,
    pub(crate) receiver: Receiver,
    pub(crate) records: Records,
    pub(crate) organization: OrganizationId,
    pub(crate) webhooks: Vec<WebhookKey>,
    tallies: Arc<Mutex<Vec<Tally>>>,
    shards: Vec<Shard>,
    actions: Vec<Action>,
    next_look: Duration,
    next_event: u32,
    sequence: u64,
}

/// An answer that does not have to be waited for: outside of invocations every call is carried out at once.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a call outside of the simulation does not wait")
}

impl World {
    pub(crate) fn new(chooser: impl Chooser + 'static, seed: u64, strict: bool) -> Self {
        let database = Database::memory().unwrap();
        let simulation = Simulation::new(chooser, seed);
        let records = Records::new(&database);
        let client = client(&database, &simulation, &records);
        at_once(local::create_tables(&client, &crate::support::root().join("template.yaml"))).unwrap();
        let [webhooks, events, deliveries] = ["WebhooksTable", "EventsTable", "DeliveriesTable"].map(str::to_owned);
        let store = Store::new(client, Tables { webhooks, events, deliveries });
        let store = store.with(simulation.clock(), simulation.entropy());
        let receiver = Receiver::new(&simulation, &records, strict);
        let next_look = simulation.monotonic();
        Self {
            simulation,
            store,
            receiver,
            records,
            organization: OrganizationId::parse("acme").unwrap(),
            webhooks: Vec::new(),
            tallies: Arc::default(),
            shards: vec![Shard::default(), Shard::default()],
            actions: Vec::new(),
            next_look,
            next_event: 0,
            sequence: 0,
        }
    }

    /// A webhook of SD Elements that wants every event, with an endpoint that accepts everything.
    pub(crate) fn slack(&mut self, name: &str) -> WebhookKey {
        let number = self.webhooks.len() as u64 + 1;
        self.webhook(WebhookKey::sdelements(number), name, None)
    }

    /// A webhook of Socotra with its own failure policy.
    pub(crate) fn socotra(&mut self, name: &str, policy: FailurePolicy) -> WebhookKey {
        self.webhook(WebhookKey { api: Api::Socotra, id: name.to_owned() }, name, Some(policy))
    }

    /// A webhook that wants other events.
    pub(crate) fn deaf(&mut self, name: &str) {
        let key = self.slack(name);
        self.change(&key, |webhook| webhook.subscriptions.clear());
        self.run();
    }

    fn webhook(&mut self, key: WebhookKey, name: &str, policy: Option<FailurePolicy>) -> WebhookKey {
        let (url, now) = (Secret::new(url(name)), self.simulation.now());
        let mut webhook = Webhook::new(self.organization.clone(), key.clone(), name.to_owned(), url, now);
        let pattern = Pattern::Exact(TYPE.to_owned());
        webhook.subscriptions = vec![Subscription { pattern, active: true, configuration: None }];
        webhook.policy = policy;
        at_once(self.store.create_webhook(&webhook, None)).unwrap();
        self.receiver.listen(&url_of(&webhook), &self.queue(&key), key.api == Api::SdElements);
        self.webhooks.push(key.clone());
        key
    }

    pub(crate) fn queue(&self, key: &WebhookKey) -> String {
        queue_key(&self.organization, key)
    }

    /// Puts an event into its table, past the stream.
    fn accept(&mut self, age: Duration, padding: usize) -> u32 {
        let number = self.next_event;
        self.next_event += 1;
        let now = self.simulation.now();
        let accepted = Timestamp(now.0 - i64::try_from(age.as_millis()).unwrap());
        let id = EventId::new(accepted, u128::from(number) + 1);
        self.records.name(number, id);
        let event = Event {
            id,
            organization: self.organization.clone(),
            project: Some("11".to_owned()),
            event_type: TYPE.to_owned(),
            time: now,
            request: None,
            user: None,
            ordering_key: None,
            hops: 0,
            data: JsonText::of(&json!({
                "text": format!("p{number}. was made"),
                "data": {"project_desc": format!("p{number}."), "note": "x".repeat(padding)}
            }))
            .unwrap(),
        };
        at_once(self.store.publish(&event, 1, None)).unwrap();
        number
    }

    /// Publishes an event whose id is so much older than the present, and gives its number.
    pub(crate) fn publish(&mut self, age: Duration) -> u32 {
        let number = self.accept(age, 0);
        let id = self.records.id(number);
        let image = self.records.item("EventsTable", &self.partition(id), &id.to_string()).unwrap();
        self.sequence += 1;
        let record = json!({
            "eventID": self.sequence.to_string(), "eventName": "INSERT", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_743_416_100, "SequenceNumber": self.sequence.to_string(),
                "Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image, "SizeBytes": 300,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/EventsTable/stream/x",
        });
        let shard = self.simulation.choose(self.shards.len());
        self.shards[shard].records.push(record);
        number
    }

    fn partition(&self, id: EventId) -> String {
        shared::store::event_partition(&self.organization, id, 1)
    }

    /// Queues an event for a webhook as fan-out would, at once and without waking drain; gives its number.
    pub(crate) fn queue_event(&mut self, key: &WebhookKey) -> u32 {
        self.queue_large(key, 0)
    }

    /// The same for an event that is larger by so many bytes.
    pub(crate) fn queue_large(&mut self, key: &WebhookKey, padding: usize) -> u32 {
        let number = self.accept(Duration::ZERO, padding);
        let (queue, id) = (self.queue(key), self.records.id(number));
        at_once(self.store.put_pending(&queue, id, &self.partition(id), padding + 200)).unwrap();
        at_once(self.store.touch(&queue, id)).unwrap();
        number
    }

    /// Starts an invocation that queues a new event for a webhook in two steps, as fan-out would.
    pub(crate) fn start_queueing(&mut self, key: &WebhookKey) -> (u32, Process) {
        let number = self.accept(Duration::ZERO, 0);
        (number, self.start_queueing_again(key, number))
    }

    /// The same for an event that is known, as when its record is brought again.
    pub(crate) fn start_queueing_again(&self, key: &WebhookKey, number: u32) -> Process {
        let (store, queue, id) = (self.store.clone(), self.queue(key), self.records.id(number));
        let partition = self.partition(id);
        self.simulation.start("fan-out", DRAIN_TIMEOUT, async move {
            if let Ok(Stored::New | Stored::Known(DeliveryState::Pending)) =
                store.put_pending(&queue, id, &partition, 200).await
            {
                let _ = store.touch(&queue, id).await;
            }
        })
    }

    /// Removes an event from its table, as its expiry does.
    pub(crate) fn forget_event(&self, number: u32) {
        let id = self.records.id(number);
        self.records.remove("EventsTable", &self.partition(id), &id.to_string());
    }

    /// Brings the first records of a shard once more, as the mapping does after it lost its place.
    pub(crate) fn replay(&mut self, shard: usize) {
        let records: Vec<Value> = self.shards[shard].records[..self.shards[shard].position].to_vec();
        if !records.is_empty() {
            self.start_fan_out(records);
        }
    }

    /// Does something at a moment of the future.
    pub(crate) fn after(&mut self, wait: Duration, action: impl FnOnce(&mut Self) + Send + 'static) {
        self.actions.push((self.simulation.monotonic() + wait, Box::new(action)));
    }

    /// Changes a webhook as one of its owner's requests would, and wakes drain if that releases it.
    pub(crate) fn change(&self, key: &WebhookKey, change: impl Fn(&mut Webhook) + Send + Sync + 'static) {
        let (store, waker, queue) = (self.store.clone(), self.waker(), self.queue(key));
        let (organization, key) = (self.organization.clone(), key.clone());
        self.simulation.start("change", Duration::from_secs(15), async move {
            let mut apply = |webhook: &mut Webhook| {
                change(webhook);
                true
            };
            let changed = store.change_webhook(&organization, &key, &mut apply);
            if let Ok(shared::store::Changed::Done { released: true, .. }) = changed.await {
                waker.wake(&[queue]).await;
            }
        });
    }

    /// Runs a request of an owner.
    pub(crate) fn request<F>(&self, name: &str, request: impl FnOnce(Store, Arc<dyn Wake>) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        self.simulation.start(name, Duration::from_secs(15), request(self.store.clone(), self.waker()));
    }

    /// Starts drain.
    pub(crate) fn drain(&self, command: Command) -> Process {
        self.waker_of().drain(command)
    }

    fn waker_of(&self) -> Waking {
        let (simulation, store) = (self.simulation.clone(), self.store.clone());
        Waking { simulation, store, receiver: self.receiver.clone(), tallies: Arc::clone(&self.tallies) }
    }

    fn waker(&self) -> Arc<dyn Wake> {
        Arc::new(self.waker_of())
    }

    /// A figure of all drains together.
    pub(crate) fn total(&self, figure: impl Fn(&Tally) -> usize) -> usize {
        self.tallies.lock().unwrap().iter().map(figure).sum()
    }

    /// Runs until nothing is left to do.
    pub(crate) fn run(&mut self) {
        let simulation = self.simulation.clone();
        simulation.run(|_, ended| self.drive(ended));
    }

    fn drive(&mut self, ended: &[(Process, bool)]) -> Option<Duration> {
        for (process, finished) in ended {
            self.fan_out_ended(*process, *finished);
        }
        let now = self.simulation.monotonic();
        while let Some(at) = self.actions.iter().position(|(at, _)| *at <= now) {
            let (_, action) = self.actions.remove(at);
            action(self);
        }
        for shard in 0..self.shards.len() {
            self.pump(shard);
        }
        let idle = self.simulation.is_idle();
        if !idle && now < self.next_look {
            return self.actions.iter().map(|(at, _)| *at).chain([self.next_look]).min();
        }
        // Looks that would find nothing are left out.
        let due = self.due_at().map(|due| (now + due.since(self.simulation.now())).max(self.next_look));
        if due.is_some_and(|due| due <= now) {
            let tick = Tick { store: self.store.clone(), waker: self.waker() };
            self.simulation.start("tick", TICK_TIMEOUT, async move {
                // What fails is left to the next look, and the faults are this suite's own.
                let _ = tick.run(Duration::ZERO).await;
            });
        }
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
        }
        let next = due.map(|due| due.max(self.next_look)).or((!idle).then_some(self.next_look));
        self.actions.iter().map(|(at, _)| *at).chain(next).min()
    }

    /// When the first queue or lane is due.
    fn due_at(&self) -> Option<Timestamp> {
        let first = |shard| at_once(self.store.due(shard, Timestamp(i64::MAX), 1)).unwrap().pop();
        (0..DUE_SHARDS).filter_map(first).map(|(_, at)| at).min()
    }

    fn pump(&mut self, shard: usize) {
        let this = &self.shards[shard];
        let left = this.records.len() - this.position;
        if this.running.is_some() || left == 0 {
            return;
        }
        let size = (left - self.simulation.choose(left)).min(100);
        let batch = self.shards[shard].records[self.shards[shard].position..][..size].to_vec();
        let (process, answer) = self.start_fan_out(batch);
        self.shards[shard].running = Some(Running { process, size, answer });
    }

    fn start_fan_out(&self, records: Vec<Value>) -> (Process, Answer) {
        let answer = Arc::new(Mutex::new(None));
        let (store, waker, reply) = (self.store.clone(), self.waker_of(), Arc::clone(&answer));
        let process = self.simulation.start("fan-out", DRAIN_TIMEOUT, async move {
            let records = records.iter().map(|record| to_raw_value(record).unwrap()).collect();
            let response = fan_out(&store, &waker, Batch { records }, DRAIN_BUDGET).await;
            *reply.lock().unwrap() = Some(response);
        });
        (process, answer)
    }

    /// Moves on, or stays where the first failure was.
    fn fan_out_ended(&mut self, process: Process, finished: bool) {
        for shard in &mut self.shards {
            let ended = shard.running.take_if(|running| running.process == process);
            let Some(Running { size, answer, .. }) = ended else { continue };
            let Some(response) = answer.lock().unwrap().take().filter(|_| finished) else { continue };
            let failed: Vec<_> =
                response.batch_item_failures.iter().filter_map(|f| f.item_identifier.clone()).collect();
            let batch = &shard.records[shard.position..][..size];
            let first = batch
                .iter()
                .position(|record| failed.iter().any(|failed| record["dynamodb"]["SequenceNumber"] == failed.as_str()));
            shard.position += first.unwrap_or(size);
        }
    }
}

/// Starts drain, unless the call is lost.
#[derive(Clone)]
struct Waking {
    simulation: Simulation,
    store: Store,
    receiver: Receiver,
    tallies: Arc<Mutex<Vec<Tally>>>,
}

impl Waking {
    fn drain(&self, command: Command) -> Process {
        let (store, waker, tallies) = (self.store.clone(), Arc::new(self.clone()), Arc::clone(&self.tallies));
        let drain = Drain { store, sender: Arc::new(self.receiver.clone()), waker };
        self.simulation.start("drain", DRAIN_TIMEOUT, async move {
            let tally = drain.run(command, DRAIN_BUDGET).await;
            tallies.lock().unwrap().push(tally);
        })
    }

    fn spread(&self, command: SpreadCommand) -> Process {
        let spread = Spread { store: self.store.clone(), waker: Arc::new(self.clone()) };
        self.simulation.start("spread", DRAIN_TIMEOUT, async move {
            spread.run(command, DRAIN_BUDGET).await;
        })
    }

    /// Starts what is to be woken, unless the call is lost.
    async fn start(&self, nothing: bool, start: impl Fn(&Self) -> Process) {
        if nothing {
            return;
        }
        match self.simulation.step(Kind::Wake).await {
            Grant::Refused | Grant::Conflict => {}
            Grant::Done | Grant::AnswerLost => {
                start(self);
            }
            Grant::CrashAfter => {
                start(self);
                self.simulation.crash().await;
            }
        }
    }
}

impl Wake for Waking {
    fn wake<'a>(&'a self, queues: &'a [String]) -> Wakes<'a> {
        Box::pin(self.start(queues.is_empty(), |this| this.drain(Command::Wake(queues.to_vec()))))
    }

    fn hand_over<'a>(&'a self, queues: &'a [String], chain: u32) -> Wakes<'a> {
        let command = move || Command::HandOver { queues: queues.to_vec(), chain };
        Box::pin(self.start(queues.is_empty(), move |this| this.drain(command())))
    }

    fn spread<'a>(&'a self, lanes: &'a [String], chain: u32) -> Wakes<'a> {
        let command = move || SpreadCommand { lanes: lanes.to_vec(), chain };
        Box::pin(self.start(lanes.is_empty(), move |this| Waking::spread(this, command())))
    }
}

/// Where the webhook of that name posts to.
pub(crate) fn url(name: &str) -> String {
    format!("https://hooks.slack.com/services/T/B/{name}")
}

fn url_of(webhook: &Webhook) -> String {
    webhook.url.expose().to_owned()
}
