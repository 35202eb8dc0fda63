//! `cargo local`: Outhook on this machine.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Arc,
};

use clap::{Parser, Subcommand};
use local::{Options, Ready, Stack, bench, demo};

/// Runs Outhook on this machine, with DynamoDB embedded and a stand-in for Slack.
#[derive(Debug, Parser)]
#[command(name = "cargo local")]
struct Arguments {
    /// Where data is kept over a restart.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Keep data in memory only.
    #[arg(long)]
    ephemeral: bool,
    /// Where to serve the API; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    gateway: SocketAddr,
    /// Where to serve the stand-in for Slack.
    #[arg(long, default_value = "127.0.0.1:3001", global = true)]
    slack: SocketAddr,
    /// Where to serve DynamoDB.
    #[arg(long, default_value = "127.0.0.1:8000")]
    dynamodb: SocketAddr,
    /// Let streams and schedules trigger nothing: the functions that serve the tables run elsewhere, for example in
    /// `sam local`.
    #[arg(long)]
    no_triggers: bool,
    /// Build the functions for release.
    #[arg(long, global = true)]
    release: bool,
    /// Write addresses, ids and keys to this file when everything is up.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Story>,
}

#[derive(Debug, Subcommand)]
enum Story {
    /// Plays the whole story and shows the Slack message.
    Demo,
    /// Serves only the stand-in for Slack, at `--slack`: for functions that run elsewhere.
    Receiver,
    /// Writes the OpenAPI documents to docs/openapi and ends.
    Openapi,
    /// Measures what the functions cost, beside a minimal function, and prints a table.
    Bench(Bench),
}

#[derive(Debug, clap::Args)]
struct Bench {
    /// Fewer repetitions: within two minutes, once everything is built.
    #[arg(long)]
    quick: bool,
    /// The profile that the functions are built with: `release`, as deployed, or `release-small`, the smallest (a minute a function).
    #[arg(long, default_value = "release")]
    profile: String,
    /// Builds and measures only this function; may be repeated.
    #[arg(long, value_name = "FUNCTION")]
    only: Vec<String>,
    /// A folder of binaries that are built already, the floors among them, instead of building any: to compare two builds.
    #[arg(long, value_name = "FOLDER")]
    functions: Option<PathBuf>,
    /// Where the figures go as JSON.
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo local: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    match arguments.command {
        Some(Story::Receiver) => {
            let listener = tokio::net::TcpListener::bind(arguments.slack).await?;
            say(&format!("The stand-in for Slack is at http://{}.", listener.local_addr()?));
            return Ok(local::serve_receiver(listener).await?);
        }
        Some(Story::Openapi) => return Ok(local::openapi::write(&root.join("docs/openapi"))?),
        Some(Story::Bench(bench)) => return measure(root, bench).await,
        Some(Story::Demo) | None => {}
    }
    say("Building the functions ...");
    let functions = build(&root, if arguments.release { "release" } else { "dev" }, &["--bins".to_owned()])?;
    let mut options = Options::new(root.join("template.yaml"), functions);
    if matches!(arguments.command, Some(Story::Demo)) {
        let stack = Stack::start(options).await?;
        let played = demo::play(stack.ready(), &mut say).await;
        stack.shutdown().await;
        return Ok(played?);
    }
    options.data = (!arguments.ephemeral).then_some(arguments.data);
    options.gateway = arguments.gateway;
    options.slack = arguments.slack;
    options.dynamodb = arguments.dynamodb;
    options.triggers = !arguments.no_triggers;
    options.log = Arc::new(|function, line| eprintln!("{function:>32} | {line}"));
    let mut interrupted = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let stack = Stack::start(options).await?;
    introduce(stack.ready());
    if let Some(path) = arguments.ready_file {
        // Whoever waits for the file must never see half of it.
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, serde_json::to_string_pretty(stack.ready())?)?;
        std::fs::rename(fresh, path)?;
    }
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    say("Stopping.");
    stack.shutdown().await;
    Ok(())
}

/// Builds binaries and gives their folder.
fn build(root: &Path, profile: &str, which: &[String]) -> Result<PathBuf, Failure> {
    // The same packages as `cargo local` itself, so that no dependency is built twice.
    let mut cargo = cargo(root);
    cargo.args(["build", "--quiet", "--profile", profile]).args(which);
    if !cargo.status()?.success() {
        return Err("the functions were not built; cargo has said above what is wrong".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    Ok(target.join(if profile == "dev" { "debug" } else { profile }))
}

/// Cargo, as if it were not called by what cargo runs.
fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.current_dir(root);
    // What cargo tells the program that it runs would make build scripts run again, and all that depends on them.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Measures with a release build of this program: its DynamoDB is part of what is timed.
async fn measure(root: PathBuf, arguments: Bench) -> Result<(), Failure> {
    if cfg!(debug_assertions) {
        eprintln!("Building the bench itself for release ...");
        let path = build(&root, "release", &["--bin".to_owned(), "local".to_owned()])?.join("local");
        let status = Command::new(path).args(std::env::args_os().skip(1)).status()?;
        return if status.success() { Ok(()) } else { Err("the bench failed".into()) };
    }
    let functions = match arguments.functions {
        Some(folder) => folder,
        None => build_measured(&root, &arguments.profile, &arguments.only)?,
    };
    let options = bench::Options { root, functions, quick: arguments.quick, only: arguments.only };
    let start = std::time::Instant::now();
    let tell = move |line: &str| eprintln!("{:>4} s  {line}", start.elapsed().as_secs());
    let mut figures = bench::run(&options, &tell).await?;
    figures["profile"] = arguments.profile.into();
    say(&bench::show(&figures));
    if let Some(folder) = arguments.json.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.json, serde_json::to_string_pretty(&figures)?)?;
    say(&format!("All figures are in {}.", arguments.json.display()));
    Ok(())
}

/// Builds what is measured: all functions or some, and the floors.
fn build_measured(root: &Path, profile: &str, only: &[String]) -> Result<PathBuf, Failure> {
    let floors = ["floor-get-item", "floor-constant"].map(str::to_owned);
    let chosen = only.iter().chain(&floors).flat_map(|name| ["--bin".to_owned(), name.clone()]);
    let which = if only.is_empty() { vec!["--bins".to_owned()] } else { chosen.collect() };
    eprintln!("Building the functions with profile {profile} ...");
    build(root, profile, &which)
}

fn introduce(ready: &Ready) {
    let Ready { gateway, slack, tokens, .. } = ready;
    let post = format!("curl -s -H 'Authorization: Token {}' -H 'Content-Type: application/json'", tokens.super_user);
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let activity = demo::activity();
    say(&format!(
        "Outhook is at {gateway}, what it sends to Slack at {slack}, DynamoDB at {}. Ctrl-C stops it.\n\
         The APIs are described at {slack}/openapi.\n\
         Create a webhook, have it hear of new projects, publish an activity, and read the message that it became:\n",
        ready.dynamodb
    ));
    say(&format!("{post} {gateway}/api/v2/webhooks/ -d '{{\"name\": \"Engineering\", \"url\": \"{url}\"}}'"));
    say(&format!("{post} {gateway}/api/v2/webhooks/1/configs/ -d '{{\"event_source\": \"CreatedProjectActivity\"}}'"));
    say(&format!("{post} {gateway}/api/v2/projects/11/activities/ -d '{activity}'"));
    say(&format!("curl -s {slack}/messages\n"));
}

fn say(line: &str) {
    // A closed standard output is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
