//! Creates organizations, lists them and changes what they may do.

use serde_json::{Value, json};
use shared::{
    domain::{Api, Organization, OrganizationId, WebhookLimits},
    encoding,
    store::Store,
};

use crate::{
    failure::{BoxError, missing},
    screen::Screen,
};

pub(crate) async fn create(
    store: &Store,
    screen: &mut Screen<'_>,
    id: OrganizationId,
    name: String,
    flags: Vec<String>,
    event_shards: u32,
    webhook_limits: WebhookLimits,
) -> Result<(), BoxError> {
    let organization = Organization {
        id,
        name,
        flags,
        akinon_organization: store.random_hex::<12>(),
        socotra_tenant: encoding::uuid(store.random()),
        event_shards,
        webhook_limits,
        slack_compatible_hosts: Vec::new(),
        created: store.clock().now(),
    };
    if !store.create_organization(&organization).await? {
        return Err(format!("there is an organization {} already; choose another id", organization.id).into());
    }
    screen.result(&body(&organization), line(&organization))
}

pub(crate) async fn list(store: &Store, screen: &mut Screen<'_>) -> Result<(), BoxError> {
    let organizations = store.organizations().await?;
    let bodies: Vec<Value> = organizations.iter().map(body).collect();
    screen.result(&json!({"organizations": bodies}), organizations.iter().map(line).collect::<String>())
}

pub(crate) async fn set_flags(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    flags: &[String],
) -> Result<(), BoxError> {
    let done = store.set_flags(id, flags).await?;
    changed(screen, done, id, &json!({"organization": id, "flags": flags}))
}

pub(crate) async fn set_slack_compatible_hosts(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    hosts: &[String],
) -> Result<(), BoxError> {
    let done = store.set_slack_compatible_hosts(id, hosts).await?;
    changed(screen, done, id, &json!({"organization": id, "slack_compatible_hosts": hosts}))
}

pub(crate) async fn set_webhook_limit(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    api: Api,
    limit: u32,
) -> Result<(), BoxError> {
    let done = store.set_webhook_limit(id, api, limit).await?;
    changed(screen, done, id, &json!({"organization": id, "api": api, "webhook_limit": limit}))
}

/// A change without anything that people need to be told.
fn changed(screen: &mut Screen<'_>, done: bool, id: &OrganizationId, body: &Value) -> Result<(), BoxError> {
    if done { screen.result(body, "") } else { Err(missing(id)) }
}

fn body(organization: &Organization) -> Value {
    let limits = Api::ALL.iter().map(|&api| (api.to_string(), json!(organization.webhook_limit(api))));
    json!({
        "id": organization.id,
        "name": organization.name,
        "flags": organization.flags,
        "akinon_organization": organization.akinon_organization,
        "socotra_tenant": organization.socotra_tenant,
        "webhook_limits": limits.collect::<serde_json::Map<_, _>>(),
        "slack_compatible_hosts": organization.slack_compatible_hosts,
        "created": organization.created.to_string(),
    })
}

fn line(organization: &Organization) -> String {
    let Organization { id, name, flags, akinon_organization, socotra_tenant, .. } = organization;
    let flags = flags.join(",");
    let mut line = format!("{id} name={name:?} flags={flags} akinon={akinon_organization} socotra={socotra_tenant}");
    for &api in Api::ALL {
        line += &format!(" {api}_webhook_limit={}", organization.webhook_limit(api));
    }
    if !organization.slack_compatible_hosts.is_empty() {
        line += &format!(" slack_compatible_hosts={}", organization.slack_compatible_hosts.join(","));
    }
    line + "\n"
}
