//! Stream records that fan-out could not process: lists them, queues their events after all, and removes them.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use shared::{
    delivery::{Batch, fan_out},
    domain::{Moment, Timestamp},
    store::Quarantined,
};

use crate::{
    failure::BoxError,
    moments::from_now,
    screen::Screen,
    stack::Stack,
    table::{Table, Tone},
};

/// How long fan-out may take for one event; nothing ends the operator's own process.
const BUDGET: Duration = Duration::from_secs(300);

/// A record as it is listed, without its text.
#[derive(Serialize)]
struct Row {
    id: String,
    /// Partition and id of its item in the Events table.
    partition: Option<String>,
    event: Option<String>,
    since: Moment,
    reason: String,
}

impl From<Quarantined> for Row {
    fn from(record: Quarantined) -> Self {
        let (partition, event) = record.event_key().unzip();
        Self { id: record.id, partition, event, since: record.since.into(), reason: record.reason }
    }
}

/// Lists the records.
pub(crate) async fn list(stack: &Stack, screen: &mut Screen<'_>, limit: usize) -> Result<(), BoxError> {
    let (records, more) = stack.store().quarantined(limit).await?;
    let rows: Vec<Row> = records.into_iter().map(Row::from).collect();
    let text = text(&rows, more, stack.store().clock().now(), screen.colour);
    screen.result(&json!({"records": rows, "more": more}), text)
}

fn text(rows: &[Row], more: bool, now: Timestamp, colour: bool) -> String {
    if rows.is_empty() {
        return "Nothing is quarantined.\n".to_owned();
    }
    let mut table = Table::new(&["RECORD", "PARTITION", "EVENT", "SINCE", "REASON"]);
    for row in rows {
        let (partition, event) = (row.partition.clone().unwrap_or_default(), row.event.clone().unwrap_or_default());
        let cells = [row.id.clone(), partition, event, from_now(Some(row.since.0), now), row.reason.clone()];
        table.row(Tone::Plain, cells.to_vec());
    }
    table.render(colour) + if more { "and more: give a higher --limit\n" } else { "" }
}

/// Queues the events of the record with that id, or of all records, as they are in the Events table now, and removes the
/// records. Says of the others why they stay.
pub(crate) async fn retry(stack: &Stack, screen: &mut Screen<'_>, id: Option<&str>) -> Result<(), BoxError> {
    let records = match id {
        Some(id) => vec![stack.store().quarantined_record(id).await?.ok_or_else(|| missing(id))?],
        None => stack.store().quarantined(usize::MAX).await?.0,
    };
    let progress = screen.progress("queueing events", Some(records.len() as u64));
    let (mut queued, mut kept) = (Vec::new(), Vec::new());
    for record in &records {
        match retry_one(stack, record).await? {
            Ok(()) => queued.push(record.id.clone()),
            Err(why) => kept.push(json!({"id": record.id, "why": why})),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let mut text = String::new();
    for id in &queued {
        text += &format!("{id}: its event is queued\n");
    }
    for one in &kept {
        let (id, why) = (one["id"].as_str().unwrap_or_default(), one["why"].as_str().unwrap_or_default());
        text += &format!("{id}: stays: {why}\n");
    }
    screen.result(&json!({"queued": queued, "kept": kept}), text)?;
    match kept.len() {
        0 => Ok(()),
        count => Err(format!("{count} of {} records stay quarantined", records.len()).into()),
    }
}

/// Queues one event. Says why not if it cannot be queued.
async fn retry_one(stack: &Stack, record: &Quarantined) -> Result<Result<(), String>, BoxError> {
    let Some((partition, event)) = record.event_key() else {
        return Ok(Err("it does not name its event; put the event again, then delete this record".to_owned()));
    };
    let Some(image) = stack.store().event_image(&partition, &event).await? else {
        let advice = "put it again, then delete this record";
        return Ok(Err(format!("the Events table has no item {partition} {event} any more; {advice}")));
    };
    let batch = Batch::of_images(vec![image])?;
    if let Some(fault) = batch.fault() {
        return Ok(Err(format!("item {partition} {event} of the Events table is not an event yet: {fault}")));
    }
    if !fan_out(stack.store(), &stack.app.waker, batch, BUDGET).await.batch_item_failures.is_empty() {
        return Ok(Err("DynamoDB did not take all writes; try again".to_owned()));
    }
    stack.store().delete_quarantined(&record.id).await?;
    Ok(Ok(()))
}

/// Removes a record.
pub(crate) async fn delete(stack: &Stack, screen: &mut Screen<'_>, id: &str) -> Result<(), BoxError> {
    if !stack.store().delete_quarantined(id).await? {
        return Err(missing(id));
    }
    screen.result(&json!({"deleted": id}), format!("{id} is deleted.\n"))
}

fn missing(id: &str) -> BoxError {
    format!("no record {id} is quarantined; `cargo admin quarantine list` shows those that are").into()
}
