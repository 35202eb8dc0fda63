//! The organization and the tokens that a fresh local stack begins with.

use std::{fmt, path::Path};

use serde::{Deserialize, Serialize};
use shared::{
    domain::{Organization, OrganizationId, Permission, Token, WebhookLimits},
    encoding,
    store::{Store, StoreError, Tables},
};

use crate::files::write_whole;

/// What a script needs to know of a running stack; the content of the ready file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    /// Where the API is.
    pub gateway: String,
    /// Where the stand-in for Slack is.
    pub slack: String,
    /// Where the embedded DynamoDB is.
    pub dynamodb: String,
    /// Where functions are invoked: `POST /2015-03-31/functions/{name}/invocations`. `GET /_failures` there shows what was given
    /// up. Empty where functions run elsewhere.
    #[serde(default)]
    pub lambda: String,
    /// The organization's id.
    pub organization: String,
    /// Its id in Akinon's form.
    pub akinon_organization: String,
    /// Its id in Socotra's form.
    pub socotra_tenant: String,
    /// The keys of its two users.
    pub tokens: Tokens,
}

/// Where the parts of a stack are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The API.
    pub gateway: String,
    /// The stand-in for Slack.
    pub slack: String,
    /// The embedded DynamoDB.
    pub dynamodb: String,
    /// Lambda's Invoke API; empty where functions run elsewhere.
    pub lambda: String,
}

impl Ready {
    /// A stack at these addresses with that organization.
    #[must_use]
    pub fn new(addresses: Addresses, (organization, tokens): (Organization, Tokens)) -> Self {
        let Addresses { gateway, slack, dynamodb, lambda } = addresses;
        Self {
            gateway,
            slack,
            dynamodb,
            lambda,
            organization: organization.id.to_string(),
            akinon_organization: organization.akinon_organization,
            socotra_tenant: organization.socotra_tenant,
            tokens,
        }
    }

    /// The same at other addresses.
    pub(crate) fn at(self, addresses: Addresses) -> Self {
        let Addresses { gateway, slack, dynamodb, lambda } = addresses;
        Self { gateway, slack, dynamodb, lambda, ..self }
    }
}

/// The keys of a user who may do everything and of one who may do nothing. `Debug` shows neither.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    /// Every permission.
    pub super_user: String,
    /// None.
    pub member: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// The tables by their names on the local stack.
#[must_use]
pub fn tables() -> Tables {
    Tables {
        webhooks: "WebhooksTable".to_owned(),
        events: "EventsTable".to_owned(),
        deliveries: "DeliveriesTable".to_owned(),
    }
}

/// Makes an organization whose id begins with `name`, with every flag, and the keys of its two users.
///
/// # Errors
///
/// When the store does not answer.
pub async fn organization(store: &Store, name: &str) -> Result<(Organization, Tokens), StoreError> {
    let now = store.clock().now();
    let id = format!("{name}{}", store.random_hex::<3>());
    let organization = Organization {
        id: OrganizationId::parse(&id).ok_or(StoreError::Contended)?,
        name: name.to_owned(),
        flags: vec![Organization::WEBHOOKS_FLAG.to_owned()],
        akinon_organization: store.random_hex::<12>(),
        socotra_tenant: encoding::uuid(store.random()),
        event_shards: 4,
        webhook_limits: WebhookLimits::default(),
        slack_compatible_hosts: Vec::new(),
        created: now,
    };
    store.create_organization(&organization).await?;
    let (super_user, token) = Token::issue(&organization.id, "admin", Permission::ALL, store.random(), now, None);
    store.put_token(&token).await?;
    let (member, token) = Token::issue(&organization.id, "member", &[], store.random(), now, None);
    store.put_token(&token).await?;
    Ok((organization, Tokens { super_user, member }))
}

/// What was seeded into that data folder before; an error if that can no longer be read, since its keys are shown nowhere
/// else.
pub(crate) fn remembered(data: Option<&Path>) -> std::io::Result<Option<Ready>> {
    let Some(data) = data else { return Ok(None) };
    match std::fs::read_to_string(data.join("seed.json")) {
        Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Remembers what was seeded.
pub(crate) fn remember(data: Option<&Path>, ready: &Ready) -> std::io::Result<()> {
    let Some(data) = data else { return Ok(()) };
    write_whole(&data.join("seed.json"), &serde_json::to_string_pretty(ready)?)
}
