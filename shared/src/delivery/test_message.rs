//! Sending a test message now, whatever the webhook's state, under its queue's lease and at its pace.

use std::time::Duration;

use super::{
    outcome::{Answer, SendError, failure_text, status_of},
    sender::{Post, Sender},
};
use crate::{
    domain::{Attempt, Timestamp},
    store::{Lease, LeaseFor, Release, Renewal, Store, StoreError},
};

/// How long a worker that has the queue is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the lease is held at the most.
const LEASE: Duration = Duration::from_secs(25);

/// What the endpoint said; `None` if a worker had the queue all the time. `post` is made once the lease is there.
///
/// # Errors
///
/// When DynamoDB does not answer.
pub async fn send_test(
    store: &Store,
    sender: &dyn Sender,
    queue: &str,
    pace: Option<Duration>,
    post: &Post,
) -> Result<Option<(Attempt, Result<Answer, SendError>)>, StoreError> {
    let clock = store.clock();
    let token = store.random_hex::<16>();
    let start = clock.monotonic();
    let state = loop {
        match store.lease(queue, &token, clock.now().plus(LEASE), LeaseFor::TestMessage).await? {
            Lease::Taken(state) => break state,
            _ if clock.monotonic().saturating_sub(start) > PATIENCE => return Ok(None),
            _ => clock.sleep(Duration::from_millis(200)).await,
        }
    };
    if let Some(until) = state.paced_until.filter(|until| *until > clock.now()) {
        clock.sleep(until.since(clock.now())).await;
    }
    let (at, started) = (clock.now(), clock.monotonic());
    let result = sender.post(post).await;
    let duration = clock.monotonic().saturating_sub(started);
    let paced_until = pace.map(|pace| clock.now().plus(pace));
    let renewal = Renewal { paced_until, ..Renewal::default() };
    store.release(queue, &token, Release::AsItWas, &renewal).await?;
    Ok(Some((attempt(at, duration, &result), result)))
}

fn attempt(at: Timestamp, duration: Duration, result: &Result<Answer, SendError>) -> Attempt {
    Attempt {
        at,
        status: status_of(result),
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        failure: failure_text(result),
    }
}
