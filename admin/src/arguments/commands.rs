//! The commands and their arguments.

use clap::{Args, Subcommand};
use shared::domain::{
    Api, Endpoint, EventId, Organization, OrganizationId, Permission, Secret, Timestamp, WebhookKey, WebhookLimits,
};

use super::parsers;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes an organization and shows its ids.
    CreateOrganization {
        /// Its id: lower-case letters and digits.
        #[arg(value_parser = parsers::organization)]
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
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The flags.
        flags: Vec<String>,
    },
    /// Sets the hosts, besides Slack's own, to which webhooks of SD Elements' API may post: Mattermost, Rocket.Chat,
    /// `discord.com`. Without any, only Slack's URLs are accepted. Webhooks that are there stay. `list-organizations` shows
    /// the hosts. Warm functions may go by the old ones for another minute.
    SetSlackCompatibleHosts {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The hosts, at most 20, for example `chat.example.com`.
        #[arg(value_parser = parsers::host, num_args = 0..=20)]
        hosts: Vec<String>,
    },
    /// Sets the most webhooks through one API. Those that are there stay, even if they are more. Warm functions may go by the old
    /// limit for another minute.
    SetWebhookLimit {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The API: sdelements, flip, akinon or socotra.
        #[arg(value_parser = parsers::api)]
        api: Api,
        /// The limit.
        limit: u32,
    },
    /// The name of `set-webhook-limit <id> flip` in the version before.
    #[command(hide = true)]
    SetFlipLimit {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The limit.
        limit: u32,
    },
    /// Issues a token and shows its key, once.
    IssueToken {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The user it acts as.
        #[arg(long)]
        user: String,
        /// A permission; may be repeated.
        #[arg(long = "permission", required = true, value_parser = parsers::permission)]
        permissions: Vec<Permission>,
        /// After how many days it ends.
        #[arg(long)]
        expires_in_days: Option<u64>,
    },
    /// Lists an organization's tokens, never their keys.
    ListTokens {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
    },
    /// Revokes a token. Warm functions may accept it for another minute.
    RevokeToken {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The token's short id.
        token: String,
    },
    /// Replaces a webhook's signing secret by a new one, which is shown once. For a while deliveries are signed with both.
    RotateSecret {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
        id: OrganizationId,
        /// The webhook as `<api>:<id>`, for example `flip:0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        /// For how many hours deliveries are signed with the old one as well, 0 to 168.
        #[arg(long, default_value_t = Endpoint::OVERLAP_HOURS, conflicts_with = "finish",
            value_parser = clap::value_parser!(u16).range(..=i64::from(Endpoint::MAX_OVERLAP_HOURS)))]
        overlap_hours: u16,
        /// Make no new secret, but end the overlap: sign with the newest alone from now on.
        #[arg(long)]
        finish: bool,
    },
    /// Lists the queues in which something waits, the worst first: what is due, what waits to be tried again, and what is
    /// held although events wait.
    Queues {
        /// Only those of this organization; without it, of all.
        #[arg(long, value_parser = parsers::organization)]
        organization: Option<OrganizationId>,
        /// The most rows that are shown.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Lists an organization's webhooks of all APIs, with their states.
    Webhooks {
        #[command(flatten)]
        owner: Owner,
        /// Only those of this API.
        #[arg(long)]
        api: Option<String>,
        /// Only those in this state: delivering, retrying, paused, suspended or inactive.
        #[arg(long)]
        state: Option<String>,
        /// Only those of this project.
        #[arg(long)]
        project: Option<String>,
        /// Only those whose name or endpoint contains this.
        #[arg(long)]
        q: Option<String>,
        /// The most webhooks that are shown: 1 to 100.
        #[arg(long)]
        limit: Option<String>,
        /// Where to continue, as the page before says.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Lists the deliveries of a webhook, the newest first.
    Deliveries {
        /// The webhook as `<api>:<id>`, for example `sdelements:1`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        filters: Filters,
    },
    /// Shows a delivery whole: its attempts with the replies, and what is sent.
    Show {
        /// The webhook as `<api>:<id>`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        /// The event's id.
        #[arg(value_parser = parsers::event)]
        event: EventId,
        #[command(flatten)]
        owner: Owner,
    },
    /// Stops a webhook's delivery. Its events are kept.
    Pause {
        /// The webhook as `<api>:<id>`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        #[command(flatten)]
        owner: Owner,
    },
    /// Resumes a webhook's delivery after a pause. A suspension stays.
    Unpause {
        /// The webhook as `<api>:<id>`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        #[command(flatten)]
        owner: Owner,
    },
    /// Resumes a webhook's delivery after the system stopped it. A pause stays.
    Unsuspend {
        /// The webhook as `<api>:<id>`.
        #[arg(value_parser = parsers::webhook)]
        webhook: WebhookKey,
        #[command(flatten)]
        owner: Owner,
    },
    /// Sends a finished delivery of a webhook again, or all that finished in a state.
    Resend(ResendArguments),
    /// Stream records that fan-out could not process.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Queues the events of a span of time again, as fan-out would: for when the stream has forgotten them. What was delivered
    /// is not sent again.
    Replay {
        /// The organization's id.
        #[arg(value_parser = parsers::organization)]
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
    /// Says what needs attention, and the command that helps. Reads what is due, held, quarantined or suspended.
    Doctor {
        /// Examine every item of the Webhooks and the Deliveries table too. That reads both whole.
        #[arg(long)]
        full: bool,
    },
    /// Computes what a month costs, line by line.
    Cost(CostArguments),
    /// Prints the completion script of a shell, for a program named `admin`.
    Completion {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Tries a deployment as its first user would: both slash forms, keys, a test message and an event on its whole way. Two
    /// messages go to the Slack URL; nothing is left but the event.
    Smoke {
        /// Where it is; the stack's output `ApiUrl` unless given.
        address: Option<String>,
        /// A key with the permission `super_user`.
        #[arg(long, env = "OUTHOOK_TOKEN", hide_env_values = true, value_parser = parsers::secret)]
        token: Secret,
        /// A Slack webhook's URL.
        #[arg(long, env = "OUTHOOK_SLACK_URL", hide_env_values = true, value_parser = parsers::secret)]
        slack_url: Secret,
        /// Let the token travel in the clear: for the local stack.
        #[arg(long)]
        allow_http: bool,
    },
}

/// The most webhooks through each API.
#[derive(Debug, Args)]
pub(crate) struct Limits {
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

/// Whose webhook it is.
#[derive(Debug, Args)]
pub(crate) struct Owner {
    /// The organization's id.
    #[arg(long, env = "OUTHOOK_ORGANIZATION", value_parser = parsers::organization)]
    pub(crate) organization: Option<OrganizationId>,
}

/// The filters of a list of deliveries. The operations API checks them.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only those in this state: pending, delivered, diverted or discarded.
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only those of events of exactly this type.
    #[arg(long = "type")]
    pub(crate) event_type: Option<String>,
    /// Only those whose last reply had this status.
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// Only those of events of this project.
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// Only those of events accepted at this moment or later.
    #[arg(long)]
    pub(crate) after: Option<String>,
    /// Only those of events accepted before this moment.
    #[arg(long)]
    pub(crate) before: Option<String>,
    /// The most deliveries that are shown: 1 to 100.
    #[arg(long)]
    pub(crate) limit: Option<String>,
    /// Where to continue, as the page before says.
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}

/// What to send again.
#[derive(Debug, Args)]
pub(crate) struct ResendArguments {
    /// The webhook as `<api>:<id>`.
    #[arg(value_parser = parsers::webhook)]
    pub(crate) webhook: WebhookKey,
    /// The event's id; instead of one, give `--state`.
    #[arg(value_parser = parsers::event, required_unless_present = "state", conflicts_with = "state")]
    pub(crate) event: Option<EventId>,
    #[command(flatten)]
    pub(crate) owner: Owner,
    /// All that finished in this state: delivered, diverted or discarded.
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Of these, those of events accepted at this moment or later.
    #[arg(long, requires = "state")]
    pub(crate) after: Option<String>,
    /// Of these, those of events accepted before this moment.
    #[arg(long, requires = "state")]
    pub(crate) before: Option<String>,
    /// Only count them.
    #[arg(long, requires = "state")]
    pub(crate) dry_run: bool,
}

/// What to do about stream records that fan-out could not process.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Lists them, with the reasons.
    List {
        /// The most records that are shown.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Queues the event of a record as it is in the Events table now, and removes the record.
    Retry {
        /// The record's id.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// Every record.
        #[arg(long)]
        all: bool,
    },
    /// Removes a record. Its event is then not delivered.
    Delete {
        /// The record's id.
        id: String,
    },
}

/// What is to be paid for.
#[derive(Clone, Debug, Args)]
pub(crate) struct CostArguments {
    /// Events accepted in a day.
    #[arg(long, value_parser = parsers::amount)]
    pub(crate) events_per_day: f64,
    /// How many webhooks want an event, on average.
    #[arg(long, default_value = "1", value_parser = parsers::amount)]
    pub(crate) webhooks_per_event: f64,
    /// The share of deliveries whose endpoint answers only after ten seconds: 0.05, or 5%.
    #[arg(long, default_value = "0", value_parser = parsers::share)]
    pub(crate) slow_share: f64,
    /// How many events come at once, for the same webhooks.
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) burst: u32,
    /// Kilobytes of an event's data.
    #[arg(long, default_value = "1", value_parser = parsers::amount)]
    pub(crate) data_kb: f64,
    /// For how many days events are kept: the parameter `RetentionDays`.
    #[arg(long, default_value = "30", value_parser = parsers::amount)]
    pub(crate) retention_days: f64,
    /// X-Ray traces are on.
    #[arg(long)]
    pub(crate) traces: bool,
}
