//! `GET /api/v2/webhooks/{webhook_id}/configs/`: a webhook's event configurations; paginated only if `page_size` is given.

use shared::{
    api::sdelements::{ConfigurationBody, ConfigurationsBody, Page, PageQuery, Role, SdElementsFailure},
    app::App,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let all = ConfigurationBody::all(&webhook);
    if request.parameter("page_size").is_none() {
        return Ok(Reply::json(200, &ConfigurationsBody { results: all }));
    }
    let query = PageQuery::parse(request)?;
    let window = query.window().unwrap_or_else(|| query.last(all.len()));
    let results = all.iter().skip(window.skip).take(window.limit).collect();
    Ok(Reply::json(200, &Page::new(request, window, all.len(), results)?))
}

shared::serve!(list, shared::api::sdelements::rendered);
