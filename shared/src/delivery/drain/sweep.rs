//! Discards the deliveries of a deleted webhook.

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

/// How long after its first sweep a deleted queue is swept for the last time. A fan-out that found the webhook before
/// its deletion may put a delivery after the first sweep and crash before it touches the queue. By this time the stream
/// delivers no record that old any more.
const AFTERMATH: Duration = Duration::from_secs(25 * 3_600);

/// How many pending and how many diverted deliveries are read at once.
const PAGE: usize = 100;

/// Discards the pending and diverted deliveries of a deleted webhook, which nobody can reach any more. The first sweep
/// leaves the queue due for a second one after [`AFTERMATH`].
pub(super) async fn sweep(
    drain: &Drain,
    queue: &str,
    token: &str,
    state: QueueState,
    deadline: Duration,
    tally: &mut Tally,
) -> Result<Left, StoreError> {
    // `from` is where reading continues, `None` for the beginning. `touched` is the count of touches at the last
    // beginning.
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
                // The pointer leads to a delivery that is not diverted, for instance after a partial restore. If it
                // stayed, every sweep would find it again.
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
