//! Bursts to Slack: few messages, none too soon, everything once and in order.

use std::time::Duration;

use shared::{
    delivery::{Command, Post, send_test},
    domain::Secret,
};

use crate::support::simulated::{Arrival, Engine, InOrder, Reply, url};

fn assert_a_second_apart(arrivals: &[Arrival]) {
    for pair in arrivals.windows(2) {
        let gap = pair[1].at.since(pair[0].at);
        assert!(gap >= Duration::from_secs(1), "{gap:?} between {:?} and {:?}", pair[0].events, pair[1].events);
    }
}

#[test]
fn n_queued_events_arrive_in_n_twentieths_and_one_message_in_order_and_once() {
    for n in [1, 2, 19, 20, 21, 40, 45, 101, 137, 400] {
        let mut engine = Engine::new(InOrder, n, true);
        let key = engine.slack("X");
        for _ in 0..n {
            engine.queue_event(&key);
        }
        engine.drain(Command::Wake(vec![engine.queue(&key)]));
        engine.run();
        engine.assert_quiet();
        let arrivals = engine.receiver.arrivals(&url("X"));
        assert!(arrivals.len() as u64 <= n.div_ceil(20) + 1, "{n} events in {} messages", arrivals.len());
        assert_a_second_apart(&arrivals);
        let numbers: Vec<_> = engine.records.numbers();
        assert_eq!(engine.receiver.accepted(&url("X")), numbers);
    }
}

#[test]
fn a_test_message_in_the_middle_of_a_burst_keeps_the_second_too() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    for _ in 0..60 {
        engine.queue_event(&key);
    }
    let queue = engine.queue(&key);
    engine.drain(Command::Wake(vec![queue.clone()]));
    for at in [0, 300, 1_400, 2_800, 3_500] {
        let (queue, receiver) = (queue.clone(), engine.receiver.clone());
        engine.after(Duration::from_millis(at), move |engine| {
            engine.request("test", |store, waker| async move {
                let post = Post::json(Secret::new(url("X")), "{}".to_owned());
                let sent = send_test(&store, &receiver, &queue, Some(Duration::from_millis(1_050)), &post).await;
                assert!(sent.is_ok());
                waker.wake(&[queue]).await;
            });
        });
    }
    engine.run();
    engine.assert_quiet();
    let arrivals = engine.receiver.arrivals(&url("X"));
    assert_a_second_apart(&arrivals);
    assert!(arrivals.iter().any(|arrival| arrival.events.is_empty()), "at least one test message was sent");
    assert_eq!(engine.receiver.accepted(&url("X")), engine.records.numbers());
}

#[test]
fn a_burst_of_a_thousand_meets_at_most_one_429_at_an_endpoint_that_enforces_the_second() {
    let mut engine = Engine::new(InOrder, 1, true);
    let key = engine.slack("X");
    let (machine, mut last) = (engine.simulation.clone(), None);
    let mut refused = 0;
    engine.receiver.behave(&url("X"), move |_| {
        let now = machine.now();
        let soon = last.is_some_and(|last| now.since(last) < Duration::from_secs(1));
        refused += u32::from(soon);
        assert!(refused <= 1, "Slack had to refuse {refused} messages");
        if soon {
            return Reply { retry_after: Some(30), ..Reply::status(429) };
        }
        last = Some(now);
        Reply::status(200)
    });
    // As they come: some are sent before the others are there.
    for part in 0..10 {
        engine.after(Duration::from_millis(part * 700), |engine| {
            for _ in 0..100 {
                engine.publish(Duration::ZERO);
            }
        });
    }
    engine.run();
    engine.assert_quiet();
    let arrivals = engine.receiver.arrivals(&url("X"));
    assert!(arrivals.iter().filter(|arrival| arrival.status == Some(429)).count() <= 1);
    assert!(arrivals.len() <= 62, "{} messages for 1,000 events", arrivals.len());
    assert_eq!(engine.receiver.accepted(&url("X")), engine.records.numbers());
    engine.assert_nothing_lost(&key);
}
