//! `GET /api/v2/webhooks/{webhook_id}/deliveries/`: the delivery log, newest first, with cursor pagination; `state`, `after`, `before`.

use shared::{
    api::sdelements::{CursorPage, CursorQuery, DeliveryBody, Role, SdElementsFailure, log_query},
    app::App,
    http::{Reply, Request},
    store::{LOG_READS, LogPage, queue_key},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let queue = queue_key(&webhook.organization, &webhook.key);
    let page = CursorQuery::parse(request)?;
    let query = log_query(request, page)?;
    let LogPage { mut deliveries, more } = app.store.list_deliveries(&queue, &query, LOG_READS).await?;
    if query.ascending {
        deliveries.reverse();
    }
    let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.event).collect();
    let results: Vec<_> = deliveries.iter().map(DeliveryBody::from).collect();
    Ok(Reply::json(200, &CursorPage::new(request, page, &ids, more, results)))
}

shared::serve!(list, shared::api::sdelements::rendered);
