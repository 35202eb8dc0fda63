//! Queueing events again that the stream no longer holds, by fan-out's own code.

use std::time::Duration;

use serde_json::json;
use shared::{
    delivery::{Batch, fan_out},
    domain::{EventId, OrganizationId, Timestamp},
    store::EventSpan,
};

use crate::{
    failure::{BoxError, missing},
    screen::Screen,
    stack::Stack,
};

/// How many events are queued at once.
const PAGE: usize = 100;

/// How long a page may take; nothing ends the operator's own process.
const BUDGET: Duration = Duration::from_secs(900);

/// Queues the events accepted from `from` up to but not including `to` for the webhooks that want them now. A delivery that is
/// there already stays as it is, so that it can be run again at any time and where it broke off.
pub(crate) async fn run(
    stack: &Stack,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
    event_type: Option<String>,
) -> Result<(), BoxError> {
    let (store, waker) = (stack.store(), &stack.app.waker);
    let organization = store.organization(id).await?.ok_or_else(|| missing(id))?;
    if from >= to {
        return Err("--from must be before --to".into());
    }
    if stack.drain.is_none() {
        screen.note("Drain is not woken from here; the tick wakes it within seconds.")?;
    }
    let progress = screen.progress("queueing events", Some(to.since(from).as_secs()));
    let (mut next, mut count, start) = (Some(EventId::new(from, 0)), 0, from);
    while let Some(from) = next {
        let span = EventSpan { from, to: EventId::new(to, 0).previous(), event_type: event_type.clone() };
        let found = store.event_images(id, organization.event_shards, &span, PAGE).await?;
        next = found.next;
        let size = found.images.len();
        if size > 0 {
            let answer = fan_out(store, waker, Batch::of_images(found.images)?, BUDGET).await;
            let failed = answer.batch_item_failures.len();
            if failed > 0 {
                let again = from.time();
                return Err(format!("{failed} events could not be queued; go on with --from {again}").into());
            }
            count += size;
        }
        let until = next.map_or(to, EventId::time);
        progress.set_position(until.since(start).as_secs());
        progress.suspend(|| screen.note(format!("{count} events up to {until}")))?;
    }
    progress.finish_and_clear();
    screen.result(&json!({"events": count, "until": to.to_string()}), "")
}
