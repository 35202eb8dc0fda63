//! An organization with a webhook in each state, made at a time that stands still, so that what is shown of it is always
//! the same.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use clap::Parser as _;
use serde_json::json;
use shared::{
    domain::{
        Api, Attempt, Clock, DeliveryState, Event, EventId, JsonText, Organization, OrganizationId, Pattern, Secret,
        Subscription, Suspension, Timestamp, Webhook, WebhookKey, WebhookLimits,
    },
    store::{
        Entropy, Finish, Guard, Health, LeaseFor, NewDelivery, Release, Remembered, Renewal, Store, event_partition,
        queue_key,
    },
};

use crate::support::World;

/// The present: 2026-11-27T12:00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_795_780_800_000);

/// The webhook that has been retried five times.
pub(super) const RETRYING: &str = "flip:0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d";

/// A clock that stands still until it is set.
pub(super) struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// Bytes that are the same in each run.
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// The organization `shop` in a stack whose functions are not run.
pub(super) struct Shop {
    pub(super) world: World,
    clock: Arc<Still>,
    entropy: Arc<Counting>,
    pub(super) store: Store,
    pub(super) id: OrganizationId,
}

impl Shop {
    pub(super) async fn new() -> Self {
        let world = World::with(|options| options.triggers = false).await;
        let (clock, entropy) = (Arc::new(Still(AtomicI64::new(NOW.0))), Arc::new(Counting(AtomicU8::new(1))));
        let store = world.stack.store().with(clock.clone(), entropy.clone());
        let id = OrganizationId::parse("shop").unwrap();
        let organization = Organization {
            id: id.clone(),
            name: "Shop".to_owned(),
            flags: vec![Organization::WEBHOOKS_FLAG.to_owned()],
            akinon_organization: "0".repeat(24),
            socotra_tenant: "00000000-0000-4000-8000-000000000000".to_owned(),
            event_shards: 4,
            webhook_limits: WebhookLimits::default(),
            slack_compatible_hosts: Vec::new(),
            created: Timestamp(NOW.0 - 90 * 86_400_000),
        };
        assert!(store.create_organization(&organization).await.unwrap());
        Self { world, clock, entropy, store, id }
    }

    /// With a webhook in each state.
    pub(super) async fn busy() -> Self {
        let shop = Self::new().await;
        shop.suspended().await;
        shop.retrying().await;
        let paused = shop.webhook(Api::Akinon, "665f1c2ab7e9d0a1b2c3d4e6", "Returns").await;
        shop.pending(&paused, 26 * 60, 1).await;
        shop.change(&paused.key, |webhook| webhook.pause(Timestamp(NOW.0 - 86_400_000))).await;
        shop.webhook(Api::Socotra, "01JQNX4T2B0000000000000001", "Policies").await;
        let off = shop.webhook(Api::Operations, "01JQNX4T2B0000000000000002", "On call").await;
        shop.change(&off.key, |webhook| webhook.active = false).await;
        shop.at(0);
        shop
    }

    /// Sets the clock to so many minutes before now.
    pub(super) fn at(&self, minutes_ago: i64) {
        self.clock.0.store(NOW.0 - minutes_ago * 60_000, Ordering::Relaxed);
    }

    /// An event of so many minutes ago.
    pub(super) fn event_id(minutes_ago: i64, number: u128) -> EventId {
        EventId::new(Timestamp(NOW.0 - minutes_ago * 60_000), number)
    }

    pub(super) fn queue(&self, webhook: &Webhook) -> String {
        queue_key(&self.id, &webhook.key)
    }

    /// A webhook that wants orders.
    pub(super) async fn webhook(&self, api: Api, id: &str, name: &str) -> Webhook {
        let url = match api {
            Api::SdElements => crate::support::slack_url("a-secret"),
            _ => format!("https://{}.example/hooks/a-secret-token", name.to_lowercase().replace(' ', "-")),
        };
        let key = WebhookKey { api, id: id.to_owned() };
        let created = Timestamp(NOW.0 - 30 * 86_400_000);
        let mut webhook = Webhook::new(self.id.clone(), key, name.to_owned(), Secret::new(url), created);
        webhook.subscriptions = vec![Subscription::new(Pattern::Exact("order.placed".to_owned()))];
        webhook.project = matches!(api, Api::Akinon).then(|| "665f1c2ab7e9d0a1b2c3d4e5".to_owned());
        if api != Api::SdElements {
            webhook.endpoint.signing_secrets = vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
            webhook.endpoint.headers = vec![("X-Key".to_owned(), vec![Secret::new("header-secret")])];
        }
        self.store.create_webhook(&webhook, None).await.unwrap();
        webhook
    }

    pub(super) async fn change(&self, key: &WebhookKey, change: impl Fn(&mut Webhook) + Send + Sync) {
        let mut change = |webhook: &mut Webhook| {
            change(webhook);
            true
        };
        self.store.change_webhook(&self.id, key, &mut change).await.unwrap();
    }

    /// An event of so many minutes ago, published and pending for the webhook.
    pub(super) async fn pending(&self, webhook: &Webhook, minutes_ago: i64, number: u128) -> Event {
        self.at(minutes_ago);
        let id = Self::event_id(minutes_ago, number);
        let data = JsonText::of(&json!({"order": 1.0, "total": "12.50"})).unwrap();
        let mut event = Event::new(id, self.id.clone(), "order.placed".to_owned(), id.time(), data);
        event.project = webhook.project.clone();
        self.store.publish(&event, 4, None).await.unwrap();
        let (queue, partition) = (self.queue(webhook), event_partition(&self.id, id, 4));
        let project = event.project.as_deref();
        let new =
            NewDelivery { event: id, event_type: "order.placed", project, event_partition: &partition, weight: 0 };
        self.store.put_pending(&queue, &new).await.unwrap();
        self.store.touch(&queue, id).await.unwrap();
        event
    }

    /// An attempt of so many minutes ago.
    pub(super) fn attempt(minutes_ago: i64, status: u16, failure: Option<&str>) -> Attempt {
        let at = Timestamp(NOW.0 - minutes_ago * 60_000);
        Attempt { at, status: Some(status), duration_ms: 87, failure: failure.map(str::to_owned) }
    }

    /// A worker takes the queue.
    async fn lease(&self, queue: &str) {
        let until = self.store.clock().now().plus(Duration::from_secs(30));
        self.store.lease(queue, "worker", until, LeaseFor::Delivery).await.unwrap();
    }

    /// One delivered, one diverted, then a 404 suspended it, and two wait.
    async fn suspended(&self) {
        let webhook = self.webhook(Api::SdElements, "1", "Orders").await;
        let queue = self.queue(&webhook);
        let delivered = self.pending(&webhook, 600, 1).await;
        let finish = Finish {
            state: DeliveryState::Delivered,
            reason: None,
            attempts: Some(vec![Self::attempt(600, 200, None)]),
        };
        assert!(self.store.finish(&queue, delivered.id, &finish).await.unwrap());
        let diverted = self.pending(&webhook, 300, 2).await;
        self.lease(&queue).await;
        let (reason, guard) = ("HTTP 400: invalid_blocks", Guard { lease: "worker", generation: 0 });
        let attempts = [Self::attempt(300, 400, Some("HTTP 400: invalid_blocks"))];
        let done = self.store.divert(&queue, &diverted, reason, Some(&attempts), guard, Remembered::Nothing);
        assert!(done.await.unwrap());
        let empty = Release::Empty { touched: 2 };
        assert!(self.store.release(&queue, "worker", empty, &Renewal::default()).await.unwrap());
        self.pending(&webhook, 130, 3).await;
        self.at(120);
        self.change(&webhook.key, |webhook| {
            let (at, reason) = (Timestamp(NOW.0 - 120 * 60_000), "HTTP 404: no_service".to_owned());
            webhook.suspended = Some(Suspension { at, reason, endpoint_gone: true });
        })
        .await;
        // The hold was set before this one came, so that its head is known.
        self.pending(&webhook, 5, 4).await;
    }

    /// Five attempts failed; the next one is in twenty minutes.
    async fn retrying(&self) {
        let (api, id) = RETRYING.split_once(':').unwrap();
        let webhook = self.webhook(Api::parse(api).unwrap(), id, "Billing").await;
        let queue = self.queue(&webhook);
        let event = self.pending(&webhook, 90, 5).await;
        let found = self.store.delivery(&queue, event.id).await.unwrap().unwrap();
        self.lease(&queue).await;
        let attempt = Self::attempt(10, 503, Some("HTTP 503"));
        self.store.record_attempt(&queue, &found, &attempt).await.unwrap();
        let health = Health { failures: 5, in_a_row: 5, last_failure: Some(attempt.at), ..Health::default() };
        let renewal = Renewal { health: Some((health, 0)), ..Renewal::default() };
        let next = Timestamp(NOW.0 + 20 * 60_000);
        self.store.release(&queue, "worker", Release::NotBefore(next), &renewal).await.unwrap();
    }

    /// What the command ends with, and all that it says. The error comes last, as a line.
    pub(super) async fn says(&self, arguments: &[&str]) -> (i32, String) {
        let start = ["admin", "--endpoint", &self.world.stack.ready().dynamodb];
        self.says_of(&[&start, arguments].concat()).await
    }

    /// The same with other options for the deployment.
    pub(super) async fn says_of(&self, arguments: &[&str]) -> (i32, String) {
        let arguments = match admin::Arguments::try_parse_from(arguments) {
            Ok(arguments) => arguments,
            Err(error) => return (error.exit_code(), error.to_string()),
        };
        let mut output = Vec::new();
        let terminal = admin::Terminal {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            ..admin::Terminal::plain(&mut output)
        };
        let done = admin::run(arguments, terminal).await;
        let shown = String::from_utf8(output).unwrap();
        for secret in ["a-secret", "whsec_", "header-secret", "B00000000/"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        match done {
            Ok(admin::Found::Nothing) => (0, shown),
            Ok(admin::Found::Something) => (1, shown),
            Err(error) => (2, format!("{shown}{error}\n")),
        }
    }

    /// The text and the JSON of a command that is carried out.
    pub(super) async fn both(&self, arguments: &[&str]) -> String {
        let (code, text) = self.says(arguments).await;
        let (json_code, json) = self.says(&[arguments, &["--json"]].concat()).await;
        assert_eq!((code, json.lines().count()), (json_code, 1), "{text}{json}");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        format!("ends with {code}\n{text}---\n{}", serde_json::to_string_pretty(&json).unwrap())
    }
}
