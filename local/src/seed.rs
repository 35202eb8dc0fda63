//! The organization and the tokens that a fresh local stack begins with.

use std::{fmt, path::Path};

use serde::{Deserialize, Serialize};
use shared::{
    domain::{Organization, OrganizationId, Permission, Secret, Session, Ticket, Token, WebhookLimits},
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
    /// Where the console is.
    #[serde(default)]
    pub console: String,
    /// A link that enters the console once, within five minutes, as the user who may do everything; made anew at each start.
    #[serde(default = "no_ticket")]
    pub console_ticket: Secret,
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
            console: console(&gateway),
            console_ticket: no_ticket(),
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
        Self { console: console(&gateway), gateway, slack, dynamodb, lambda, ..self }
    }

    /// Makes a link that enters the console once, within five minutes, as the user who may do everything.
    ///
    /// # Errors
    ///
    /// When the embedded DynamoDB does not answer.
    pub async fn console_link(&self, store: &Store) -> Result<Secret, StoreError> {
        let key = &self.tokens.super_user;
        let hash = encoding::sha256_hex(key.as_bytes());
        let organization = OrganizationId::parse(&self.organization).ok_or(StoreError::Contended)?;
        let found = store.find_token(&organization, &hash, None).await?;
        let (token, _, _) = found.ok_or(StoreError::Contended)?;
        let (random, now) = (store.random(), store.clock().now());
        let (text, ticket) = Ticket::issue(&token, &token.user, &token.permissions, Session::LONGEST, random, now);
        store.put_ticket(&ticket).await?;
        Ok(Secret::new(format!("{}/enter?ticket={text}", self.console)))
    }
}

/// What stands for the link before one is made.
fn no_ticket() -> Secret {
    Secret::new("")
}

fn console(gateway: &str) -> String {
    format!("{gateway}/console")
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
