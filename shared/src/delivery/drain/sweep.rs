//! Clearing up after a webhook was deleted.

use std::time::Duration;

use super::{
    Drain, Tally,
    patience::{LAST_START, LEASE},
};
use crate::{
    domain::{DeliveryState, QueueState},
    store::{DeliveryStore as _, Finish, QueueStore as _, Release, Renewal, StoreError},
};

/// When a deleted queue is looked at for the last time. A fan-out that looked for subscribers before the deletion may put a
/// delivery after the first sweep and end before it has touched the queue; the stream brings no record that old.
const AFTERMATH: Duration = Duration::from_secs(25 * 3_600);

/// Discards what is pending for a webhook that is gone; once more after [`AFTERMATH`].
pub(super) async fn sweep(
    drain: &Drain,
    queue: &str,
    token: &str,
    state: QueueState,
    deadline: Duration,
    tally: &mut Tally,
) -> Result<(), StoreError> {
    let mut touched = state.touched;
    loop {
        if drain.clock().monotonic() + LAST_START > deadline {
            drain.store.release(queue, token, Release::More, &Renewal::default()).await?;
            return Ok(());
        }
        let pending = drain.store.pending(queue, None, 100).await?;
        for queued in &pending {
            let reason = Some("webhook deleted".to_owned());
            let finish = Finish { state: DeliveryState::Discarded, reason, attempt: None };
            if drain.store.finish(queue, queued.delivery.event, &finish).await? {
                tally.discarded += 1;
            }
        }
        let renewal = Renewal { until: drain.clock().now().plus(LEASE), ..Renewal::default() };
        let release = match state.not_before {
            None => Release::NotBefore(drain.clock().now().plus(AFTERMATH)),
            Some(_) => Release::Empty { touched },
        };
        if pending.is_empty() && drain.store.release(queue, token, release, &renewal).await? {
            return Ok(());
        }
        match drain.store.renew(queue, token, &renewal).await? {
            Some(state) => touched = state.touched,
            None => return Ok(()),
        }
    }
}
