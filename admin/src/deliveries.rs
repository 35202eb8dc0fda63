//! Lists the deliveries of a webhook and shows one whole, as the operations API does.

use std::fmt::Write as _;

use serde_json::{Value, to_value};
use shared::{
    api::operations::DeliveryQuery,
    domain::{EventId, Timestamp, WebhookKey},
    http::Reply,
};

use crate::{
    arguments::{Filters, Owner},
    asking::{asking, next_page},
    failure::{BoxError, missing_webhook, refused},
    moments::{from_now, moment},
    screen::{Screen, lines},
    stack::Stack,
    table::{Table, Tone},
};

/// Shows a page of the deliveries that the filters select, the newest first.
pub(crate) async fn list(
    stack: &Stack,
    screen: &mut Screen<'_>,
    owner: &Owner,
    key: &WebhookKey,
    filters: &Filters,
) -> Result<(), BoxError> {
    let (organization, webhook) = stack.webhook(owner, key).await?;
    let Filters { state, event_type, status, project, after, before, limit, cursor } = filters;
    let parameters = [
        ("state", state),
        ("type", event_type),
        ("status", status),
        ("project", project),
        ("after", after),
        ("before", before),
        ("limit", limit),
        ("cursor", cursor),
    ];
    let parameters = parameters.map(|(name, value)| (name, value.as_ref()));
    let request = asking(&format!("/operations/webhooks/{key}/deliveries"), &parameters);
    let query = DeliveryQuery::parse(&organization.id, &request);
    let query = query.map_err(|failure| refused(failure, || missing_webhook(&organization.id, key)))?;
    let page = stack.app.delivery_page(&organization, &webhook, &query).await?;
    let shown = to_value(&page)?;
    screen.result(&page, page_text(&shown, stack.store().clock().now(), screen.colour))
}

fn page_text(page: &Value, now: Timestamp, colour: bool) -> String {
    let mut table = Table::new(&["EVENT", "TYPE", "STATE", "ATTEMPTS", "STATUS", "QUEUED", "WHY"]).right(3);
    let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    for item in items {
        let why = text(if item["reason"].is_null() { &item["last_failure"] } else { &item["reason"] });
        let cells = [
            text(&item["id"]),
            text(&item["event"]["type"]),
            text(&item["state"]),
            text(&item["attempts"]),
            text(&item["last_status"]),
            from_now(moment(&item["queued"]), now),
            why,
        ];
        table.row(Tone::of(&text(&item["state"])), cells.to_vec());
    }
    let shown = if items.is_empty() { "No deliveries.\n".to_owned() } else { table.render(colour) };
    shown + &next_page(page)
}

/// Shows one delivery with its attempts and what is sent.
pub(crate) async fn show(
    stack: &Stack,
    screen: &mut Screen<'_>,
    owner: &Owner,
    key: &WebhookKey,
    event: EventId,
) -> Result<(), BoxError> {
    let (organization, webhook) = stack.webhook(owner, key).await?;
    let missing = || missing_delivery(key, event);
    let detail = stack.app.delivery_detail(&organization, &webhook, event).await;
    let reply = Reply::from(&detail.map_err(|failure| refused(failure, missing))?);
    let body = reply.body.unwrap_or_default();
    if screen.json {
        // As it is: parsing would change the digits of the event's data.
        return screen.raw(&body);
    }
    let shown: Value = serde_json::from_str(&body)?;
    screen.note(whole(&shown, screen.colour).trim_end())
}

/// The error of a command whose delivery does not exist.
pub(crate) fn missing_delivery(key: &WebhookKey, event: EventId) -> BoxError {
    format!("webhook {key} has no delivery of event {event}; `cargo admin deliveries {key}` shows those it has").into()
}

fn whole(delivery: &Value, colour: bool) -> String {
    let state = text(&delivery["state"]);
    let mut shown = lines(&[
        ("event", text(&delivery["id"])),
        ("type", text(&delivery["event"]["type"])),
        ("project", text(&delivery["event"]["project"])),
        ("state", Tone::of(&state).paint(&state, colour)),
        ("reason", text(&delivery["reason"])),
        ("queued", text(&delivery["queued"])),
        ("finished", text(&delivery["finished"])),
    ]);
    let attempts = delivery["attempt_log"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !attempts.is_empty() {
        let mut table = Table::new(&["ATTEMPT", "STATUS", "MS", "FAILURE"]).right(2);
        for attempt in attempts {
            let bad = if attempt["failure"].is_null() { Tone::Plain } else { Tone::Bad };
            let cells = ["at", "status", "duration_ms", "failure"].map(|name| text(&attempt[name]));
            table.row(bad, cells.to_vec());
        }
        let _ = write!(shown, "\n{}", table.render(colour));
    }
    let request = &delivery["request"];
    if request.is_null() {
        shown += "\nIts event has expired, so what is sent is not known any more.\n";
        return shown;
    }
    let _ = writeln!(shown, "\n{} {}", text(&request["method"]), text(&request["endpoint"]));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let _ = writeln!(shown, "{name}: {}", text(value));
    }
    let _ = writeln!(shown, "\n{}", text(&request["body"]));
    shown
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
