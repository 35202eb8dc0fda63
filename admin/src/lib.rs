//! The operator's command line. Works on the tables directly, on AWS or on any other DynamoDB endpoint.

mod arguments;
mod asking;
mod config;
pub mod cost;
mod deliveries;
mod doctor;
mod failure;
mod moments;
mod organizations;
mod quarantine;
mod queues;
mod replay;
mod resend;
mod screen;
mod secrets;
mod smoke;
mod stack;
mod state;
mod table;
mod tokens;
mod waiting;
mod webhooks;

use clap::CommandFactory as _;
use shared::domain::Api;

use arguments::{Command, QuarantineCommand};
use failure::explained;
use screen::Screen;
use stack::Stack;
use state::Change;

pub use arguments::Arguments;
pub use doctor::Found;
pub use failure::BoxError;
pub use screen::Terminal;

/// The name by which a shell knows this program, for completion.
const PROGRAM: &str = "admin";

/// Carries out the command and shows what it has to say. Only `doctor` can find something.
///
/// # Errors
///
/// When the command cannot be carried out. The texts say what to do.
pub async fn run(arguments: Arguments, terminal: Terminal<'_>) -> Result<Found, BoxError> {
    // These need no deployment.
    match &arguments.command {
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), PROGRAM, &mut script);
            terminal.output.write_all(&script)?;
            return Ok(Found::Nothing);
        }
        Command::Cost(wanted) => {
            cost::show(&mut Screen::new(terminal, arguments.json), wanted)?;
            return Ok(Found::Nothing);
        }
        _ => {}
    }
    let stack = Stack::find(&arguments, &terminal).await?;
    let mut screen = Screen::new(terminal, arguments.json);
    let done = match arguments.command {
        Command::Doctor { full } => doctor::run(&stack, &mut screen, full).await,
        command => carry_out(command, &stack, &mut screen).await.map(|()| Found::Nothing),
    };
    done.map_err(explained)
}

async fn carry_out(command: Command, stack: &Stack, screen: &mut Screen<'_>) -> Result<(), BoxError> {
    let store = stack.store();
    match command {
        Command::CreateOrganization { id, name, flags, event_shards, webhook_limits } => {
            organizations::create(store, screen, id, name, flags, event_shards, webhook_limits.into()).await
        }
        Command::ListOrganizations => organizations::list(store, screen).await,
        Command::SetFlags { id, flags } => organizations::set_flags(store, screen, &id, &flags).await,
        Command::SetSlackCompatibleHosts { id, hosts } => {
            organizations::set_slack_compatible_hosts(store, screen, &id, &hosts).await
        }
        Command::SetWebhookLimit { id, api, limit } => {
            organizations::set_webhook_limit(store, screen, &id, api, limit).await
        }
        Command::SetFlipLimit { id, limit } => {
            organizations::set_webhook_limit(store, screen, &id, Api::Flip, limit).await
        }
        Command::IssueToken { id, user, permissions, expires_in_days } => {
            tokens::issue(store, screen, &id, &user, &permissions, expires_in_days).await
        }
        Command::ListTokens { id } => tokens::list(store, screen, &id).await,
        Command::RevokeToken { id, token } => tokens::revoke(store, screen, &id, &token).await,
        Command::RotateSecret { id, webhook, finish: true, .. } => secrets::finish(store, screen, &id, &webhook).await,
        Command::RotateSecret { id, webhook, overlap_hours, .. } => {
            secrets::rotate(store, screen, &id, &webhook, overlap_hours).await
        }
        Command::Queues { organization, limit } => queues::list(stack, screen, organization.as_ref(), limit).await,
        Command::Webhooks { owner, api, state, project, q, limit, cursor } => {
            let filters = [
                ("api", api.as_ref()),
                ("state", state.as_ref()),
                ("project", project.as_ref()),
                ("q", q.as_ref()),
                ("limit", limit.as_ref()),
                ("cursor", cursor.as_ref()),
            ];
            webhooks::list(stack, screen, &owner, &filters).await
        }
        Command::Deliveries { webhook, owner, filters } => {
            deliveries::list(stack, screen, &owner, &webhook, &filters).await
        }
        Command::Show { webhook, event, owner } => deliveries::show(stack, screen, &owner, &webhook, event).await,
        Command::Pause { webhook, owner } => state::change(stack, screen, &owner, &webhook, Change::Pause).await,
        Command::Unpause { webhook, owner } => state::change(stack, screen, &owner, &webhook, Change::Unpause).await,
        Command::Unsuspend { webhook, owner } => {
            state::change(stack, screen, &owner, &webhook, Change::Unsuspend).await
        }
        Command::Resend(wanted) => resend::run(stack, screen, &wanted).await,
        Command::Quarantine(QuarantineCommand::List { limit }) => quarantine::list(stack, screen, limit).await,
        Command::Quarantine(QuarantineCommand::Retry { id, .. }) => {
            quarantine::retry(stack, screen, id.as_deref()).await
        }
        Command::Quarantine(QuarantineCommand::Delete { id }) => quarantine::delete(stack, screen, &id).await,
        Command::Replay { id, from, to, event_type } => {
            let to = to.unwrap_or_else(|| store.clock().now());
            replay::run(stack, screen, &id, from, to, event_type).await
        }
        Command::Smoke { address, token, slack_url, allow_http } => {
            let address = address.or_else(|| stack.api.clone());
            let address = address.ok_or("say where the API is: give its address, or --stack-name <stack>")?;
            let smoke = smoke::Smoke { address: &address, token: &token, slack_url: &slack_url, allow_http };
            smoke::run(&smoke, store, screen).await
        }
        // Carried out by `run`.
        Command::Doctor { .. } | Command::Cost(_) | Command::Completion { .. } => Ok(()),
    }
}
