//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted`: the diverted events of a webhook, oldest first.

use shared::{
    api::socotra::{DivertedBody, DivertedQuery, Permitted, SocotraFailure},
    app::App,
    domain::Permission,
    http::{Reply, Request},
    store::queue_key,
};

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let access = Permitted(&[Permission::DivertedEventsRead, Permission::DivertedEventsList]);
    let (_, webhook) = app.webhook(request, access).await?;
    let query = DivertedQuery::parse(request)?;
    let diverted =
        app.store.list_diverted(&queue_key(&webhook.organization, &webhook.key), query.offset, query.count).await?;
    Ok(Reply::json(200, &diverted.iter().map(DivertedBody::from).collect::<Vec<_>>()))
}

shared::serve!(list);
