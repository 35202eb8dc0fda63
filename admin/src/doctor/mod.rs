//! Examining a deployment: what it consists of, and whether its items hold together.
//!
//! It reads the tables whole, as they change. What it finds in them it looks for a second time: only what is there both times
//! counts, since a change that was under way is over by then.

mod deployment;
mod findings;
mod queues;
mod webhooks;

use std::io::Write;

use shared::{
    aws::Aws,
    domain::Hold,
    store::{DeliveriesSurvey, Store, StoreError, WebhooksSurvey},
};

use crate::failure::BoxError;
use findings::Findings;

/// How to reach Lambda, and the name of the function that delivers.
pub(crate) type Drain = (Aws, String);

/// Says what is wrong.
///
/// # Errors
///
/// When something is, or cannot be found out.
pub(crate) async fn run(store: &Store, drain: Option<Drain>, output: &mut dyn Write) -> Result<(), BoxError> {
    let tables = store.survey_tables().await?;
    let mut findings = deployment::tables(&tables);
    if tables.iter().any(|(_, table)| table.as_ref().is_some_and(|table| table.recovery.is_none())) {
        writeln!(output, "skipped: point-in-time recovery, of which this DynamoDB knows nothing")?;
    }
    let stream = tables[1].1.as_ref().and_then(|table| table.stream.as_deref());
    match (drain, stream) {
        (Some((aws, drain)), Some(stream)) => findings.extend(deployment::lambda(&aws, stream, &drain).await?),
        (Some(_), None) => {}
        (None, _) => {
            let why = "no --drain-function is given, or another DynamoDB than AWS's and no --lambda-endpoint";
            writeln!(output, "skipped: the stream's mapping and the schedules, since {why}")?;
        }
    }
    if tables.iter().all(|(_, table)| table.is_some()) {
        let (webhooks, deliveries, first) = look(store).await?;
        summarize(output, &webhooks, &deliveries)?;
        if !first.is_empty() {
            let (_, _, second) = look(store).await?;
            findings.extend(first.intersection(&second).cloned());
        }
    }
    for finding in &findings {
        writeln!(output, "found: {finding}")?;
    }
    match findings.len() {
        0 => Ok(writeln!(output, "nothing is wrong")?),
        1 => Err("1 finding".into()),
        count => Err(format!("{count} findings").into()),
    }
}

async fn look(store: &Store) -> Result<(WebhooksSurvey, DeliveriesSurvey, Findings), StoreError> {
    let webhooks = store.survey_webhooks().await?;
    let deliveries = store.survey_deliveries().await?;
    let mut findings = webhooks::judge(&webhooks);
    findings.extend(queues::judge(&webhooks, &deliveries, store.clock().now()));
    Ok((webhooks, deliveries, findings))
}

fn summarize(
    output: &mut dyn Write,
    webhooks: &WebhooksSurvey,
    deliveries: &DeliveriesSurvey,
) -> Result<(), std::io::Error> {
    let held = |hold| webhooks.webhooks.iter().filter(|webhook| webhook.hold() == Some(hold)).count();
    let pending: usize = deliveries.queues.values().map(|queue| queue.pending).sum();
    let diverted: usize = deliveries.queues.values().map(|queue| queue.diverted.len()).sum();
    writeln!(
        output,
        "{} organizations, {} webhooks ({} paused, {} suspended, {} inactive), {pending} deliveries pending, {diverted} diverted",
        webhooks.organizations.len(),
        webhooks.webhooks.len(),
        held(Hold::Paused),
        held(Hold::Suspended),
        held(Hold::Inactive),
    )
}
