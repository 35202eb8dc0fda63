//! `cargo local`: Outhook on this machine.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use local::{
    Options, Stack, bench,
    cargo::{build, run as run_command},
    demo, introduction,
};
use tokio::{
    process::Command,
    signal::unix::{Signal, SignalKind, signal},
};

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
    /// How many environments all functions together may have, as in a new AWS account.
    #[arg(long, default_value_t = 10, value_name = "N")]
    concurrency: usize,
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

type BoxError = Box<dyn std::error::Error + Send + Sync>;

async fn run(arguments: Arguments) -> Result<(), BoxError> {
    let mut stopped =
        Stopped { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? };
    let root = root()?;
    let work = async {
        match arguments.command {
            Some(Story::Receiver) => serve_receiver(arguments.slack).await.map(|()| None),
            Some(Story::Openapi) => {
                local::openapi::write(&root.join("docs/openapi")).map(|()| None).map_err(BoxError::from)
            }
            Some(Story::Bench(bench)) => measure(root, bench).await.map(|()| None),
            Some(Story::Demo) => play(&root, arguments.release).await.map(|()| None),
            None => start(&root, arguments).await.map(Some),
        }
    };
    // What is dropped half way takes all that it has started along.
    let stack = tokio::select! {
        done = work => done?,
        () = stopped.wait() => None,
    };
    if let Some(stack) = stack {
        stopped.wait().await;
        stack.shutdown().await;
    }
    Ok(())
}

/// The signals by which the stack is told to stop.
struct Stopped {
    interrupted: Signal,
    terminated: Signal,
}

impl Stopped {
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}

/// The checkout that this is run for. Cargo says which it is, if it was cargo who ran it: where two checkouts share a folder for
/// what they build, this very file may come from the other one.
fn root() -> std::io::Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).join("..").canonicalize()
}

async fn serve_receiver(address: SocketAddr) -> Result<(), BoxError> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    say(&format!("The stand-in for Slack is at http://{}.", listener.local_addr()?));
    Ok(local::serve_receiver(listener).await?)
}

async fn built(root: &Path, release: bool) -> Result<Options, BoxError> {
    say("Building the functions ...");
    let functions = build(root, if release { "release" } else { "dev" }, &["--bins".to_owned()]).await?;
    Ok(Options::new(root.join("template.yaml"), functions))
}

async fn play(root: &Path, release: bool) -> Result<(), BoxError> {
    let stack = Stack::start(built(root, release).await?).await?;
    let played = demo::play(stack.ready(), &mut say).await;
    stack.shutdown().await;
    Ok(played?)
}

/// Starts the stack and tells of it.
async fn start(root: &Path, arguments: Arguments) -> Result<Stack, BoxError> {
    let mut options = built(root, arguments.release).await?;
    options.data = (!arguments.ephemeral).then_some(arguments.data);
    options.gateway = arguments.gateway;
    options.slack = arguments.slack;
    options.dynamodb = arguments.dynamodb;
    options.concurrency = arguments.concurrency;
    options.triggers = !arguments.no_triggers;
    options.log = Arc::new(|function, line| {
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{function:>32} | {line}");
    });
    let stack = Stack::start(options).await?;
    say(&introduction::places(stack.ready()));
    for line in introduction::lines(stack.ready()) {
        say(&format!("\n{line}"));
    }
    if let Some(path) = arguments.ready_file {
        local::write_whole(&path, &serde_json::to_string_pretty(stack.ready())?)?;
    }
    Ok(stack)
}

/// Measures with a release build of this program: its DynamoDB is part of what is timed.
async fn measure(root: PathBuf, arguments: Bench) -> Result<(), BoxError> {
    if cfg!(debug_assertions) {
        eprintln!("Building the bench itself for release ...");
        let path = build(&root, "release", &["--bin".to_owned(), "local".to_owned()]).await?.join("local");
        let mut bench = Command::new(path);
        bench.args(std::env::args_os().skip(1));
        let status = run_command(bench).await?;
        return if status.success() { Ok(()) } else { Err("the bench failed".into()) };
    }
    let functions = match arguments.functions {
        Some(folder) => folder,
        None => build_measured(&root, &arguments.profile, &arguments.only).await?,
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
async fn build_measured(root: &Path, profile: &str, only: &[String]) -> Result<PathBuf, BoxError> {
    let floors = ["floor-get-item", "floor-constant"].map(str::to_owned);
    let chosen = only.iter().chain(&floors).flat_map(|name| ["--bin".to_owned(), name.clone()]);
    let which = if only.is_empty() { vec!["--bins".to_owned()] } else { chosen.collect() };
    eprintln!("Building the functions with profile {profile} ...");
    Ok(build(root, profile, &which).await?)
}

fn say(line: &str) {
    // A closed standard output is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
