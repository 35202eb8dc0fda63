//! `POST /organizations/{organizationId}/projects/{projectId}/settings/webhooks`: makes a webhook of the project.

use shared::{
    api::{
        akinon::{CreatedBody, Failure, NewWebhook, new_key, permitted, project},
        common::json_body,
    },
    domain::Permission,
    http::{App, Reply, Request},
    store::CreateWebhook,
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks";

async fn create(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = permitted(app, request, Permission::WebhooksWrite).await?;
    let project = project(&caller, request, PATH)?;
    let new = NewWebhook::parse(&json_body::parse(request)?)?.elsewhere(&request.own_hosts)?;
    let (store, now) = (&app.store, app.store.clock().now());
    let webhook = new.webhook(&caller, project, new_key(now, store.random()), store.random(), now);
    store.create_webhook(&webhook, None).await?;
    Ok(Reply::json(201, &CreatedBody::from(&webhook)))
}

shared::serve!(create);
