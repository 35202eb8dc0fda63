//! Which alarm of the template each of the twelve faults of docs/operating.md raises, and after how many minutes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::delivery::SendError;

use crate::support::{
    root,
    simulated::{Alarm, Aws, Draft, Engine, Function, InOrder, Reply, url},
};

const MINUTE: Duration = Duration::from_secs(60);

/// How many minutes all is well before the fault.
const WELL: u32 = 10;

/// How many minutes are looked at after it.
const LOOKED_AT: u32 = 14;

/// How many minutes an event waits already, to which a dead endpoint happens, so that its hour is soon over.
const WAITS_ALREADY: u32 = 50;

const LONG: Duration = Duration::from_secs(100 * 3_600);

/// The webhooks, each with an endpoint of its own.
const WEBHOOKS: usize = 7;

/// Makes a fault.
type Fault = fn(&mut Engine);

/// The faults, by the names that the document gives them.
const FAULTS: [(&str, Fault); 12] = [
    ("schedule off", |engine| engine.without_ticks_for(LONG)),
    ("mapping off", |engine| engine.without_stream_for(LONG)),
    ("role broken", |engine| engine.records.refuse(Some(Function::Drain.name()), "AccessDeniedException")),
    ("one endpoint dead", |engine| {
        engine.receiver.behave(&url("0"), |_| Reply::status(503));
        engine.publish(MINUTE * WAITS_ALREADY);
    }),
    ("all egress dead", |engine| {
        for number in 0..WEBHOOKS {
            engine.receiver.behave(&url(&number.to_string()), |_| Reply::failing(SendError::Timeout));
        }
    }),
    ("one tenant flooding", |engine| {
        for _ in 0..200 {
            let project = Some("22".to_owned());
            let draft = Draft { project, ..engine.draft() };
            engine.publish_draft(draft);
        }
    }),
    ("DynamoDB throttling", |engine| engine.records.refuse(None, "ThrottlingException")),
    ("poison record", Engine::publish_unreadable),
    // The URL was revoked in time, so the endpoint knows nobody any more.
    ("secret leaked", |engine| engine.receiver.behave(&url("0"), |_| Reply::status(404))),
    // A restored table has no stream.
    ("table restored", |engine| engine.without_stream_for(LONG)),
    ("concurrency exhausted", |engine| engine.account.leave_environments(0)),
    ("bad deployment", |engine| {
        for function in [Function::FanOut, Function::Drain, Function::Spread, Function::Tick] {
            engine.account.break_down(function);
        }
    }),
];

/// The alarms that the fault raises, each with the minute after the fault in which it does.
fn raised(webhooks: usize, fault: Fault) -> String {
    let alarms = Arc::new(Alarm::all());
    let mut engine = Engine::on(Aws::USUAL, InOrder, 1, true);
    engine.simulation.end_trace();
    engine.begin_to_watch();
    for number in 0..webhooks {
        engine.slack(&number.to_string());
    }
    let first: Arc<Mutex<BTreeMap<u32, Vec<String>>>> = Arc::default();
    for minute in 0..WELL + LOOKED_AT {
        let (first, alarms) = (Arc::clone(&first), Arc::clone(&alarms));
        engine.after(MINUTE * minute, move |engine| {
            let mut first = first.lock().unwrap();
            // Before two periods have passed, missing data means nothing.
            for alarm in alarms.iter().filter(|_| minute >= WELL) {
                let known = first.values().flatten().any(|known| *known == alarm.name);
                if !known && engine.watch.raises(alarm, engine.simulation.monotonic()) {
                    assert!(minute > WELL, "{} although all is well", alarm.name);
                    first.entry(minute - WELL).or_default().push(alarm.name.clone());
                }
            }
        });
        if minute % 2 == 0 {
            engine.after(MINUTE * minute + MINUTE / 3, |engine| {
                engine.publish(Duration::ZERO);
            });
        }
    }
    engine.after(MINUTE * WELL, fault);
    engine.run_for(MINUTE * (WELL + LOOKED_AT));
    let first = first.lock().unwrap();
    // The age counts from the event.
    let since = |name: &str| if name == "QueueAge" { WAITS_ALREADY } else { 0 };
    let each = first
        .iter()
        .flat_map(|(minute, names)| names.iter().map(move |name| format!("`{name}Alarm` {}", minute + since(name))));
    let all = each.collect::<Vec<_>>().join(", ");
    if all.is_empty() { "none".to_owned() } else { all }
}

#[test]
fn each_fault_raises_the_alarms_that_the_runbook_says_in_so_many_minutes() {
    let operating = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    let (_, table) = operating.split_once("\n| fault | alarms, and after how many minutes |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let said = rows.map(|row| row.split('|').skip(1).take(2).map(str::trim).collect::<Vec<_>>().join(": "));
    let found = FAULTS.map(|(name, fault)| std::thread::spawn(move || format!("{name}: {}", raised(WEBHOOKS, fault))));
    let found = found.map(|found| found.join().unwrap());
    assert_eq!(said.collect::<Vec<_>>().join("\n"), found.join("\n"));
}

#[test]
fn wide_events_that_nobody_spreads_are_noticed() {
    let found = raised(26, |engine| engine.account.break_down(Function::Spread));
    assert_eq!(found, "`ErrorsAlarm` 1, `SpreadAgeAlarm` 12");
}
