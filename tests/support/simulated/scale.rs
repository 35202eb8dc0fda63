//! The scale scenario: 200 organizations with 2,000 webhooks, some of whose endpoints are in trouble, at so many events a second.
//!
//! One organization has 500 webhooks, all of which want one type besides their own; an event of it comes every ten seconds. Any
//! other event is wanted by one webhook. A quarter of the webhooks are Slack's, which take a message a second. The last
//! endpoints of each hundred are in trouble: five answer nothing that can be connected to, two ask for twenty seconds with each
//! answer, one keeps each request until its time is up.

use std::{collections::BTreeMap, time::Duration};

use shared::{
    delivery::SendError,
    domain::{Api, OrganizationId, Secret, WebhookKey},
};

use super::{Aws, Draft, Engine, Function, InOrder, Reply, Usage, url, wants};

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Organizations.
    pub organizations: usize,
    /// Webhooks of all of them.
    pub webhooks: usize,
    /// Webhooks of the first organization, all of which want one type.
    pub crowd: usize,
    /// Events a second, those of that type aside.
    pub rate: u32,
    /// For how long events are published.
    pub span: Duration,
    /// Whether some endpoints are in trouble.
    pub trouble: bool,
}

impl Load {
    /// The scenario with so many events a second for that long.
    #[must_use]
    pub fn new(rate: u32, span: Duration) -> Self {
        Self { organizations: 200, webhooks: 2_000, crowd: 500, rate, span, trouble: true }
    }
}

/// How long it goes on after the last event, so that what is on its way arrives.
const AFTER: Duration = Duration::from_secs(30);

/// How often an event for the crowd comes, and when the first does.
const CROWDED: Duration = Duration::from_secs(10);
const FIRST_CROWD: Duration = Duration::from_secs(2);

/// What came of it.
#[derive(Clone, Debug)]
pub struct Figures {
    /// To endpoints that are never in trouble, of events that one webhook wants.
    pub single: Latencies,
    /// To such endpoints, of events that the whole crowd wants.
    pub crowd: Latencies,
    /// Deliveries accepted by any endpoint.
    pub delivered: usize,
    /// What each function has used.
    pub usage: Vec<(Function, Usage)>,
    /// Write units of all tables, publishing included.
    pub write_units: f64,
    /// Read units of all tables.
    pub read_units: f64,
    /// Calls that DynamoDB throttled.
    pub throttles: usize,
}

/// How long deliveries took from publishing to their endpoint.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// How long each took, in order.
    pub took: Vec<Duration>,
    /// How many were expected.
    pub expected: usize,
}

impl Latencies {
    /// What so many hundredths of the deliveries do not exceed.
    #[must_use]
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let at = (self.took.len() * hundredths).div_ceil(100).max(1) - 1;
        self.took.get(at).copied().unwrap_or_default()
    }
}

struct Hook {
    key: WebhookKey,
    name: String,
    organization: OrganizationId,
    event_type: String,
    well: bool,
}

const CROWD_TYPE: &str = "crowd";

fn hooks(engine: &mut Engine, load: Load) -> Vec<Hook> {
    let organization = |number: usize| OrganizationId::parse(&format!("org{number}")).unwrap();
    let hook = |number: usize| {
        let others = load.organizations - 1;
        let owner = if number < load.crowd { 0 } else { 1 + number % others };
        let api = Api::ALL[number % 4];
        let key = match api {
            Api::SdElements => WebhookKey::sdelements(number as u64 + 1),
            api => WebhookKey { api, id: format!("w{number}") },
        };
        // Scattered over the APIs and the organizations.
        let well = (number * 37 + 11) % 100 < 92;
        Hook {
            key,
            name: format!("W{number}"),
            organization: organization(owner),
            event_type: format!("t{number}"),
            well,
        }
    };
    let hooks: Vec<Hook> = (0..load.webhooks).map(hook).collect();
    for (number, hook) in hooks.iter().enumerate() {
        engine.webhook_of(&hook.organization, hook.key.clone(), &hook.name, |webhook| {
            webhook.subscriptions = vec![wants(&hook.event_type)];
            if number < load.crowd {
                webhook.subscriptions.push(wants(CROWD_TYPE));
            }
            if hook.key.api != Api::SdElements {
                webhook.endpoint.signing_secrets = vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
            }
        });
        let kind = (number * 37 + 11) % 100;
        let mut turn = number as u64;
        let trouble = load.trouble && !hook.well;
        engine.receiver.behave(&url(&hook.name), move |_| match kind {
            92..=96 if trouble => Reply { takes: Duration::from_secs(3), ..Reply::failing(SendError::Connect) },
            97 | 98 if trouble => Reply { retry_after: Some(20), ..Reply::status(429) },
            99 if trouble => Reply::failing(SendError::Timeout),
            _ => {
                turn = super::next(turn);
                Reply { takes: Duration::from_millis(40 + turn % 120), ..Reply::status(200) }
            }
        });
    }
    hooks
}

/// Runs the scenario.
///
/// # Panics
///
/// If the load has fewer than two organizations.
#[must_use]
pub fn run(load: Load) -> Figures {
    // An account that has grown: it is asked how many environments are needed.
    let aws = Aws { environments: Some(1_000), ..Aws::USUAL };
    let mut engine = Engine::on(aws, InOrder, 1, false);
    engine.simulation.end_trace();
    engine.receiver.only_count();
    engine.event_shards = 4;
    engine.set_stream_shards(4);
    let hooks = hooks(&mut engine, load);
    engine.records.count_units();
    let of = |hook: &Hook| Draft {
        organization: hook.organization.clone(),
        project: Some(format!("p{}", hook.event_type.len())),
        event_type: hook.event_type.clone(),
        age: Duration::ZERO,
        padding: 600,
        hops: 0,
    };
    let count = load.rate * u32::try_from(load.span.as_secs()).unwrap();
    let mut turn = 7;
    for number in 0..count {
        turn = super::next(turn);
        let draft = of(&hooks[usize::try_from(turn % hooks.len() as u64).unwrap()]);
        engine.after(Duration::from_secs(1) * number / load.rate, move |engine| {
            engine.publish_draft(draft);
        });
    }
    let mut at = FIRST_CROWD;
    while at < load.span {
        let draft = Draft { event_type: CROWD_TYPE.to_owned(), ..of(&hooks[0]) };
        engine.after(at, move |engine| {
            engine.publish_draft(draft);
        });
        at += CROWDED;
    }
    engine.run_for(load.span + AFTER);
    figures(&engine, &hooks)
}

fn figures(engine: &Engine, hooks: &[Hook]) -> Figures {
    let (mut single, mut crowd, mut delivered) = (Latencies::default(), Latencies::default(), 0);
    for hook in hooks {
        let arrivals = engine.receiver.arrivals(&url(&hook.name));
        for arrival in arrivals.iter().filter(|arrival| arrival.status == Some(200)) {
            delivered += arrival.events.len();
            for number in arrival.events.iter().filter(|_| hook.well) {
                let event = engine.records.event(*number);
                let latencies = if event.event_type == CROWD_TYPE { &mut crowd } else { &mut single };
                latencies.took.push(arrival.since_start - event.at);
            }
        }
    }
    single.took.sort_unstable();
    crowd.took.sort_unstable();
    let mut published: BTreeMap<String, usize> = BTreeMap::new();
    for number in engine.records.numbers() {
        *published.entry(engine.records.event(number).event_type).or_default() += 1;
    }
    let published = |event_type: &str| published.get(event_type).copied().unwrap_or_default();
    for hook in hooks.iter().filter(|hook| hook.well) {
        single.expected += published(&hook.event_type);
        crowd.expected += if hook.organization == hooks[0].organization { published(CROWD_TYPE) } else { 0 };
    }
    let tables = ["WebhooksTable", "EventsTable", "DeliveriesTable"];
    Figures {
        single,
        crowd,
        delivered,
        usage: Function::ALL.into_iter().map(|function| (function, engine.account.usage(function))).collect(),
        write_units: tables.iter().map(|table| engine.records.write_units(table)).sum(),
        read_units: tables.iter().map(|table| engine.records.read_units(table)).sum(),
        throttles: engine.records.throttles(),
    }
}
