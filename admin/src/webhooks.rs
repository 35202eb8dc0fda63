//! Lists an organization's webhooks, as the operations API does.

use serde_json::{Value, to_value};
use shared::{api::operations::WebhookQuery, app::WEBHOOK_READS, domain::Timestamp};

use crate::{
    arguments::Owner,
    asking::{asking, next_page},
    failure::{BoxError, missing, refused},
    moments::{from_now, moment},
    screen::Screen,
    stack::Stack,
    table::{Table, Tone},
};

/// Shows a page of the webhooks that the filters select. The filters are the parameters of the operations API.
pub(crate) async fn list(
    stack: &Stack,
    screen: &mut Screen<'_>,
    owner: &Owner,
    filters: &[(&str, Option<&String>)],
) -> Result<(), BoxError> {
    let id = stack.organization(owner).await?.id;
    let query = WebhookQuery::parse(&id, &asking("/operations/webhooks", filters));
    let query = query.map_err(|failure| refused(failure, || missing(&id)))?;
    let page = stack.app.webhook_page(&id, &query, WEBHOOK_READS).await?;
    let shown = to_value(&page)?;
    screen.result(&page, text(&shown, stack.store().clock().now(), screen.colour))
}

fn text(page: &Value, now: Timestamp, colour: bool) -> String {
    let mut table = Table::new(&["WEBHOOK", "NAME", "STATE", "OLDEST", "LAST SUCCESS", "ENDPOINT", "REASON"]);
    let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    for item in items {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let ago = |name: &str| from_now(moment(&item[name]), now);
        let tone = Tone::of(&text("state"));
        let (oldest, success) = (ago("oldest_queued"), ago("last_success"));
        table.row(
            tone,
            vec![text("id"), text("name"), text("state"), oldest, success, text("endpoint"), text("reason")],
        );
    }
    let shown = if items.is_empty() { "No webhooks.\n".to_owned() } else { table.render(colour) };
    shown + &next_page(page)
}
