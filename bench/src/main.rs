//! `cargo local bench`: measures the functions, prints tables and writes the figures as JSON.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use bench::{BoxError, Options};
use clap::Parser;
use local::{
    Stopped,
    cargo::{Manner, build, root},
};

/// Measures what the functions cost, beside a minimal function, and prints a table.
#[derive(Debug, Parser)]
#[command(name = "cargo local bench")]
struct Arguments {
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
            eprintln!("cargo local bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), BoxError> {
    if cfg!(debug_assertions) {
        return Err("the bench is built for debugging; `cargo local bench` builds it for release".into());
    }
    let mut stopped = Stopped::listen()?;
    // What is dropped half way takes all that it has started along.
    tokio::select! {
        done = measure(arguments) => done,
        () = stopped.wait() => Ok(()),
    }
}

async fn measure(arguments: Arguments) -> Result<(), BoxError> {
    let root = root(env!("CARGO_MANIFEST_DIR"))?;
    let functions = match arguments.functions {
        Some(folder) => folder,
        None => build_measured(&root, &arguments.profile, &arguments.only).await?,
    };
    let options = Options { root, functions, quick: arguments.quick, only: arguments.only };
    let start = Instant::now();
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
    let names: Vec<_> = if only.is_empty() { Vec::new() } else { only.iter().chain(&floors).cloned().collect() };
    eprintln!("Building the functions with profile {profile} ...");
    Ok(build(root, profile, Manner::Awaited, &names).await?)
}

fn say(line: &str) {
    // A closed standard output is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
