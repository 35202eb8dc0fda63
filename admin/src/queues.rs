//! Lists the queues in which something waits, the worst first.

use serde::Serialize;
use shared::{
    api::operations::{State, WebhookBody},
    domain::{Hold, Moment, OrganizationId, Timestamp},
    store::{is_lane, organization_of},
};

use crate::{
    failure::{BoxError, missing},
    moments::from_now,
    screen::Screen,
    stack::Stack,
    table::{Table, Tone},
    waiting::{Waiting, survey},
};

/// A queue in which something waits.
#[derive(Serialize)]
struct Row {
    organization: String,
    /// The webhook's id; that of a deleted webhook, or the name of a lane of spread tasks, as the queue has it.
    queue: String,
    /// The state of the webhook, `deleted`, or `spreading` for a lane.
    state: &'static str,
    /// Whether a worker should be at it now: it is due, and nothing delays it.
    due: bool,
    hold: Option<Hold>,
    failures: u32,
    oldest: Option<Moment>,
    next_attempt: Option<Moment>,
    /// `null` for a lane and for a deleted webhook.
    webhook: Option<WebhookBody>,
}

impl Row {
    fn of(waiting: &Waiting, now: Timestamp) -> Self {
        let Waiting { key, webhook, queue } = waiting;
        let state = match webhook {
            Some(webhook) => State::of(webhook, queue).as_str(),
            None if is_lane(key) => "spreading",
            None => "deleted",
        };
        let next = queue.due_at.map(|due| queue.not_before.map_or(due, |wait| due.max(wait)));
        let name = key.split_once('#').map_or(key.as_str(), |(_, name)| name);
        Self {
            organization: organization_of(key).to_owned(),
            queue: if is_lane(key) { key.clone() } else { name.to_owned() },
            state,
            due: next.is_some_and(|next| next <= now),
            hold: queue.held,
            failures: queue.failures,
            oldest: waiting.oldest().map(Moment::from),
            next_attempt: next.map(Moment::from),
            webhook: webhook.as_ref().map(|webhook| WebhookBody::new(webhook, queue)),
        }
    }

    /// What is worse comes first: what the system has stopped, then what goes on, then what somebody stopped on purpose; of
    /// these, what has waited longest.
    fn badness(&self) -> (u8, Timestamp, String) {
        let kind = match self.state {
            "suspended" => 0,
            "paused" | "inactive" | "deleted" => 2,
            _ => 1,
        };
        (kind, self.oldest.map_or(Timestamp(i64::MAX), |oldest| oldest.0), self.queue.clone())
    }
}

/// All rows in JSON.
#[derive(Serialize)]
struct Body<'a> {
    queues: &'a [Row],
    /// How many more there are.
    more: usize,
}

/// Shows the queues of the organization, or of all.
pub(crate) async fn list(
    stack: &Stack,
    screen: &mut Screen<'_>,
    of: Option<&OrganizationId>,
    limit: usize,
) -> Result<(), BoxError> {
    if let Some(id) = of {
        stack.store().organization(id).await?.ok_or_else(|| missing(id))?;
    }
    let progress = screen.progress("reading webhooks", Some(0));
    let survey = survey(stack.store(), of, &progress).await?;
    progress.finish_and_clear();
    let now = stack.store().clock().now();
    let mut rows: Vec<Row> = survey.waiting.iter().map(|waiting| Row::of(waiting, now)).collect();
    rows.sort_by_key(Row::badness);
    let more = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    let text = text(&rows, more, now, screen.colour);
    screen.result(&Body { queues: &rows, more }, text)
}

fn text(rows: &[Row], more: usize, now: Timestamp, colour: bool) -> String {
    if rows.is_empty() {
        return "Nothing waits.\n".to_owned();
    }
    let columns = ["ORGANIZATION", "QUEUE", "STATE", "OLDEST", "FAILURES", "NEXT ATTEMPT"];
    let mut table = Table::new(&columns).right(4);
    for row in rows {
        let next = match (row.hold, row.next_attempt) {
            (Some(Hold::Deleted), _) | (None, None) => String::new(),
            (Some(_), _) => "held".to_owned(),
            (None, Some(next)) => from_now(Some(next.0), now),
        };
        let cells = [
            row.organization.clone(),
            row.queue.clone(),
            row.state.to_owned(),
            from_now(row.oldest.map(|oldest| oldest.0), now),
            row.failures.to_string(),
            next,
        ];
        table.row(Tone::of(row.state), cells.to_vec());
    }
    let mut text = table.render(colour);
    if more > 0 {
        text += &format!("and {more} more: give a higher --limit\n");
    }
    text
}
