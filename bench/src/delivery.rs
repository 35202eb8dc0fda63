//! From publishing to the message, on the whole local stack: when idle, at a steady rate, and beside a tarpit.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use local::{Stack, Tokens, client};
use serde_json::{Value, json};
use shared::{
    domain::{Api, OrganizationId},
    store::Store,
};

use crate::{
    bed::{TYPE, webhook},
    options::{BoxError, Options},
    receiver::Receiver,
    stats::{median, ms, per_second, percentile, ratio},
};

/// How long a message may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many healthy webhooks are measured beside a tarpit.
const HEALTHY: usize = 200;

struct Scene {
    stack: Stack,
    store: Store,
    receiver: Receiver,
    client: reqwest::Client,
    published: usize,
}

/// An organization and the keys of its users.
type Tenant = (OrganizationId, Tokens);

/// Measures all three.
pub(crate) async fn measure(options: &Options, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<Value, BoxError> {
    let receiver = Receiver::default();
    let mut stack = local::Options::new(options.template(), options.functions.clone());
    stack.environment.insert("OUTHOOK_LOCAL_RECEIVER".to_owned(), receiver.start().await?);
    stack.tick = None;
    let stack = Stack::start(stack).await?;
    let store = stack.store();
    let mut scene = Scene { stack, store, receiver, client: client()?, published: 0 };
    let measured = scene.measure(options, tell).await;
    scene.stack.shutdown().await;
    measured
}

impl Scene {
    async fn measure(&mut self, options: &Options, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<Value, BoxError> {
        tell("Publish to delivery, idle");
        let slack = self.tenant("idle", Api::SdElements, 1).await?;
        self.latencies(&slack, 1, 1, Duration::ZERO).await?;
        // Slack's webhooks take a message a second, and one that had to wait must not delay the next.
        let idle = self.latencies(&slack, 1, options.times(20, 5), Duration::from_millis(2_500)).await?;
        let rate = 20;
        tell(&format!("Publish to delivery, {rate} events a second"));
        let standard = self.tenant("steady", Api::Socotra, 1).await?;
        self.latencies(&standard, 1, 1, Duration::ZERO).await?;
        let start = Instant::now();
        let pause = Duration::from_secs(1) / rate;
        let steady = self.latencies(&standard, 1, options.times(400, 60), pause).await?;
        let achieved = per_second(steady.len(), start.elapsed());
        tell(&format!("{HEALTHY} webhooks, without and with a tarpit beside them"));
        let crowd = self.tenant("crowd", Api::SdElements, HEALTHY).await?;
        let pause = Duration::from_millis(2_500);
        self.latencies(&crowd, HEALTHY, 1, pause).await?;
        let events = options.times(6, 3);
        let without = self.latencies(&crowd, HEALTHY, events, pause).await?;
        let tarpit = webhook(&crowd.0, Api::SdElements, "999", "tarpit");
        self.store.create_webhook(&tarpit, None).await?;
        let with = self.latencies(&crowd, HEALTHY, events, pause).await?;
        let shown = |latencies: &[Duration]| json!({"p50_ms": ms(median(latencies)), "p99_ms": ms(percentile(latencies, 0.99)), "count": latencies.len()});
        let times = ratio(percentile(&with, 0.99), percentile(&without, 0.99));
        Ok(json!({
            "idle": shown(&idle),
            "steady": {"events_per_second": achieved, "latency": shown(&steady)},
            "tarpit": {"webhooks": HEALTHY, "without": shown(&without), "with": shown(&with), "p99_times": times},
        }))
    }

    /// An organization with so many webhooks that want everything.
    async fn tenant(&self, name: &str, api: Api, webhooks: usize) -> Result<Tenant, BoxError> {
        let (id, tokens) = self.stack.organization(name).await?;
        let organization = OrganizationId::parse(&id).ok_or("no organization's id")?;
        for number in 1..=webhooks {
            let id = if api == Api::SdElements { number.to_string() } else { format!("{number:026}") };
            let webhook = webhook(&organization, api, &id, &format!("{name}{number}"));
            self.store.create_webhook(&webhook, None).await?;
        }
        Ok((organization, tokens))
    }

    /// Publishes so many events at that distance, each for so many webhooks, and gives the time of each delivery.
    async fn latencies(
        &mut self,
        tenant: &Tenant,
        webhooks: usize,
        events: usize,
        pause: Duration,
    ) -> Result<Vec<Duration>, BoxError> {
        self.receiver.take();
        let start = Instant::now();
        let mut sent = HashMap::new();
        for at in 0..events {
            let due = pause * u32::try_from(at)?;
            tokio::time::sleep(due.saturating_sub(start.elapsed())).await;
            self.published += 1;
            let name = format!("e{}.", self.published);
            sent.insert(name.clone(), Instant::now());
            self.publish(&tenant.1, &name).await?;
        }
        let mut latencies = Vec::new();
        let begun = Instant::now();
        // A message may carry several events.
        while latencies.len() < events * webhooks {
            if begun.elapsed() > PATIENCE {
                return Err(format!("{} of {} deliveries came", latencies.len(), events * webhooks).into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            for (at, _, body) in self.receiver.take() {
                let carried = sent.iter().filter(|(name, _)| body.contains(*name));
                latencies.extend(carried.map(|(_, published)| at.saturating_duration_since(*published)));
            }
        }
        Ok(latencies)
    }

    async fn publish(&self, tokens: &Tokens, name: &str) -> Result<(), BoxError> {
        let body = json!({"type": TYPE, "project": "11", "data": {"text": name, "data": {"project_desc": name}}});
        let request = self.client.post(format!("{}/events", self.stack.ready().gateway)).json(&body);
        let reply = request.header("Authorization", format!("Bearer {}", tokens.super_user)).send().await?;
        reply.error_for_status()?;
        Ok(())
    }
}
