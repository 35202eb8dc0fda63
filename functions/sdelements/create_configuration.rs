//! `POST /api/v2/webhooks/{webhook_id}/configs/`: subscribes a webhook to an event source.

use shared::{
    api::sdelements::{
        ConfigurationBody, ConfigurationFields, Role, SdElementsFailure, duplicate_configuration, parse_body,
        too_many_projects, webhook,
    },
    app::App,
    http::{Reply, Request},
    store::NewConfiguration,
};

async fn create(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let new = match parse_body(request).and_then(|body| ConfigurationFields::parse(&body)) {
        Ok(new) => new,
        // The webhook is looked up before the body is read.
        Err(failure) => {
            app.store.webhook(organization, &key).await?.ok_or(SdElementsFailure::NotFound)?;
            return Err(failure);
        }
    };
    match app.store.create_configuration(organization, &key, new.subscription()).await? {
        NewConfiguration::Created(subscription) => {
            Ok(Reply::json(201, &ConfigurationBody::of(key.number(), &subscription)))
        }
        NewConfiguration::Missing => Err(SdElementsFailure::NotFound),
        NewConfiguration::Duplicate => Err(duplicate_configuration()),
        NewConfiguration::TooManyProjects => Err(too_many_projects()),
    }
}

shared::serve!(create, shared::api::sdelements::rendered);
