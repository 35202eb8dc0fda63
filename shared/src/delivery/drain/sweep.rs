//! Clearing up after a webhook was deleted.

use std::time::Duration;

use super::{
    Drain, Tally,
    left::Left,
    limits::{LEASE, MIN_TIME_LEFT},
};
use crate::{
    delivery::reason::WEBHOOK_DELETED,
    domain::{DeliveryState, QueueState},
    store::{Finish, Found, Release, Renewal, StoreError},
};

/// When a deleted queue is looked at for the last time. A fan-out that looked for subscribers before the deletion may put a
/// delivery after the first sweep and end before it has touched the queue; the stream brings no record that old.
const AFTERMATH: Duration = Duration::from_secs(25 * 3_600);

/// How many diverted deliveries are looked for at once.
const PAGE: usize = 100;

/// Discards what is pending or diverted for a webhook that is gone: nobody can reach it any more. Once more after [`AFTERMATH`].
pub(super) async fn sweep(
    drain: &Drain,
    queue: &str,
    token: &str,
    state: QueueState,
    deadline: Duration,
    tally: &mut Tally,
) -> Result<Left, StoreError> {
    // From where on something may be left, and how often the queue had been touched when that was the beginning.
    let (mut from, mut touched) = (None, state.touched);
    loop {
        if drain.clock().monotonic() + MIN_TIME_LEFT > deadline {
            drain.store.release(queue, token, Release::More, &Renewal::default()).await?;
            return Ok(Left::More);
        }
        let Found { pending, beyond } = drain.store.pending(queue, from, PAGE).await?;
        let mut discarded = 0;
        for queued in &pending {
            let finish =
                Finish { state: DeliveryState::Discarded, reason: Some(WEBHOOK_DELETED.to_owned()), attempts: None };
            discarded += usize::from(drain.store.finish(queue, queued.delivery.event, &finish).await?);
        }
        let diverted = drain.store.diverted_events(queue, PAGE).await?;
        for event in &diverted {
            let done = drain.store.discard_diverted(queue, *event, WEBHOOK_DELETED).await?;
            if !done {
                // A pointer to what is not diverted, as after a partial restore, would be found forever.
                drain.store.forget_pointer(queue, *event).await?;
            }
            discarded += usize::from(done);
        }
        tally.note(drain.clock().now(), Tally { discarded, ..Tally::default() });
        let renewal = Renewal { until: drain.clock().now().plus(LEASE), ..Renewal::default() };
        let release = match state.not_before {
            None => Release::NotBefore(drain.clock().now().plus(AFTERMATH)),
            Some(_) => Release::Empty { touched },
        };
        let done = pending.is_empty() && beyond.is_none() && diverted.is_empty();
        if done && drain.store.release(queue, token, release, &renewal).await? {
            return Ok(Left::Alone);
        }
        let Some(state) = drain.store.renew(queue, token, &renewal).await? else { return Ok(Left::Alone) };
        from = if done { None } else { beyond.or(from) };
        if from.is_none() {
            touched = state.touched;
        }
    }
}
