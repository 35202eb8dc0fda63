//! The operator's command line. Works on the tables directly, on AWS or on any other DynamoDB endpoint.

use std::{io::Write, time::Duration};

use clap::{Parser, Subcommand};
use shared::{
    auth,
    domain::{Organization, OrganizationId, Permission},
    store::{ManageOrganizations as _, Store, Tables},
};

/// Manages organizations, their feature flags and their tokens.
#[derive(Debug, Parser)]
#[command(name = "cargo admin")]
pub struct Arguments {
    /// The Webhooks table; the stack's output `WebhooksTable`.
    #[arg(long, env = "WEBHOOKS_TABLE", default_value = "WebhooksTable")]
    webhooks_table: String,
    /// Another DynamoDB than AWS's, for example <http://127.0.0.1:8000>.
    #[arg(long, env = "AWS_ENDPOINT_URL_DYNAMODB")]
    endpoint: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an organization and shows its ids.
    CreateOrganization {
        /// Its id: lower-case letters and digits.
        id: String,
        /// Its name, for people.
        name: String,
        /// A feature flag to switch on; may be repeated.
        #[arg(long = "flag", default_value = Organization::WEBHOOKS_FLAG)]
        flags: Vec<String>,
        /// Over how many partitions a day's events are spread; cannot be changed later.
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
        event_shards: u32,
        /// The most webhooks through Flip's API.
        #[arg(long, default_value_t = 100)]
        flip_webhook_limit: u32,
    },
    /// Lists the organizations.
    ListOrganizations,
    /// Sets the feature flags that are on; without any, all are off.
    SetFlags {
        /// The organization's id.
        id: String,
        /// The flags.
        flags: Vec<String>,
    },
    /// Issues a token and shows its key, once.
    IssueToken {
        /// The organization's id.
        id: String,
        /// The user it acts as.
        #[arg(long)]
        user: String,
        /// A permission; may be repeated.
        #[arg(long = "permission", required = true, value_parser = permission)]
        permissions: Vec<Permission>,
        /// After how many days it ends.
        #[arg(long)]
        expires_in_days: Option<u64>,
    },
    /// Lists an organization's tokens, never their keys.
    ListTokens {
        /// The organization's id.
        id: String,
    },
    /// Revokes a token. Warm functions may accept it for another minute.
    RevokeToken {
        /// The organization's id.
        id: String,
        /// The token's short id.
        token: String,
    },
}

fn permission(text: &str) -> Result<Permission, String> {
    let all = Permission::ALL.map(Permission::as_str).join(", ");
    Permission::parse(text).ok_or_else(|| format!("the permissions are: {all}"))
}

/// Why a command was not carried out, for people.
pub type Failure = Box<dyn std::error::Error>;

/// Carries out the command and shows what it has to say on `output`.
///
/// # Errors
///
/// When the command cannot be carried out.
pub async fn run(arguments: Arguments, output: &mut dyn Write) -> Result<(), Failure> {
    let tables = Tables { webhooks: arguments.webhooks_table, events: String::new(), deliveries: String::new() };
    let store = Store::connect(arguments.endpoint.as_deref(), tables).await;
    match arguments.command {
        Command::CreateOrganization { id, name, flags, event_shards, flip_webhook_limit } => {
            let organization = Organization {
                id: organization_id(&id)?,
                name,
                flags,
                akinon_organization: auth::hex(&store.random::<12>()),
                socotra_tenant: auth::uuid(store.random()),
                event_shards,
                flip_webhook_limit,
                created: store.clock().now(),
            };
            if !store.create_organization(&organization).await? {
                return Err(format!("there is an organization {id} already").into());
            }
            show(output, &organization)
        }
        Command::ListOrganizations => {
            store.organizations().await?.iter().try_for_each(|organization| show(output, organization))
        }
        Command::SetFlags { id, flags } => {
            if store.set_flags(&organization_id(&id)?, &flags).await? {
                Ok(())
            } else {
                Err(missing(&id))
            }
        }
        Command::IssueToken { id, user, permissions, expires_in_days } => {
            let organization = organization_id(&id)?;
            store.organization(&organization).await?.ok_or_else(|| missing(&id))?;
            let now = store.clock().now();
            let expires = expires_in_days.map(|days| now.plus(Duration::from_secs(days.saturating_mul(86_400))));
            let (key, token) = auth::issue(&organization, &user, &permissions, store.random(), now, expires);
            store.put_token(&token).await?;
            Ok(writeln!(output, "{key}\nThis key is shown once. The token's id is {}.", token.id)?)
        }
        Command::ListTokens { id } => {
            for token in store.tokens(&organization_id(&id)?).await? {
                let permissions: Vec<_> = token.permissions.iter().map(|permission| permission.as_str()).collect();
                let expires = token.expires.map_or_else(|| "never".to_owned(), |end| end.to_string());
                writeln!(output, "{} user={} expires={expires} {}", token.id, token.user, permissions.join(","))?;
            }
            Ok(())
        }
        Command::RevokeToken { id, token } => {
            if store.revoke_token(&organization_id(&id)?, &token).await? {
                Ok(())
            } else {
                Err(format!("organization {id} has no token {token}").into())
            }
        }
    }
}

fn organization_id(text: &str) -> Result<OrganizationId, Failure> {
    OrganizationId::parse(text).ok_or_else(|| "an organization's id is 1 to 40 lower-case letters and digits".into())
}

fn missing(id: &str) -> Failure {
    format!("there is no organization {id}").into()
}

fn show(output: &mut dyn Write, organization: &Organization) -> Result<(), Failure> {
    let Organization { id, name, flags, akinon_organization, socotra_tenant, .. } = organization;
    let flags = flags.join(",");
    Ok(writeln!(output, "{id} name={name:?} flags={flags} akinon={akinon_organization} socotra={socotra_tenant}")?)
}
