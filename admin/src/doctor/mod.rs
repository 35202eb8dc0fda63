//! Examining a deployment: whether anything needs attention, and with `--full` what it consists of and whether its items hold
//! together.
//!
//! The full examination reads the tables whole, as they change. What it finds in them it looks for a second time: only what
//! is there both times counts, since a change that was under way is over by then.

mod attention;
mod deployment;
mod finding;
mod mender;
mod queues;
mod webhooks;

use serde::Serialize;
use shared::{
    domain::Hold,
    store::{DeliveriesSurvey, Store, StoreError, WebhooksSurvey},
};

use crate::{failure::BoxError, screen::Screen, stack::Stack, table::Tone, waiting};
use finding::Findings;
use mender::Mender;

/// Whether `doctor` has found something. Other commands find nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing needs attention.
    Nothing,
    /// Something does.
    Something,
}

/// How much there is.
#[derive(Serialize)]
struct Summary {
    organizations: usize,
    webhooks: usize,
    suspended: usize,
    /// Queues in which something waits.
    waiting: usize,
    quarantined: usize,
    /// What only the full examination counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<FullSummary>,
}

/// What the full examination counts.
#[derive(Serialize)]
struct FullSummary {
    organizations: usize,
    webhooks: usize,
    paused: usize,
    suspended: usize,
    inactive: usize,
    pending: usize,
    diverted: usize,
}

/// The result in JSON.
#[derive(Serialize)]
struct Body<'a> {
    findings: &'a Findings,
    /// What could not be examined.
    skipped: &'a [String],
    /// `null` if a table is missing.
    summary: Option<&'a Summary>,
}

/// Says what needs attention.
///
/// # Errors
///
/// When it cannot be found out.
pub(crate) async fn run(stack: &Stack, screen: &mut Screen<'_>, full: bool) -> Result<Found, BoxError> {
    let (store, mender) = (stack.store(), Mender::of(stack));
    let tables = store.survey_tables().await?;
    let mut findings = deployment::tables(&tables, &mender);
    let mut skipped = Vec::new();
    if tables.iter().any(|(_, table)| table.as_ref().is_some_and(|table| table.recovery.is_none())) {
        skipped.push("point-in-time recovery, of which this DynamoDB knows nothing".to_owned());
    }
    let stream = tables[1].1.as_ref().and_then(|table| table.stream.as_deref());
    match (&stack.drain, stream) {
        (Some(drain), Some(stream)) => match deployment::lambda(&drain.aws, stream, &mender).await? {
            Some(found) => findings.extend(found),
            None => {
                skipped.push("the stream's mapping and the schedules, of which this Lambda knows nothing".to_owned());
            }
        },
        (Some(_), None) => {}
        (None, _) => {
            let why = "no --stack-name is given, or another DynamoDB than AWS's and no --lambda-endpoint";
            skipped.push(format!("the stream's mapping and the schedules, since {why}"));
        }
    }
    let mut summary = None;
    if tables.iter().all(|(_, table)| table.is_some()) {
        let (mut counted, needing) = attention(store, screen, &mender).await?;
        findings.extend(needing);
        if full {
            findings.extend(items(store, screen, &mender, &mut counted).await?);
        }
        summary = Some(counted);
    }
    let body = Body { findings: &findings, skipped: &skipped, summary: summary.as_ref() };
    screen.result(&body, text(&body, screen.colour))?;
    Ok(if findings.is_empty() { Found::Nothing } else { Found::Something })
}

/// What needs attention of what is due, held, suspended or quarantined.
async fn attention(store: &Store, screen: &Screen<'_>, mender: &Mender) -> Result<(Summary, Findings), StoreError> {
    let progress = screen.progress("reading webhooks", Some(0));
    let survey = waiting::survey(store, None, &progress).await?;
    progress.finish_and_clear();
    let mut findings = attention::judge(&survey, store.clock().now(), store.retention(), mender);
    let (quarantined, records) = attention::quarantined(store, mender).await?;
    findings.extend(records);
    let summary = Summary {
        organizations: survey.organizations,
        webhooks: survey.webhooks,
        suspended: survey.suspended.len(),
        waiting: survey.waiting.len(),
        quarantined,
        full: None,
    };
    Ok((summary, findings))
}

/// What is wrong with the items of the tables, by looking twice.
async fn items(
    store: &Store,
    screen: &Screen<'_>,
    mender: &Mender,
    summary: &mut Summary,
) -> Result<Findings, StoreError> {
    let progress = screen.progress("reading tables", Some(4));
    let (webhooks, deliveries, first) = look(store, mender, &progress).await?;
    summary.full = Some(counts(&webhooks, &deliveries));
    let mut findings = Findings::new();
    if !first.is_empty() {
        let (_, _, second) = look(store, mender, &progress).await?;
        findings.extend(first.intersection(&second).cloned());
    }
    progress.finish_and_clear();
    Ok(findings)
}

async fn look(
    store: &Store,
    mender: &Mender,
    progress: &indicatif::ProgressBar,
) -> Result<(WebhooksSurvey, DeliveriesSurvey, Findings), StoreError> {
    let webhooks = store.survey_webhooks().await?;
    progress.inc(1);
    let deliveries = store.survey_deliveries().await?;
    progress.inc(1);
    let mut findings = webhooks::judge(&webhooks, mender);
    findings.extend(queues::judge(&webhooks, &deliveries, store.clock().now(), mender));
    Ok((webhooks, deliveries, findings))
}

fn counts(webhooks: &WebhooksSurvey, deliveries: &DeliveriesSurvey) -> FullSummary {
    let held = |hold| webhooks.webhooks.iter().filter(|webhook| webhook.hold() == Some(hold)).count();
    FullSummary {
        organizations: webhooks.organizations.len(),
        webhooks: webhooks.webhooks.len(),
        paused: held(Hold::Paused),
        suspended: held(Hold::Suspended),
        inactive: held(Hold::Inactive),
        pending: deliveries.queues.values().map(|queue| queue.pending).sum(),
        diverted: deliveries.queues.values().map(|queue| queue.diverted.len()).sum(),
    }
}

fn text(body: &Body<'_>, colour: bool) -> String {
    let mut text: String = body.skipped.iter().map(|what| format!("skipped: {what}\n")).collect();
    text += &body.summary.map(counted).unwrap_or_default();
    for finding in body.findings {
        let what = Tone::Bad.paint(&finding.what, colour);
        text += &format!("found: {what}\n  fix: {}\n", finding.fix);
    }
    text + &match body.findings.len() {
        0 => "nothing needs attention\n".to_owned(),
        1 => "1 finding\n".to_owned(),
        count => format!("{count} findings\n"),
    }
}

fn counted(summary: &Summary) -> String {
    if let Some(FullSummary { organizations, webhooks, paused, suspended, inactive, pending, diverted }) = &summary.full
    {
        return format!(
            "{organizations} organizations, {webhooks} webhooks ({paused} paused, {suspended} suspended, {inactive} inactive), \
             {pending} deliveries pending, {diverted} diverted\n"
        );
    }
    let Summary { organizations, webhooks, suspended, waiting, quarantined, .. } = summary;
    format!(
        "{organizations} organizations, {webhooks} webhooks ({suspended} suspended), something waits in {waiting} queues, \
         {quarantined} records quarantined\n"
    )
}
