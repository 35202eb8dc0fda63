//! What can be given on the command line.

mod commands;
mod parsers;

use std::path::PathBuf;

use clap::Parser;

pub(crate) use commands::{Command, CostArguments, Filters, Owner, QuarantineCommand, ResendArguments};

/// Operates Outhook: shows what is delivered and what is not, examines and repairs a deployment, and manages organizations
/// and their tokens.
///
/// It ends with 0 if all is well, with 1 if `doctor` found something, and with 2 if the command could not be carried out.
#[derive(Debug, Parser)]
#[command(name = "cargo admin", version)]
pub struct Arguments {
    /// The CloudFormation stack to work on. Tables and functions are read from its outputs.
    #[arg(long, env = "OUTHOOK_STACK", global = true, conflicts_with = "ready_file", help_heading = "Deployment")]
    pub(crate) stack_name: Option<String>,
    /// The file that `cargo local --ready-file` writes: work on that local stack.
    #[arg(long, global = true, help_heading = "Deployment")]
    pub(crate) ready_file: Option<PathBuf>,
    /// The Webhooks table; the stack's output `WebhooksTable`.
    #[arg(long, env = "WEBHOOKS_TABLE", default_value = "WebhooksTable", help_heading = "Deployment")]
    pub(crate) webhooks_table: String,
    /// The Events table; the stack's output `EventsTable`.
    #[arg(long, env = "EVENTS_TABLE", default_value = "EventsTable", help_heading = "Deployment")]
    pub(crate) events_table: String,
    /// The Deliveries table; the stack's output `DeliveriesTable`.
    #[arg(long, env = "DELIVERIES_TABLE", default_value = "DeliveriesTable", help_heading = "Deployment")]
    pub(crate) deliveries_table: String,
    /// The function that delivers; the stack's output `DrainFunction`.
    #[arg(long, env = "DRAIN_FUNCTION", help_heading = "Deployment")]
    pub(crate) drain_function: Option<String>,
    /// Another DynamoDB than AWS's, for example <http://127.0.0.1:8000>.
    #[arg(long, env = "AWS_ENDPOINT_URL_DYNAMODB", help_heading = "Deployment")]
    pub(crate) endpoint: Option<String>,
    /// Another Lambda and EventBridge Scheduler than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_LAMBDA", help_heading = "Deployment")]
    pub(crate) lambda_endpoint: Option<String>,
    /// Another CloudFormation than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_CLOUDFORMATION", help_heading = "Deployment")]
    pub(crate) cloudformation_endpoint: Option<String>,
    /// Show the result as one line of JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}
