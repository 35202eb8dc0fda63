//! Outhook on the simulated machine: the tables, the stream, the schedule, and what people do.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use aws_lambda_events::streams::DynamoDbEventResponse;
use dynoxide::Database;
use futures_util::FutureExt as _;
use serde_json::{Value, json, value::to_raw_value};
use shared::{
    delivery::{Batch, Command, Drain, Spread, SpreadCommand, Tally, Tick, Wake, Waking as Wakes, fan_out},
    domain::{
        Api, DeliveryState, Event, EventId, FailurePolicy, JsonText, Organization, OrganizationId, Pattern, Secret,
        Subscription, TargetKind, Timestamp, Webhook, WebhookKey, WebhookLimits,
    },
    store::{NewDelivery, Store, Stored, Tables, event_item, queue_key},
};

use super::{
    account::Account,
    aws::{Aws, Function, template},
    choices::Chooser,
    choices::Kind,
    database::client,
    receiver::Receiver,
    records::Records,
    simulation::{Grant, Process, Simulation},
    watch::Watch,
};

/// What drain and fan-out leave of their time, to write down what they have done.
const RESERVE: Duration = Duration::from_secs(3);

/// How long a request of an owner may take.
const REQUEST: Duration = Duration::from_secs(15);

/// The type of every event, unless another is asked for.
pub const TYPE: &str = "CreatedProjectActivity";

/// A shard of the Events table's stream, with the mapping's position in it.
#[derive(Default)]
struct Shard {
    records: Vec<Value>,
    /// From when on each record can be read.
    readable: Vec<Duration>,
    position: usize,
    running: Option<Running>,
    /// Not before this moment: there was no environment.
    not_before: Duration,
}

impl Shard {
    /// How many of the next records can be read now.
    fn left(&self, now: Duration) -> usize {
        self.readable[self.position..].iter().take(BATCH).take_while(|at| **at <= now).count()
    }

    /// When there is something to do, if there is anything.
    fn next(&self) -> Option<Duration> {
        let readable = self.readable.get(self.position).filter(|_| self.running.is_none())?;
        Some(self.not_before.max(*readable))
    }
}

/// An invocation of fan-out, how many records it has, and what it will answer.
struct Running {
    process: Process,
    size: usize,
    answer: Answer,
    /// When it began.
    since: Duration,
}

type Answer = Arc<Mutex<Option<DynamoDbEventResponse>>>;

/// Something that somebody does.
type Action = Box<dyn FnOnce(&mut Engine) + Send>;

/// An event to be published.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Its project, if it has one.
    pub project: Option<String>,
    /// Its type.
    pub event_type: String,
    /// How much older than the present its id is.
    pub age: Duration,
    /// By how many bytes it is larger than usual.
    pub padding: usize,
    /// How many times it has come back through the service.
    pub hops: u32,
}

/// The whole service.
pub struct Engine {
    /// The machine.
    pub simulation: Simulation,
    /// The tables.
    pub store: Store,
    /// The endpoints.
    pub receiver: Receiver,
    /// What the test knows.
    pub records: Records,
    /// The functions.
    pub account: Account,
    /// What CloudWatch sees, if it looks.
    pub watch: Watch,
    /// The first organization.
    pub organization: OrganizationId,
    /// The webhooks of all organizations, also those that are deleted.
    pub webhooks: Vec<WebhookKey>,
    /// In how many partitions an organization's events of a day lie.
    pub event_shards: u32,
    owners: BTreeMap<WebhookKey, OrganizationId>,
    tallies: Arc<Mutex<Vec<Tally>>>,
    shards: Vec<Shard>,
    /// In which shard of the stream a partition of the table is.
    placed: BTreeMap<String, usize>,
    scattered: bool,
    /// How long the stream's mapping waits after an invocation that failed.
    pub stream_backoff: Duration,
    aws: Aws,
    /// What happens at which moment of the monotonic clock; what comes first was planned first.
    actions: BTreeMap<(Duration, u64), Action>,
    next_tick: Duration,
    /// Whether minutes in which nothing falls due have their tick too.
    always_ticks: bool,
    next_event: u32,
    sequence: u64,
    planned: u64,
}

/// An answer that does not have to be waited for: outside of invocations every call is carried out at once.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a call outside of the simulation does not wait")
}

impl Engine {
    /// A service in which nothing is limited. `strict` says that the clocks agree, so that a second is a second.
    pub fn new(chooser: impl Chooser + 'static, seed: u64, strict: bool) -> Self {
        Self::on(Aws::default(), chooser, seed, strict)
    }

    /// A service on what `aws` imitates.
    pub fn on(aws: Aws, chooser: impl Chooser + 'static, seed: u64, strict: bool) -> Self {
        let database = Database::memory().unwrap();
        make_tables(&database);
        let simulation = Simulation::new(chooser, seed, aws);
        let records = Records::new(&database);
        let client = client(&database, &simulation, &records, aws);
        let [webhooks, events, deliveries] = ["WebhooksTable", "EventsTable", "DeliveriesTable"].map(str::to_owned);
        let store = Store::new(client, Tables { webhooks, events, deliveries });
        let store = store.with(simulation.clock(), simulation.entropy());
        let receiver = Receiver::new(&simulation, &records, strict);
        // Lambda's own is not documented.
        let stream_backoff = if aws.latency.is_some() { Duration::from_millis(500) } else { Duration::ZERO };
        let watch = Watch::default();
        let account = Account::new(&simulation, aws, &watch);
        let next_tick = simulation.monotonic();
        Self {
            simulation,
            store,
            receiver,
            records,
            account,
            watch,
            always_ticks: false,
            organization: OrganizationId::parse("acme").unwrap(),
            webhooks: Vec::new(),
            event_shards: 1,
            owners: BTreeMap::new(),
            tallies: Arc::default(),
            shards: vec![Shard::default(), Shard::default()],
            placed: BTreeMap::new(),
            scattered: false,
            stream_backoff,
            aws,
            actions: BTreeMap::new(),
            next_tick,
            next_event: 0,
            sequence: 0,
            planned: 0,
        }
    }

    /// A webhook of SD Elements that wants every event, with an endpoint that accepts everything.
    pub fn slack(&mut self, name: &str) -> WebhookKey {
        let number = self.webhooks.len() as u64 + 1;
        self.webhook(WebhookKey::sdelements(number), name, None)
    }

    /// A webhook of Socotra with its own failure policy.
    pub fn socotra(&mut self, name: &str, policy: FailurePolicy) -> WebhookKey {
        self.webhook(WebhookKey { api: Api::Socotra, id: name.to_owned() }, name, Some(policy))
    }

    /// A webhook that wants other events.
    pub fn deaf(&mut self, name: &str) {
        let key = self.slack(name);
        self.change(&key, |webhook| webhook.subscriptions.clear());
        self.run();
    }

    fn webhook(&mut self, key: WebhookKey, name: &str, policy: Option<FailurePolicy>) -> WebhookKey {
        let organization = self.organization.clone();
        self.webhook_of(&organization, key, name, |webhook| {
            webhook.subscriptions = vec![wants(TYPE)];
            webhook.policy = policy;
        })
    }

    /// A webhook of that organization which posts to `url(name)`, where everything is accepted. No two webhooks of a engine have
    /// the same key, not even those of different organizations.
    pub fn webhook_of(
        &mut self,
        organization: &OrganizationId,
        key: WebhookKey,
        name: &str,
        shape: impl FnOnce(&mut Webhook),
    ) -> WebhookKey {
        let (url, now) = (Secret::new(url(name)), self.simulation.now());
        let mut webhook = Webhook::new(organization.clone(), key.clone(), name.to_owned(), url, now);
        shape(&mut webhook);
        at_once(self.store.create_organization(&self.organization_of(organization))).unwrap();
        at_once(self.store.create_webhook(&webhook, None)).unwrap();
        self.owners.insert(key.clone(), organization.clone());
        let paced = key.api == Api::SdElements || webhook.target == Some(TargetKind::Slack);
        self.receiver.listen(webhook.endpoint.url.expose(), &self.queue(&key), paced);
        self.webhooks.push(key.clone());
        key
    }

    fn organization_of(&self, id: &OrganizationId) -> Organization {
        Organization {
            id: id.clone(),
            name: String::new(),
            flags: Vec::new(),
            akinon_organization: String::new(),
            socotra_tenant: String::new(),
            event_shards: self.event_shards,
            webhook_limits: WebhookLimits::default(),
            slack_compatible_hosts: Vec::new(),
            created: self.simulation.now(),
        }
    }

    /// The organization that owns a webhook.
    pub fn owner(&self, key: &WebhookKey) -> &OrganizationId {
        self.owners.get(key).unwrap_or(&self.organization)
    }

    /// The name of a webhook's queue.
    pub fn queue(&self, key: &WebhookKey) -> String {
        queue_key(self.owner(key), key)
    }

    /// What is published if nothing else is said.
    pub fn draft(&self) -> Draft {
        Draft {
            organization: self.organization.clone(),
            project: Some("11".to_owned()),
            event_type: TYPE.to_owned(),
            age: Duration::ZERO,
            padding: 0,
            hops: 0,
        }
    }

    /// The id of an event: those of a millisecond rise with their numbers, and it is in the partition of what its order is kept
    /// by, as the service chooses it.
    fn id_of(&self, draft: &Draft, accepted: Timestamp, number: u32) -> EventId {
        let shards = u128::from(self.event_shards);
        let organization = self.organization_of(&draft.organization);
        let given = self.store.new_event_id(&organization, draft.project.as_deref()).number() % shards;
        let ids = (0..shards).map(|more| EventId::new(accepted, (u128::from(number) + 1) * shards + more));
        ids.into_iter().find(|id| id.number() % shards == given).unwrap()
    }

    /// Puts an event into its table, past the stream.
    fn accept(&mut self, draft: Draft) -> u32 {
        let number = self.next_event;
        self.next_event += 1;
        let now = self.simulation.now();
        let accepted = Timestamp(now.0 - i64::try_from(draft.age.as_millis()).unwrap());
        let id = self.id_of(&draft, accepted, number);
        let at = self.simulation.monotonic();
        self.watch.count(at, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "EventsTable", 2.0);
        let event = Event {
            id,
            organization: draft.organization,
            project: draft.project,
            event_type: draft.event_type,
            time: now,
            request: None,
            user: None,
            ordering_key: None,
            about: None,
            hops: draft.hops,
            data: JsonText::of(&json!({
                "text": format!("p{number}. was made"),
                "data": {"project_desc": format!("p{number}."), "note": "x".repeat(draft.padding)}
            }))
            .unwrap(),
        };
        at_once(self.store.publish(&event, self.event_shards, None)).unwrap();
        let partition = event_item(&event, self.event_shards, 0)["pk"].as_s().unwrap().clone();
        self.records.name(number, &event, partition, self.simulation.monotonic());
        number
    }

    /// Publishes an event whose id is so much older than the present, and gives its number.
    pub fn publish(&mut self, age: Duration) -> u32 {
        let draft = Draft { age, ..self.draft() };
        self.publish_draft(draft)
    }

    /// Publishes an event, and gives its number.
    pub fn publish_draft(&mut self, draft: Draft) -> u32 {
        let number = self.accept(draft);
        self.announce(self.records.event_partition(number), &self.records.id(number).to_string());
        number
    }

    /// Publishes an item that no event can be read from, as a producer that puts items directly may.
    ///
    /// # Panics
    ///
    /// If it cannot be put.
    pub fn publish_unreadable(&mut self) {
        let number = self.accept(self.draft());
        let (partition, id) = (self.records.event_partition(number), self.records.id(number).to_string());
        let mut item = self.records.item("EventsTable", &partition, &id).unwrap();
        item["data"] = json!({"S": "no json"});
        assert!(self.records.try_put("EventsTable", &item), "the item can be put");
        self.announce(partition, &id);
    }

    /// The stream announces an event that was put into its table.
    fn announce(&mut self, partition: String, id: &str) {
        let image = self.records.item("EventsTable", &partition, id).unwrap();
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
        let among = self.shards.len();
        let simulation = self.simulation.clone();
        let scattered = self.scattered;
        let place = || if scattered { simulation.some_number(among) } else { simulation.choose(among) };
        let at = *self.placed.entry(partition).or_insert_with(place);
        let now = self.simulation.monotonic();
        let readable = if self.aws.latency.is_some() { now + self.polled_after() } else { now };
        let shard = &mut self.shards[at];
        let earliest = shard.readable.last().copied().unwrap_or_default();
        shard.records.push(record);
        shard.readable.push(readable.max(earliest));
    }

    /// How long after its write a record is read: the stream is polled four times a second.
    fn polled_after(&self) -> Duration {
        Duration::from_millis(50) + self.simulation.some_time(Duration::from_millis(250))
    }

    /// The stream has that many shards from now on, instead of two, over which its partitions are scattered. Before anything is
    /// published.
    ///
    /// # Panics
    ///
    /// If something is.
    pub fn set_stream_shards(&mut self, shards: usize) {
        assert!(self.placed.is_empty(), "nothing is published yet");
        self.scattered = true;
        self.shards = (0..shards).map(|_| Shard::default()).collect();
    }

    /// Queues an event for a webhook as fan-out would, at once and without waking drain; gives its number.
    pub fn queue_event(&mut self, key: &WebhookKey) -> u32 {
        self.queue_large(key, 0)
    }

    /// The same for an event that is larger by so many bytes.
    pub fn queue_large(&mut self, key: &WebhookKey, padding: usize) -> u32 {
        let number = self.accept(Draft { padding, ..self.draft() });
        let (queue, id) = (self.queue(key), self.records.id(number));
        at_once(
            self.store.put_pending(&queue, &new_delivery(id, &self.records.event_partition(number), padding + 200)),
        )
        .unwrap();
        at_once(self.store.touch(&queue, id)).unwrap();
        number
    }

    /// Starts an invocation that queues a new event for a webhook in two steps, as fan-out would.
    pub fn start_queueing(&mut self, key: &WebhookKey) -> (u32, Process) {
        let number = self.accept(self.draft());
        (number, self.start_queueing_again(key, number))
    }

    /// The same for an event that is known, as when its record is brought again.
    pub fn start_queueing_again(&self, key: &WebhookKey, number: u32) -> Process {
        let (store, queue, id) = (self.store.clone(), self.queue(key), self.records.id(number));
        let partition = self.records.event_partition(number);
        self.simulation.start("fan-out", Function::FanOut.settings().timeout, async move {
            if let Ok(Stored::New | Stored::Known(DeliveryState::Pending)) =
                store.put_pending(&queue, &new_delivery(id, &partition, 200)).await
            {
                let _ = store.touch(&queue, id).await;
            }
        })
    }

    /// Removes an event from its table, as its expiry does.
    pub fn forget_event(&self, number: u32) {
        let id = self.records.id(number);
        self.records.remove("EventsTable", &self.records.event_partition(number), &id.to_string());
    }

    /// Brings the first records of a shard once more, as the mapping does after it lost its place.
    pub fn replay(&mut self, shard: usize) {
        // What fails of it is brought again like everything else.
        if self.shards[shard].running.is_none() {
            self.shards[shard].position = 0;
        }
    }

    /// Does something at a moment of the future.
    pub fn after(&mut self, wait: Duration, action: impl FnOnce(&mut Self) + Send + 'static) {
        self.planned += 1;
        self.actions.insert((self.simulation.monotonic() + wait, self.planned), Box::new(action));
    }

    /// Changes a webhook as one of its owner's requests would, and wakes drain if that releases it.
    pub fn change(&self, key: &WebhookKey, change: impl Fn(&mut Webhook) + Send + Sync + 'static) {
        let (store, waker, queue) = (self.store.clone(), self.waker(), self.queue(key));
        let (organization, key) = (self.owner(key).clone(), key.clone());
        self.simulation.start("change", REQUEST, async move {
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
    pub fn request<F>(&self, name: &'static str, request: impl FnOnce(Store, Arc<dyn Wake>) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        self.simulation.start(name, REQUEST, request(self.store.clone(), self.waker()));
    }

    /// Starts drain, even if no environment is free.
    pub fn drain(&self, command: Command) -> Process {
        let running = self.waker_of().drain(command);
        self.simulation.start("drain", Function::Drain.settings().timeout, async move {
            running.await;
        })
    }

    fn waker_of(&self) -> Waking {
        let (simulation, store) = (self.simulation.clone(), self.store.clone());
        let (account, receiver) = (self.account.clone(), self.receiver.clone());
        Waking { simulation, account, store, receiver, tallies: Arc::clone(&self.tallies) }
    }

    fn waker(&self) -> Arc<dyn Wake> {
        Arc::new(self.waker_of())
    }

    /// A figure of all drains together.
    pub fn total(&self, figure: impl Fn(&Tally) -> usize) -> usize {
        self.tallies.lock().unwrap().iter().map(figure).sum()
    }

    /// Runs until nothing is left to do.
    pub fn run(&mut self) {
        let simulation = self.simulation.clone();
        simulation.run(|_, ended| self.drive(ended));
    }

    /// Runs for that long, or until nothing is left to do.
    pub fn run_for(&mut self, span: Duration) {
        let simulation = self.simulation.clone();
        let end = simulation.monotonic() + span;
        simulation.run_until(end, |_, ended| self.drive(ended));
    }

    fn drive(&mut self, ended: &[(Process, bool)]) -> Option<Duration> {
        for (process, finished) in ended {
            self.account.ended(*process, *finished);
            self.fan_out_ended(*process, *finished);
        }
        for (partition, id) in self.records.take_put() {
            self.announce(partition, &id);
        }
        let now = self.simulation.monotonic();
        while let Some(entry) = self.actions.first_entry().filter(|entry| entry.key().0 <= now) {
            let action = entry.remove();
            action(self);
        }
        for shard in 0..self.shards.len() {
            self.pump(shard);
        }
        let waiting = self.account.pump();
        let readable = self.shards.iter().filter_map(Shard::next);
        let soon = waiting.into_iter().chain(readable).chain(self.actions.keys().next().map(|(at, _)| *at)).min();
        let idle = self.simulation.is_idle();
        let tick = if self.aws.environments.is_some() { self.tick(idle) } else { self.look(idle) };
        soon.into_iter().chain(tick).min()
    }

    /// When something is due, by the index itself: one that lags hides nothing forever.
    fn due(&self) -> Option<Duration> {
        let due = self.records.due().into_iter().map(Timestamp).min()?;
        Some(self.simulation.monotonic() + due.since(self.simulation.now()))
    }

    /// The schedule's minute, in an account whose environments are counted: a tick takes one of them and stays. Minutes in which
    /// nothing falls due are left out.
    fn tick(&mut self, idle: bool) -> Option<Duration> {
        let now = self.simulation.monotonic();
        if idle && !self.always_ticks {
            let due = self.due()?;
            while self.next_tick + TICK <= due {
                self.next_tick += TICK;
            }
        }
        if now >= self.next_tick {
            self.next_tick = now + TICK;
            let tick = Tick { store: self.store.clone(), waker: self.waker() };
            self.account.invoke(
                Function::Tick,
                Box::new(move || {
                    let tick = tick.clone();
                    Box::pin(async move { tick.run(WATCHED).await.is_ok() })
                }),
            );
        }
        Some(self.next_tick)
    }

    /// CloudWatch looks from now on, and the schedule leaves out no minute.
    pub fn begin_to_watch(&mut self) {
        self.watch.begin(&self.simulation);
        self.always_ticks = true;
    }

    /// Nothing is read of the stream for so long.
    pub fn without_stream_for(&mut self, span: Duration) {
        let now = self.simulation.monotonic();
        for shard in &mut self.shards {
            shard.not_before = now + span;
        }
    }

    /// No tick looks at what is due for so long.
    pub fn without_ticks_for(&mut self, span: Duration) {
        self.next_tick = self.simulation.monotonic() + span;
    }

    /// What a tick that stays would do, without one: it looks once, whenever it would find something.
    fn look(&mut self, idle: bool) -> Option<Duration> {
        let now = self.simulation.monotonic();
        if !idle && now < self.next_tick {
            return Some(self.next_tick);
        }
        let due = self.due().map(|due| due.max(self.next_tick));
        if due.is_some_and(|due| due <= now) {
            let tick = Tick { store: self.store.clone(), waker: self.waker() };
            self.simulation.start("tick", Function::Tick.settings().timeout, async move {
                // What fails is left to the next look, and the faults are this suite's own.
                let _ = tick.run(Duration::ZERO).await;
            });
        }
        if now >= self.next_tick {
            self.next_tick = now + LOOK_EVERY;
        }
        due.map(|due| due.max(self.next_tick)).or((!idle).then_some(self.next_tick))
    }

    fn pump(&mut self, at: usize) {
        let now = self.simulation.monotonic();
        let shard = &self.shards[at];
        let left = shard.left(now);
        if shard.running.is_some() || left == 0 || shard.not_before > now {
            return;
        }
        let age = (now - shard.readable[shard.position]).as_secs_f64() * 1_000.0;
        let size = (left - self.simulation.choose(left)).min(BATCH);
        let batch = shard.records[shard.position..][..size].to_vec();
        let (running, answer) = self.fan_out(batch);
        match self.account.invoke_now(Function::FanOut, running) {
            Some(process) => {
                self.watch.count(now, "AWS/Lambda", "IteratorAge", "FanOut", age);
                self.shards[at].running = Some(Running { process, size, answer, since: now });
            }
            None => self.shards[at].not_before = now + Duration::from_secs(1),
        }
    }

    fn fan_out(&self, records: Vec<Value>) -> (super::account::Running, Answer) {
        let answer = Arc::new(Mutex::new(None));
        let (store, waker, reply) = (self.store.clone(), self.waker_of(), Arc::clone(&answer));
        let running = Box::pin(async move {
            let records = records.iter().map(|record| to_raw_value(record).unwrap()).collect();
            let response = fan_out(&store, &waker, Batch { records, again: false }, budget(Function::FanOut)).await;
            *reply.lock().unwrap() = Some(response);
            true
        });
        (running, answer)
    }

    /// Moves on, or stays where the first failure was.
    fn fan_out_ended(&mut self, process: Process, finished: bool) {
        let now = self.simulation.monotonic();
        for shard in &mut self.shards {
            let ended = shard.running.take_if(|running| running.process == process);
            let Some(Running { process, size, answer, since }) = ended else { continue };
            let Some(response) = answer.lock().unwrap().take().filter(|_| finished) else {
                shard.not_before = now + self.stream_backoff;
                continue;
            };
            let failed: Vec<_> =
                response.batch_item_failures.iter().filter_map(|f| f.item_identifier.clone()).collect();
            let batch = &shard.records[shard.position..][..size];
            let first = batch
                .iter()
                .position(|record| failed.iter().any(|failed| record["dynamodb"]["SequenceNumber"] == failed.as_str()));
            if first.is_some() {
                let no_time = now - since > budget(Function::FanOut).saturating_sub(MIN_TIME_LEFT);
                let hindered = no_time || self.simulation.is_faulty(process) || self.records.throttles() > 0;
                assert!(hindered, "a record is brought again though nothing failed:\n{}", self.simulation.trace());
                shard.not_before = now + self.stream_backoff;
            }
            shard.position += first.unwrap_or(size);
        }
    }
}

/// How often the schedule ticks.
const TICK: Duration = Duration::from_secs(60);

/// For how long the template has a tick watch what falls due.
const WATCHED: Duration = Duration::from_secs(58);

/// How often a tick looks at it.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What a function makes of its time.
fn budget(function: Function) -> Duration {
    function.settings().timeout.saturating_sub(RESERVE)
}

/// With less of its time left, fan-out has the rest of a batch brought again.
const MIN_TIME_LEFT: Duration = Duration::from_secs(10);

/// The most records in a batch of the stream, as the template has it.
const BATCH: usize = 100;

/// Makes the tables of the template, which is read once.
fn make_tables(database: &Database) {
    static TABLES: OnceLock<Vec<Value>> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        let first = Database::memory().unwrap();
        let simulation = Simulation::new(super::choices::InOrder, 0, Aws::default());
        let records = Records::new(&first);
        let client = client(&first, &simulation, &records, Aws::default());
        at_once(local::create_tables(&client, &template())).unwrap();
        records.made()
    });
    for table in tables {
        database.create_table(serde_json::from_value(table.clone()).unwrap()).unwrap();
    }
}

/// A subscription to exactly that type.
#[must_use]
pub fn wants(event_type: &str) -> Subscription {
    Subscription::new(Pattern::Exact(event_type.to_owned()))
}

/// Wakes drain, unless the call is lost.
#[derive(Clone)]
struct Waking {
    simulation: Simulation,
    account: Account,
    store: Store,
    receiver: Receiver,
    tallies: Arc<Mutex<Vec<Tally>>>,
}

impl Waking {
    fn drain(&self, command: Command) -> super::account::Running {
        let (store, waker, tallies) = (self.store.clone(), Arc::new(self.clone()), Arc::clone(&self.tallies));
        let drain = Drain { store, sender: Arc::new(self.receiver.clone()), waker };
        Box::pin(async move {
            let tally = drain.run(command, budget(Function::Drain)).await;
            let good = tally.undrained == 0;
            tallies.lock().unwrap().push(tally);
            good
        })
    }

    fn invoke_drain(&self, command: Command) {
        let this = self.clone();
        self.account.invoke(Function::Drain, Box::new(move || this.drain(command.clone())));
    }

    fn invoke_spread(&self, command: SpreadCommand) {
        let spread = Spread { store: self.store.clone(), waker: Arc::new(self.clone()) };
        let begin = move || -> super::account::Running {
            let (spread, command) = (spread.clone(), command.clone());
            Box::pin(async move { spread.run(command, budget(Function::Spread)).await == 0 })
        };
        self.account.invoke(Function::Spread, Box::new(begin));
    }

    /// Makes the call that invokes a function, unless it is lost.
    async fn call(&self, nothing: bool, invoke: impl Fn(&Self)) {
        if nothing {
            return;
        }
        match self.simulation.step(Kind::Wake).await {
            Grant::Refused | Grant::Conflict => {}
            Grant::Done | Grant::AnswerLost | Grant::Repeated => invoke(self),
            Grant::CrashAfter => {
                invoke(self);
                self.simulation.crash().await;
            }
        }
    }
}

/// The most queues in an invocation, as the shipped waker has it.
const QUEUES_AN_INVOCATION: usize = 100;

impl Wake for Waking {
    fn wake<'a>(&'a self, queues: &'a [String]) -> Wakes<'a> {
        Box::pin(async move {
            for part in queues.chunks(QUEUES_AN_INVOCATION) {
                self.call(false, |this| this.invoke_drain(Command::Wake(part.to_vec()))).await;
            }
        })
    }

    fn hand_over<'a>(&'a self, queues: &'a [String], chain: u32) -> Wakes<'a> {
        let command = move || Command::HandOver { queues: queues.to_vec(), chain };
        Box::pin(self.call(queues.is_empty(), move |this| this.invoke_drain(command())))
    }

    fn spread<'a>(&'a self, lanes: &'a [String], chain: u32) -> Wakes<'a> {
        let command = move || SpreadCommand { lanes: lanes.to_vec(), chain };
        Box::pin(self.call(lanes.is_empty(), move |this| this.invoke_spread(command())))
    }
}

/// A delivery, to be put, of an event of [`TYPE`] in no project.
pub fn new_delivery(event: EventId, event_partition: &str, weight: usize) -> NewDelivery<'_> {
    NewDelivery { event, event_type: TYPE, project: None, event_partition, weight }
}

/// Where the webhook of that name posts to.
pub fn url(name: &str) -> String {
    format!("https://hooks.slack.com/services/T/B/{name}")
}
