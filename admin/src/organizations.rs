//! Creates organizations, lists them and changes what they may do.

use std::io::Write;

use shared::{
    domain::{Api, Organization, OrganizationId, WebhookLimits},
    encoding,
    store::Store,
};

use crate::failure::{BoxError, missing};

pub(crate) async fn create(
    store: &Store,
    output: &mut dyn Write,
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
        return Err(format!("there is an organization {} already", organization.id).into());
    }
    show(output, &organization)
}

pub(crate) async fn list(store: &Store, output: &mut dyn Write) -> Result<(), BoxError> {
    store.organizations().await?.iter().try_for_each(|organization| show(output, organization))
}

pub(crate) async fn set_flags(store: &Store, id: &OrganizationId, flags: &[String]) -> Result<(), BoxError> {
    if store.set_flags(id, flags).await? { Ok(()) } else { Err(missing(id)) }
}

pub(crate) async fn set_slack_compatible_hosts(
    store: &Store,
    id: &OrganizationId,
    hosts: &[String],
) -> Result<(), BoxError> {
    if store.set_slack_compatible_hosts(id, hosts).await? { Ok(()) } else { Err(missing(id)) }
}

pub(crate) async fn set_webhook_limit(
    store: &Store,
    id: &OrganizationId,
    api: Api,
    limit: u32,
) -> Result<(), BoxError> {
    if store.set_webhook_limit(id, api, limit).await? { Ok(()) } else { Err(missing(id)) }
}

fn show(output: &mut dyn Write, organization: &Organization) -> Result<(), BoxError> {
    let Organization { id, name, flags, akinon_organization, socotra_tenant, .. } = organization;
    let flags = flags.join(",");
    write!(output, "{id} name={name:?} flags={flags} akinon={akinon_organization} socotra={socotra_tenant}")?;
    for &api in Api::ALL {
        write!(output, " {api}_webhook_limit={}", organization.webhook_limit(api))?;
    }
    if !organization.slack_compatible_hosts.is_empty() {
        write!(output, " slack_compatible_hosts={}", organization.slack_compatible_hosts.join(","))?;
    }
    Ok(writeln!(output)?)
}
