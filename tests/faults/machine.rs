//! What the simulated machine imitates of AWS, so that the other tests can rely on it.

use std::time::Duration;

use crate::support::simulated::{Aws, Engine, Function, InOrder, Reply, url};

/// Five webhooks whose endpoints take five seconds, and an event for each by itself: five drains at once, if they are let.
fn five_slow_ones(aws: Aws) -> Engine {
    let mut engine = Engine::on(aws, InOrder, 1, true);
    for number in 0..5 {
        let key = engine.slack(&format!("S{number}"));
        let slow = Reply { takes: Duration::from_secs(5), ..Reply::status(200) };
        engine.receiver.behave(&url(&format!("S{number}")), move |_| slow.clone());
        engine.queue_event(&key);
        engine.after(Duration::from_millis(200), move |engine| {
            let queue = engine.queue(&key);
            engine.request("wake", |_, waker| async move { waker.wake(&[queue]).await });
        });
    }
    engine
}

#[test]
fn functions_share_the_environments_and_what_finds_none_comes_later() {
    // The tick stays in one of three.
    for limit in [None, Some(3)] {
        let mut engine = five_slow_ones(Aws { environments: limit, ..Aws::USUAL });
        engine.run();
        engine.assert_quiet();
        let usage = engine.account.usage(Function::Drain);
        assert_eq!(usage.peak, limit.map_or(5, |limit| limit - 1));
        assert!(usage.peak_demand >= 5, "those that wait are counted too");
        for number in 0..5 {
            assert_eq!(engine.receiver.accepted(&url(&format!("S{number}"))), [number], "{limit:?}");
        }
        let last =
            (0..5).map(|number| engine.receiver.arrivals(&url(&format!("S{number}")))[0].since_start).max().unwrap();
        let waited = last - Duration::from_secs(1_000);
        assert_eq!(waited > Duration::from_secs(5), limit.is_some(), "{waited:?}");
    }
}

#[test]
fn an_environment_that_has_nothing_to_do_is_used_again_and_starts_warm() {
    let mut engine = Engine::on(Aws { cold_start: Duration::from_millis(700), ..Aws::USUAL }, InOrder, 1, true);
    engine.slack("X");
    for number in 0..3 {
        engine.after(Duration::from_secs(20 * number), |engine| {
            engine.publish(Duration::ZERO);
        });
    }
    engine.run();
    let at: Vec<Duration> = engine.receiver.arrivals(&url("X")).iter().map(|arrival| arrival.since_start).collect();
    let took: Vec<Duration> = (0..3).map(|number| at[number as usize] - engine.records.event(number).at).collect();
    assert!(took[0] > Duration::from_millis(1_400), "fan-out and drain start cold: {took:?}");
    assert!(took[1..].iter().all(|took| *took < Duration::from_millis(700)), "{took:?}");
    assert_eq!(engine.account.usage(Function::Drain).cold_starts, 1);
}

#[test]
fn a_smaller_function_takes_longer_for_the_same_work() {
    let longest = |processor| {
        let mut engine = Engine::on(Aws { processor, ..Aws::USUAL }, InOrder, 1, true);
        for number in 0..20 {
            engine.slack(&format!("H{number}"));
        }
        for _ in 0..20 {
            engine.publish(Duration::ZERO);
        }
        engine.run();
        engine.account.usage(Function::FanOut).longest
    };
    let (free, shared) = (longest(false), longest(true));
    let share = Function::FanOut.settings().share();
    // 400 deliveries are 400 calls and some, each 0.3 ms of a whole processor.
    assert!(shared > Duration::from_micros(120_000).div_f64(share) && free < shared, "{free:?} {shared:?}");
}

#[test]
fn a_partition_that_takes_too_much_is_throttled_and_no_other() {
    let mut engine = Engine::on(Aws { environments: None, ..Aws::USUAL }, InOrder, 1, true);
    let (hot, cold) = (engine.slack("hot"), engine.slack("cold"));
    let events: Vec<u32> = (0..10).map(|_| engine.queue_event(&cold)).collect();
    let ids: Vec<_> = events.into_iter().map(|event| engine.records.id(event)).collect();
    let (queue, other) = (engine.queue(&hot), engine.queue(&cold));
    engine.request("flood", |store, _| async move {
        let flood = ids.iter().cycle().take(2_000).map(|id| store.touch(&queue, *id));
        let touched = futures_util::future::join_all(flood).await;
        assert!(touched.iter().any(Result::is_ok) && touched.iter().any(Result::is_err), "some are too many");
        assert!(store.pending(&queue, None, 1).await.is_ok(), "reads have a limit of their own");
        assert!(store.touch(&other, ids[0]).await.is_ok());
    });
    engine.run();
    assert!(engine.records.throttles() > 0);
}
