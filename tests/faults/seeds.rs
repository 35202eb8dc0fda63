//! Random runs. A seed replays exactly: `OUTHOOK_SEED=17 cargo test --test outhook faults::seeds`; `OUTHOOK_SEEDS=20000` runs
//! that many, as CI does with 1,000.

use std::time::Duration;

use shared::{
    delivery::SendError,
    domain::{Api, OrganizationId, Secret},
};

use super::{
    dice::Dice,
    ledger::Ledger,
    owners::{self, Owned, TYPES},
};
use crate::support::simulated::{Aws, Body, Draft, Engine, Function, Odds, Reply, Seeded, next, url};

fn odds(dice: &mut Dice) -> Odds {
    let mut often = |most: u64| if dice.below(3) == 0 { 0 } else { dice.below(most) };
    Odds {
        crash: often(25),
        refused: often(40),
        conflict: often(60),
        answer_lost: often(30),
        repeated: often(20),
        freeze: often(12),
        skew: if often(4) == 1 { 900 } else { 0 },
    }
}

/// One account is like another in some respects only.
fn aws(dice: &mut Dice) -> Aws {
    if dice.below(4) == 0 {
        return Aws::default();
    }
    let latency = (dice.milliseconds(4), Duration::from_millis(4) + dice.milliseconds(40));
    Aws {
        environments: (dice.below(3) > 0).then(|| 3 + dice.pick(10)),
        cold_start: dice.milliseconds(400),
        latency: (dice.below(4) > 0).then_some(latency),
        processor: dice.below(2) == 0,
        hot_partitions: dice.below(2) == 0,
        index_lag: if dice.below(2) == 0 { Duration::ZERO } else { dice.seconds(4) },
    }
}

/// An endpoint that answers the same whatever comes.
fn stubborn(dice: &mut Dice) -> impl FnMut(&[u32]) -> Reply + Send + 'static {
    let mut reply = [
        Reply::status(410),
        Reply::status(418),
        Reply::status(500),
        Reply::status(400),
        Reply { retry_after: Some(30), ..Reply::status(429) },
        Reply::failing(SendError::Timeout),
    ][dice.pick(6)]
    .clone();
    reply.body = Body::Echo;
    move |_| reply.clone()
}

/// An endpoint that answers anything.
fn moody(mut dice: Dice, calm: u64, secret: Secret) -> impl FnMut(&[u32]) -> Reply + Send + 'static {
    move |_| {
        if dice.below(10) < calm {
            return Reply::status(200);
        }
        let mut reply = match dice.below(12) {
            0..=2 => Reply { retry_after: Some(dice.below(90)), ..Reply::status(429) },
            3 | 4 => Reply::status(500),
            5 => Reply { retry_after: Some(dice.below(40)), ..Reply::status(503) },
            6 => Reply::failing(SendError::Timeout),
            7 => Reply::failing(SendError::BadReply),
            8 => Reply::status(302),
            9 => Reply::status(400),
            10 => Reply::status(404),
            _ => Reply::status(418),
        };
        reply.takes = dice.milliseconds(9_000);
        reply.body = match dice.below(4) {
            0 => Body::Empty,
            1 => Body::Text(format!("{{\"whsec\": \"{}\"}}", secret.expose())),
            2 => Body::Text("no, and again no. ".repeat(usize::try_from(dice.below(200)).unwrap())),
            _ => Body::Echo,
        };
        reply
    }
}

/// Publishes a few events at some moments.
fn publish(engine: &mut Engine, dice: &mut Dice, owned: &[Owned], ledger: &Ledger) {
    for _ in 0..3 + dice.below(6) {
        let (at, age) = (dice.seconds(80), dice.seconds(4));
        let burst = 1 + dice.below(4);
        let project = ["11", "11", "11", "12"][dice.pick(4)];
        let draft = Draft {
            organization: engine.owner(&owned[dice.pick(owned.len())].key).clone(),
            project: (dice.below(6) > 0).then(|| project.to_owned()),
            event_type: TYPES[[0, 0, 0, 0, 1, 2][dice.pick(6)]].to_owned(),
            age,
            padding: if dice.below(12) == 0 { 120_000 } else { 0 },
            hops: 0,
        };
        let ledger = ledger.clone();
        engine.after(at, move |engine| {
            for _ in 0..burst {
                ledger.publish(engine, draft.clone());
            }
        });
    }
}

fn run(seed: u64) -> (String, usize) {
    let mut dice = Dice(next(seed ^ 0x5eed));
    let odds = odds(&mut dice);
    let aws = aws(&mut dice);
    let jumps = dice.below(8) == 0;
    let mut engine = Engine::on(aws, Seeded::new(seed, odds), seed, odds.skew == 0 && !jumps);
    engine.simulation.note(|| format!("seed {seed}, {odds:?}, {aws:?}, jumps: {jumps}"));
    engine.event_shards = 1 + u32::try_from(dice.below(4)).unwrap();
    let ledger = Ledger::default();
    let names = ["acme", "globex", "initech"].map(|name| OrganizationId::parse(name).unwrap());
    let organizations = &names[..1 + dice.pick(3)];
    let webhooks = 2 + dice.below(3);
    let mut owned = Vec::new();
    for number in 1..=webhooks {
        let organization = &organizations[dice.pick(organizations.len())];
        owned.push(owners::webhook(&mut engine, &mut dice, organization, number));
    }
    let mut listeners = Vec::new();
    for organization in organizations {
        for _ in 0..dice.below(3) {
            listeners.push(owners::listener(
                &mut engine,
                &mut dice,
                organization,
                webhooks + 1 + listeners.len() as u64,
            ));
        }
    }
    let mut last_healed = Duration::ZERO;
    for (number, Owned { key, name }) in (1..).zip(owned.iter().chain(&listeners)) {
        if dice.below(4) == 0 {
            engine.receiver.behave(&url(name), stubborn(&mut dice));
        } else {
            let calm = dice.below(11);
            // Slack's have none.
            let secret = owners::signing_secret(number);
            let secret = if key.api == Api::SdElements { Secret::new("none") } else { secret };
            engine.receiver.behave(&url(name), moody(dice.another(), calm, secret));
        }
        // Each gets well at its own time, some of them while things still go wrong.
        let healed = Duration::from_secs(30) + dice.seconds(200);
        last_healed = last_healed.max(healed);
        let target = url(name);
        engine.after(healed, move |engine| engine.receiver.heal_one(&target));
    }
    publish(&mut engine, &mut dice, &owned, &ledger);
    for _ in 0..dice.below(12) {
        let webhook = &owned[dice.pick(owned.len())];
        owners::meddle(&mut engine, &mut dice, webhook, &ledger);
    }
    if dice.below(3) == 0 {
        let webhook = &owned[dice.pick(owned.len())];
        owners::delete(&mut engine, &mut dice, webhook, &ledger);
    }
    if jumps {
        let (at, by) = (dice.seconds(90), dice.below(600_000));
        let by = i64::try_from(by).unwrap() - 300_000;
        engine.after(at, move |engine| engine.simulation.jump(by));
    }
    engine.after(last_healed.max(Duration::from_secs(160)), |engine| engine.simulation.end_faults());
    engine.run();
    engine.assert_quiet();
    engine.heal();
    ledger.assert_paid(&engine);
    assert_heard(&engine, &owned, &listeners);
    assert_bounds(&engine, &owned, &ledger);
    (engine.simulation.trace(), engine.simulation.steps())
}

/// What has happened to the webhooks was told once, to everyone who listens.
fn assert_heard(engine: &Engine, owned: &[Owned], listeners: &[Owned]) {
    // Those who hear of each other may be told of so many failures to hear that it goes no further.
    engine.assert_told(listeners.iter().filter(|listener| listener.key.api.is_told_about()).count() < 2);
    for listener in listeners {
        let organization = engine.owner(&listener.key);
        let others = owned.iter().chain(listeners).filter(|other| engine.owner(&other.key) == organization);
        for item in others.flat_map(|other| engine.told_items(&other.key)) {
            let id = item["sk"]["S"].as_str().unwrap();
            let delivery = engine.records.item("DeliveriesTable", &engine.queue(&listener.key), id);
            let state = delivery.map(|delivery| delivery["state"]["S"].clone());
            let itself = item["about"]["S"] == listener.key.to_string();
            let good = match &state {
                None => itself,
                Some(state) => !itself && (state == "delivered" || state == "diverted"),
            };
            assert!(good, "{} and {item}: {state:?}\n{}", listener.key, engine.simulation.trace());
        }
    }
}

/// What no run may exceed.
fn assert_bounds(engine: &Engine, owned: &[Owned], ledger: &Ledger) {
    let trace = || engine.simulation.trace();
    for function in Function::ALL {
        let usage = engine.account.usage(function);
        assert_eq!(usage.timed_out, 0, "{function:?} was ended by Lambda\n{}", trace());
    }
    let drains = engine.account.usage(Function::Drain);
    assert!(drains.peak_demand <= 4 * engine.webhooks.len() + 8, "{drains:?}\n{}", trace());
    assert_eq!(engine.records.invalid(), [""; 0], "DynamoDB will never take this\n{}", trace());
    for Owned { key, .. } in owned {
        let most = 12 + 4 * ledger.actions_of(key);
        for event in engine.records.numbers() {
            let asked = engine.receiver.asked_without_cause(&engine.queue(key), event);
            assert!(asked <= most, "{key} was asked {asked} times to take {event}, not {most}\n{}", trace());
        }
    }
    assert_eq!(
        engine.said_of_secrets(&["endpoint-credential-", "header-credential-", "whsec_"]),
        [""; 0],
        "{}",
        trace()
    );
}

/// How many seeds run unless the environment says otherwise: as many as take half a minute.
const SEEDS: u64 = 100;

fn wanted() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    match number("OUTHOOK_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("OUTHOOK_SEEDS").unwrap_or(SEEDS)).collect(),
    }
}

#[test]
fn whatever_goes_wrong_every_event_is_delivered_or_visibly_kept() {
    let seeds = wanted();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for part in 0..threads {
            let mine: Vec<u64> = seeds.iter().copied().skip(part).step_by(threads).collect();
            scope.spawn(move || {
                for seed in mine {
                    if std::panic::catch_unwind(|| run(seed)).is_err() {
                        panic!("seed {seed}: run OUTHOOK_SEED={seed} cargo test --test outhook faults::seeds");
                    }
                }
            });
        }
    });
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..10 {
        assert_eq!(run(seed), run(seed));
    }
}
