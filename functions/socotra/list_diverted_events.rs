//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted`: the diverted events of a webhook, oldest first.

use shared::{
    api::socotra::{DivertedBody, DivertedQuery, SocotraFailure, callers_webhook},
    domain::Permission,
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted";

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let needed = [Permission::DivertedEventsRead, Permission::DivertedEventsList];
    let (_, webhook) = callers_webhook(app, request, PATH, &needed).await?;
    let query = DivertedQuery::parse(request)?;
    let diverted =
        app.store.list_diverted(&queue_key(&webhook.organization, &webhook.key), query.offset, query.count).await?;
    Ok(Reply::json(200, &diverted.iter().map(DivertedBody::from).collect::<Vec<_>>()))
}

shared::serve!(list);
