//! The operator's command line. Works on the tables directly, on AWS or on any other DynamoDB endpoint.

mod config;
mod doctor;
mod failure;
mod organizations;
mod replay;
mod secrets;
mod smoke;
mod tokens;

use std::io::Write;

use clap::{Args, Parser, Subcommand};
use config::config;
use shared::{
    aws::Aws,
    domain::{Api, Endpoint, Organization, OrganizationId, Permission, Secret, Timestamp, WebhookKey, WebhookLimits},
    store::{Store, Tables},
    validation::slack_compatible_url,
};

pub use failure::BoxError;

/// Manages organizations, their feature flags and their tokens; examines and repairs a deployment.
#[derive(Debug, Parser)]
#[command(name = "cargo admin")]
pub struct Arguments {
    /// The Webhooks table; the stack's output `WebhooksTable`.
    #[arg(long, env = "WEBHOOKS_TABLE", default_value = "WebhooksTable")]
    webhooks_table: String,
    /// The Events table; the stack's output `EventsTable`.
    #[arg(long, env = "EVENTS_TABLE", default_value = "EventsTable")]
    events_table: String,
    /// The Deliveries table; the stack's output `DeliveriesTable`.
    #[arg(long, env = "DELIVERIES_TABLE", default_value = "DeliveriesTable")]
    deliveries_table: String,
    /// The function that delivers; the stack's output `DrainFunction`.
    #[arg(long, env = "DRAIN_FUNCTION")]
    drain_function: Option<String>,
    /// Another DynamoDB than AWS's, for example <http://127.0.0.1:8000>.
    #[arg(long, env = "AWS_ENDPOINT_URL_DYNAMODB")]
    endpoint: Option<String>,
    /// Another Lambda and EventBridge Scheduler than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_LAMBDA")]
    lambda_endpoint: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an organization and shows its ids.
    CreateOrganization {
        /// Its id: lower-case letters and digits.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// Its name, for people.
        name: String,
        /// A feature flag to switch on; may be repeated.
        #[arg(long = "flag", default_value = Organization::WEBHOOKS_FLAG)]
        flags: Vec<String>,
        /// Over how many partitions a day's events are spread; cannot be changed later.
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
        event_shards: u32,
        /// The most webhooks through each API.
        #[command(flatten)]
        webhook_limits: Limits,
    },
    /// Lists the organizations.
    ListOrganizations,
    /// Sets the feature flags that are on; without any, all are off. Warm functions may go by the old ones for another minute.
    SetFlags {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The flags.
        flags: Vec<String>,
    },
    /// Sets the hosts, besides Slack's own, to which webhooks of SD Elements' API may post: Mattermost, Rocket.Chat,
    /// `discord.com`. Without any, only Slack's URLs are accepted. Webhooks that are there stay. `list-organizations` shows
    /// the hosts. Warm functions may go by the old ones for another minute.
    SetSlackCompatibleHosts {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The hosts, at most 20, for example `chat.example.com`.
        #[arg(value_parser = host, num_args = 0..=20)]
        hosts: Vec<String>,
    },
    /// Sets the most webhooks through one API. Those that are there stay, even if they are more. Warm functions may go by the old
    /// limit for another minute.
    SetWebhookLimit {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The API: sdelements, flip, akinon or socotra.
        #[arg(value_parser = api)]
        api: Api,
        /// The limit.
        limit: u32,
    },
    /// The name of `set-webhook-limit <id> flip` in the version before.
    #[command(hide = true)]
    SetFlipLimit {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The limit.
        limit: u32,
    },
    /// Issues a token and shows its key, once.
    IssueToken {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
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
        #[arg(value_parser = organization)]
        id: OrganizationId,
    },
    /// Revokes a token. Warm functions may accept it for another minute.
    RevokeToken {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The token's short id.
        token: String,
    },
    /// Replaces a webhook's signing secret by a new one, which is shown once. For a while deliveries are signed with both.
    RotateSecret {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The webhook as `<api>:<id>`, for example `flip:0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d`.
        #[arg(value_parser = webhook)]
        webhook: WebhookKey,
        /// For how many hours deliveries are signed with the old one as well, 0 to 168.
        #[arg(long, default_value_t = Endpoint::OVERLAP_HOURS, conflicts_with = "finish",
            value_parser = clap::value_parser!(u16).range(..=i64::from(Endpoint::MAX_OVERLAP_HOURS)))]
        overlap_hours: u16,
        /// Make no new secret, but end the overlap: sign with the newest alone from now on.
        #[arg(long)]
        finish: bool,
    },
    /// Queues the events of a span of time again, as fan-out would: for when the stream has forgotten them. What was delivered
    /// is not sent again.
    Replay {
        /// The organization's id.
        #[arg(value_parser = organization)]
        id: OrganizationId,
        /// The first moment of acceptance, for example `2026-11-20T08:00:00Z`.
        #[arg(long)]
        from: Timestamp,
        /// The moment before which the span ends; the present unless given.
        #[arg(long)]
        to: Option<Timestamp>,
        /// Only events of exactly this type.
        #[arg(long = "type")]
        event_type: Option<String>,
    },
    /// Examines a deployment and says what is wrong with it.
    Doctor,
    /// Tries a deployment as its first user would: both slash forms, keys, a test message and an event on its whole way. Two
    /// messages go to the Slack URL; nothing is left but the event.
    Smoke {
        /// Where it is; the stack's output `ApiUrl`.
        address: String,
        /// A key with the permission `super_user`.
        #[arg(long, env = "OUTHOOK_TOKEN", hide_env_values = true, value_parser = secret)]
        token: Secret,
        /// A Slack webhook's URL.
        #[arg(long, env = "OUTHOOK_SLACK_URL", hide_env_values = true, value_parser = secret)]
        slack_url: Secret,
        /// Let the token travel in the clear: for the local stack.
        #[arg(long)]
        allow_http: bool,
    },
}

/// The most webhooks through each API.
#[derive(Debug, Args)]
struct Limits {
    /// The most webhooks through SD Elements' API.
    #[arg(long = "sdelements-webhook-limit", default_value_t = WebhookLimits::DEFAULT)]
    sdelements: u32,
    /// The most webhooks through Flip's API.
    #[arg(long = "flip-webhook-limit", default_value_t = WebhookLimits::DEFAULT)]
    flip: u32,
    /// The most webhooks through Akinon's API, in all projects together.
    #[arg(long = "akinon-webhook-limit", default_value_t = WebhookLimits::DEFAULT)]
    akinon: u32,
    /// The most webhooks through Socotra's API.
    #[arg(long = "socotra-webhook-limit", default_value_t = WebhookLimits::DEFAULT)]
    socotra: u32,
    /// The most notification targets.
    #[arg(long = "operations-webhook-limit", default_value_t = WebhookLimits::DEFAULT)]
    operations: u32,
}

impl From<Limits> for WebhookLimits {
    fn from(Limits { sdelements, flip, akinon, socotra, operations }: Limits) -> Self {
        Self { sdelements, flip, akinon, socotra, operations }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a parser that may fail")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

fn organization(text: &str) -> Result<OrganizationId, String> {
    OrganizationId::parse(text)
        .ok_or_else(|| "an organization's id is 1 to 40 lower-case letters and digits".to_owned())
}

fn host(text: &str) -> Result<String, String> {
    slack_compatible_url::host(text)
        .ok_or_else(|| "a host is a public DNS name without a port or path, and not one of Slack's own".to_owned())
}

fn api_names() -> String {
    Api::ALL.iter().map(|api| api.as_str()).collect::<Vec<_>>().join(", ")
}

fn api(text: &str) -> Result<Api, String> {
    Api::parse(text).ok_or_else(|| format!("the APIs are: {}", api_names()))
}

fn webhook(text: &str) -> Result<WebhookKey, String> {
    WebhookKey::parse(text).ok_or_else(|| format!("a webhook is `<api>:<id>`; the APIs are {}", api_names()))
}

fn permission(text: &str) -> Result<Permission, String> {
    let all = Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ");
    Permission::parse(text).ok_or_else(|| format!("the permissions are: {all}"))
}

/// Carries out the command and shows what it has to say on `output`.
///
/// # Errors
///
/// When the command cannot be carried out, or `doctor` has found something.
pub async fn run(arguments: Arguments, output: &mut dyn Write) -> Result<(), BoxError> {
    let Arguments {
        webhooks_table: webhooks,
        events_table: events,
        deliveries_table: deliveries,
        drain_function,
        endpoint,
        lambda_endpoint,
        command,
    } = arguments;
    let tables = Tables { webhooks, events, deliveries };
    let store = Store::on(&config(endpoint.as_deref()).await?, tables);
    // Another DynamoDB than AWS's has no part of AWS's Lambda.
    let drain = match drain_function {
        Some(name) if endpoint.is_none() || lambda_endpoint.is_some() => {
            Some((Aws::of(config(lambda_endpoint.as_deref()).await?), name))
        }
        _ => None,
    };
    match command {
        Command::CreateOrganization { id, name, flags, event_shards, webhook_limits } => {
            organizations::create(&store, output, id, name, flags, event_shards, webhook_limits.into()).await
        }
        Command::ListOrganizations => organizations::list(&store, output).await,
        Command::SetFlags { id, flags } => organizations::set_flags(&store, &id, &flags).await,
        Command::SetSlackCompatibleHosts { id, hosts } => {
            organizations::set_slack_compatible_hosts(&store, &id, &hosts).await
        }
        Command::SetWebhookLimit { id, api, limit } => organizations::set_webhook_limit(&store, &id, api, limit).await,
        Command::SetFlipLimit { id, limit } => organizations::set_webhook_limit(&store, &id, Api::Flip, limit).await,
        Command::IssueToken { id, user, permissions, expires_in_days } => {
            tokens::issue(&store, output, &id, &user, &permissions, expires_in_days).await
        }
        Command::ListTokens { id } => tokens::list(&store, output, &id).await,
        Command::RevokeToken { id, token } => tokens::revoke(&store, &id, &token).await,
        Command::RotateSecret { id, webhook, finish: true, .. } => secrets::finish(&store, output, &id, &webhook).await,
        Command::RotateSecret { id, webhook, overlap_hours, .. } => {
            secrets::rotate(&store, output, &id, &webhook, overlap_hours).await
        }
        Command::Replay { id, from, to, event_type } => {
            let to = to.unwrap_or_else(|| store.clock().now());
            replay::run(&store, drain, output, &id, from, to, event_type).await
        }
        Command::Doctor => doctor::run(&store, drain, output).await,
        Command::Smoke { address, token, slack_url, allow_http } => {
            let smoke = smoke::Smoke { address: &address, token: &token, slack_url: &slack_url, allow_http };
            smoke::run(&smoke, &store, output).await
        }
    }
}
