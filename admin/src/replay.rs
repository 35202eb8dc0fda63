//! Queueing events again that the stream no longer holds, by fan-out's own code.

use std::{io::Write, time::Duration};

use shared::{
    delivery::{Batch, Waker, fan_out},
    domain::{EventId, OrganizationId, Timestamp},
    store::{EventSpan, Store},
};

use crate::{
    doctor::Drain,
    failure::{BoxError, missing},
};

/// How many events are queued at once.
const PAGE: usize = 100;

/// How long a page may take; nothing ends the operator's own process.
const BUDGET: Duration = Duration::from_secs(900);

/// Queues the events accepted from `from` up to but not including `to` for the webhooks that want them now. A delivery that is
/// there already stays as it is, so that it can be run again at any time and where it broke off.
pub(crate) async fn run(
    store: &Store,
    drain: Option<Drain>,
    output: &mut dyn Write,
    id: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
    event_type: Option<String>,
) -> Result<(), BoxError> {
    let organization = store.organization(id).await?.ok_or_else(|| missing(id))?;
    if from >= to {
        return Err("--from must be before --to".into());
    }
    let waker = match drain {
        Some((aws, function)) => Waker::of(&aws, Some(function)),
        None => {
            writeln!(output, "Drain is not woken from here; the tick wakes it within seconds.")?;
            Waker::default()
        }
    };
    let (mut next, mut count) = (Some(EventId::new(from, 0)), 0);
    while let Some(from) = next {
        let span = EventSpan { from, to: EventId::new(to, 0).previous(), event_type: event_type.clone() };
        let found = store.event_images(id, organization.event_shards, &span, PAGE).await?;
        next = found.next;
        let size = found.images.len();
        if size > 0 {
            let answer = fan_out(store, &waker, Batch::of_images(found.images)?, BUDGET).await;
            let failed = answer.batch_item_failures.len();
            if failed > 0 {
                let again = from.time();
                return Err(format!("{failed} events could not be queued; go on with --from {again}").into());
            }
            count += size;
        }
        let until = next.map_or(to, EventId::time);
        writeln!(output, "{count} events up to {until}")?;
    }
    Ok(())
}
