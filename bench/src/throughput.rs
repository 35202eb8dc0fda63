//! Fan-out and drain by themselves, one environment each, for so many events and webhooks.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use local::{Template, now_ms};
use serde_json::{Value, json};
use shared::{
    domain::{Api, EventId, OrganizationId, Timestamp},
    store::{event_partition, queue_key},
};

use crate::{
    bed::{Bed, event, webhook},
    machine::{Machine, Process},
    options::{BoxError, Options},
    receiver::Receiver,
    samples::check,
    stats::{median, ms, per_second, ratio},
};

/// The two functions of delivery with an organization whose webhooks want everything.
pub(crate) struct Line {
    bed: Bed,
    organization: OrganizationId,
    queues: Vec<String>,
    fan_out: Process,
    drain: Process,
    receiver: Receiver,
    next: u128,
}

impl Line {
    /// A line to so many webhooks of that API; `environment` goes over the functions' own.
    pub(crate) async fn new(
        options: &Options,
        template: &Template,
        machine: &Machine,
        (api, webhooks): (Api, usize),
        bed: Bed,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, BoxError> {
        let (organization, _) = bed.organization().await?;
        let mut queues = Vec::new();
        for number in 1..=webhooks {
            let id = if api == Api::SdElements { number.to_string() } else { format!("{number:026}") };
            let webhook = webhook(&organization, api, &id, &format!("w{number}"));
            bed.store.create_webhook(&webhook, None).await?;
            queues.push(queue_key(&organization, &webhook.key));
        }
        let receiver = Receiver::default();
        let mut all = bed.environment();
        // Drain is called here and not by fan-out, so that each is timed alone.
        all.extend(
            [("OUTHOOK_LOCAL_RECEIVER", receiver.start().await?), ("DRAIN_FUNCTION", String::new())]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        all.extend(environment.clone());
        let start = |binary: &str| {
            let function = template.functions.iter().find(|function| function.binary == binary);
            machine.spawn(&options.binary(binary), function, &all)
        };
        let (fan_out, drain) = (start("delivery-fan-out")?, start("delivery-drain")?);
        Ok(Self { bed, organization, queues, fan_out, drain, receiver, next: 0 })
    }

    /// Publishes so many events past the stream: the batch that the stream would bring.
    async fn publish(&mut self, events: usize) -> Result<Bytes, BoxError> {
        let now = Timestamp(i64::try_from(now_ms())?);
        let mut records = Vec::new();
        for _ in 0..events {
            self.next += 1;
            let id = EventId::new(now, self.next);
            let event = event(&self.organization, id, &format!("e{}", self.next));
            self.bed.store.publish(&event, 4, None).await?;
            let pk = event_partition(&self.organization, id, 4);
            let data = event.data.to_string();
            records.push(json!({
                "eventID": self.next.to_string(), "eventName": "INSERT", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": now.seconds(), "SequenceNumber": self.next.to_string(), "SizeBytes": 1000,
                    "StreamViewType": "NEW_IMAGE",
                    "Keys": {"pk": {"S": pk}, "sk": {"S": id.to_string()}},
                    "NewImage": {
                        "pk": {"S": pk}, "sk": {"S": id.to_string()},
                        "organization": {"S": self.organization.as_str()}, "type": {"S": event.event_type},
                        "time": {"N": event.time.0.to_string()}, "project": {"S": "11"}, "data": {"S": data}
                    }
                },
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/EventsTable/stream/bench"
            }));
        }
        Ok(json!({"Records": records}).to_string().into())
    }

    /// Queues so many events for all webhooks: how long fan-out took.
    pub(crate) async fn queue(&mut self, events: usize) -> Result<Duration, BoxError> {
        let batch = self.publish(events).await?;
        let (took, answer) = self.fan_out.call(&batch).await?;
        check("delivery-fan-out", &answer)?;
        Ok(took)
    }

    /// Delivers what is queued, of which `messages` come: how long drain took.
    pub(crate) async fn deliver(&mut self, messages: usize) -> Result<Duration, BoxError> {
        let command = json!({"wake": self.queues}).to_string().into();
        self.receiver.take();
        let start = Instant::now();
        let mut took = Duration::ZERO;
        // Slack's pace may have it stop and come back.
        while self.receiver.count() < messages {
            if start.elapsed() > Duration::from_secs(60) {
                return Err(format!("{} of {messages} messages came", self.receiver.count()).into());
            }
            took += self.drain.call(&command).await?.0;
        }
        Ok(took)
    }

    /// Ends its processes.
    pub(crate) async fn end(self) -> Result<(), BoxError> {
        self.fan_out.end().await?;
        self.drain.end().await
    }
}

/// Measures events times webhooks, and whether fan-out is linear in webhooks.
pub(crate) async fn measure(
    options: &Options,
    template: &Template,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Value, BoxError> {
    let machine = Machine::start().await?;
    let environment = BTreeMap::new();
    let mut rows = Vec::new();
    for (events, webhooks) in [(1, 1), (1, 100), (100, 1), (100, 10)] {
        tell(&format!("Fan-out and drain: {events} events for {webhooks} webhooks"));
        let bed = Bed::new(options).await?;
        let mut line = Line::new(options, template, &machine, (Api::Socotra, webhooks), bed, &environment).await?;
        let (mut fan_outs, mut drains) = (Vec::new(), Vec::new());
        for round in 0..=options.times(10, 2) {
            let (fan_out, drain) = (line.queue(events).await?, line.deliver(events * webhooks).await?);
            // The first round makes connections.
            if round > 0 {
                fan_outs.push(fan_out);
                drains.push(drain);
            }
        }
        line.end().await?;
        let deliveries = events * webhooks;
        rows.push(json!({
            "events": events, "webhooks": webhooks,
            "fan_out_ms": ms(median(&fan_outs)), "fan_out_per_second": per_second(deliveries, median(&fan_outs)),
            "drain_ms": ms(median(&drains)), "drain_per_second": per_second(deliveries, median(&drains)),
        }));
    }
    tell("Fan-out of one event for 10 and for 1,000 webhooks");
    let mut per_webhook = Vec::new();
    for webhooks in [10, 1_000] {
        let bed = Bed::new(options).await?;
        let mut line = Line::new(options, template, &machine, (Api::Socotra, webhooks), bed, &environment).await?;
        let mut times = Vec::new();
        for round in 0..=options.times(20, 5) {
            let took = line.queue(1).await?;
            if round > 0 {
                times.push(took / u32::try_from(webhooks)?);
            }
        }
        line.end().await?;
        per_webhook.push(median(&times));
    }
    Ok(json!({
        "form": "Standard Webhooks, one event a request, events of 1 KB, one environment",
        "rows": rows,
        "fan_out_per_webhook": {
            "of_10_ms": ms(per_webhook[0]), "of_1000_ms": ms(per_webhook[1]),
            "times": ratio(per_webhook[1], per_webhook[0])
        },
    }))
}
