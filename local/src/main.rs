//! `cargo local`: Outhook on this machine.

use std::{
    ffi::OsString,
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::{Parser, Subcommand, ValueEnum};
use local::{
    Stack, Stopped,
    binaries::{self, Rest},
    cargo::{Manner, build, root, run as run_command},
    demo, derived, introduction, now, short_log_line,
};
use tokio::process::Command;

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
    /// What is logged, to standard error.
    #[arg(long, value_enum, default_value_t = Log::Short)]
    log: Log,
    /// Write addresses, ids and keys to this file when everything is up.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Story>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Log {
    /// A line for each request, each delivery and each warning.
    Short,
    /// Every line that the functions write, as Lambda would see it.
    Full,
}

#[derive(Debug, Subcommand)]
enum Story {
    /// Plays the whole story and shows the Slack message.
    Demo,
    /// Serves only the stand-in for Slack, at `--slack`: for functions that run elsewhere.
    Receiver,
    /// Writes the OpenAPI documents to docs/openapi and ends.
    Openapi,
    /// Writes the documentation as a site into a folder and ends; a running stack serves it at `/docs` of `--slack`.
    Docs {
        /// The folder.
        #[arg(default_value = "target/docs")]
        folder: PathBuf,
    },
    /// Writes what derives from template.yaml: the binaries of functions/Cargo.toml, the router of `cargo lambda watch`, the
    /// table of routes in docs/routes.md, and the events of the fallback.
    Routes,
    /// Measures what the functions cost, beside a minimal function, and prints a table: `cargo local bench --help`.
    #[command(disable_help_flag = true)]
    Bench {
        /// The options of the bench.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
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

/// Whether it was told to stop. From then on it prints nothing.
static STOPPING: AtomicBool = AtomicBool::new(false);

async fn run(arguments: Arguments) -> Result<(), BoxError> {
    let mut stopped = Stopped::listen()?;
    let root = root(env!("CARGO_MANIFEST_DIR"))?;
    let work = async {
        match arguments.command {
            Some(Story::Receiver) => serve_receiver(arguments.slack).await.map(|()| None),
            Some(Story::Openapi) => {
                local::openapi::write(&root.join("docs/openapi")).map(|()| None).map_err(BoxError::from)
            }
            Some(Story::Docs { folder }) => local::docs::write(&root, &folder).map(|()| None).map_err(BoxError::from),
            Some(Story::Routes) => write_derived(&root).map(|()| None),
            Some(Story::Bench { options }) => measure(&root, options).await.map(|()| None),
            Some(Story::Demo) => play(&root, arguments.release).await.map(|()| None),
            None => start(&root, arguments).await.map(Some),
        }
    };
    // If `work` is dropped half way, everything that it has started ends with it.
    let stack = tokio::select! {
        done = work => done?,
        () = stopped.wait() => {
            STOPPING.store(true, Ordering::Relaxed);
            None
        }
    };
    if let Some(stack) = stack {
        stopped.wait().await;
        STOPPING.store(true, Ordering::Relaxed);
        stack.shutdown().await;
    }
    Ok(())
}

async fn serve_receiver(address: SocketAddr) -> Result<(), BoxError> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    say(&format!("The stand-in for Slack is at http://{}.", listener.local_addr()?));
    Ok(local::serve_receiver(listener).await?)
}

fn write_derived(root: &Path) -> Result<(), BoxError> {
    match derived::write(root)?.as_slice() {
        [] => say("Everything is as template.yaml has it."),
        files => say(&format!("Written: {}.", files.join(", "))),
    }
    Ok(())
}

async fn play(root: &Path, release: bool) -> Result<(), BoxError> {
    let (options, _) = binaries::functions(root, release, &mut say).await?;
    let stack = Stack::start(options).await?;
    let played = demo::play(stack.ready(), &mut say).await;
    stack.shutdown().await;
    Ok(played?)
}

/// Starts the stack and prints how to use it.
async fn start(root: &Path, arguments: Arguments) -> Result<Stack, BoxError> {
    let (mut options, rest) = binaries::functions(root, arguments.release, &mut say).await?;
    options.data = (!arguments.ephemeral).then_some(arguments.data);
    options.gateway = arguments.gateway;
    options.slack = arguments.slack;
    options.dynamodb = arguments.dynamodb;
    options.concurrency = arguments.concurrency;
    options.triggers = !arguments.no_triggers;
    // As the template asks of Lambda.
    options.environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
    options.log = log(arguments.log);
    let stack = Stack::start(options).await?;
    say(&introduction::text(stack.ready(), rest.as_ref().map_or(0, Rest::count)));
    let ready = serde_json::to_string_pretty(stack.ready())?;
    let announce = move || arguments.ready_file.map_or(Ok(()), |file| local::write_whole(&file, &ready));
    match rest {
        Some(rest) => drop(tokio::spawn(async move {
            let announced = match rest.build().await {
                Ok(()) => announce().map_err(BoxError::from),
                Err(error) => Err(error.into()),
            };
            match announced {
                Ok(()) => say("All functions are built."),
                Err(error) => complain(&format!("cargo local: {error}")),
            }
        })),
        None => announce()?,
    }
    Ok(stack)
}

/// Writes log lines to standard error, with colours where a person sees them.
fn log(form: Log) -> local::Log {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = !plain && std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    Arc::new(move |who, line| {
        let shown = match form {
            Log::Short => short_log_line(now(), who, line, colours),
            Log::Full => Some(format!("{who:>32} | {line}")),
        };
        if let Some(shown) = shown.filter(|_| !STOPPING.load(Ordering::Relaxed)) {
            complain(&shown);
        }
    })
}

fn complain(line: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Builds the bench for release, because its DynamoDB is part of what is timed, and runs it.
async fn measure(root: &Path, options: Vec<OsString>) -> Result<(), BoxError> {
    eprintln!("Building the bench for release ...");
    let mut bench = Command::new(build(root, "release", Manner::Awaited, &["bench".to_owned()]).await?.join("bench"));
    bench.args(options);
    if run_command(bench).await?.success() { Ok(()) } else { Err("the bench failed".into()) }
}

fn say(line: &str) {
    // A closed standard output is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
