//! Sends a test message at once, whatever the webhook's state, under the lease of its queue and at the pace of its
//! form.

use std::time::Duration;

use super::{
    outcome::{Answer, SendError, failure_text, status_of},
    sender::{Post, Sender},
};
use crate::{
    domain::{Attempt, Timestamp},
    store::{Lease, LeaseFor, Release, Renewal, Store, StoreError},
};

/// How long to wait for a worker that has the queue's lease.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the lease lasts. It is not renewed.
const LEASE: Duration = Duration::from_secs(25);

/// Sends `post` under the lease of the queue and returns the attempt and the endpoint's answer. `None` if a worker had
/// the lease for the three seconds that this waits. `pace` is the least time until the next message, or `None`.
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
    let (attempt, result) = timed(store, sender, post).await;
    let paced_until = pace.map(|pace| clock.now().plus(pace));
    let renewal = Renewal { paced_until, ..Renewal::default() };
    store.release(queue, &token, Release::AsItWas, &renewal).await?;
    Ok(Some((attempt, result)))
}

/// Sends `post` once, to an endpoint that has no queue.
pub async fn post_once(store: &Store, sender: &dyn Sender, post: &Post) -> Attempt {
    timed(store, sender, post).await.0
}

async fn timed(store: &Store, sender: &dyn Sender, post: &Post) -> (Attempt, Result<Answer, SendError>) {
    let clock = store.clock();
    let (at, started) = (clock.now(), clock.monotonic());
    let result = sender.post(post).await;
    let duration = clock.monotonic().saturating_sub(started);
    (attempt(at, duration, &result), result)
}

fn attempt(at: Timestamp, duration: Duration, result: &Result<Answer, SendError>) -> Attempt {
    Attempt {
        at,
        status: status_of(result),
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        failure: failure_text(result),
    }
}
