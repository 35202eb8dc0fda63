//! `cargo local`. It says what is about to happen, has cargo build the local stack and the functions that a first
//! message needs, and becomes the stack.
//!
//! It is a program of its own because cargo cannot say anything before a build, and because what cargo has started
//! continues when cargo is told to stop.

use std::{
    env,
    ffi::OsString,
    fmt, io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use start::{BUILT, FIRST, cargo};

/// Printed before the first build.
const FIRST_BUILD: &str = "\
Building Outhook for the first time: about three minutes on two cores, and 2 GB of disk. Cargo shows how far it is.
Later starts take seconds.";

/// Arguments with which the stack does not need these functions, or needs them built for release.
const WITHOUT_FUNCTIONS: [&str; 9] =
    ["receiver", "openapi", "docs", "routes", "bench", "--release", "--help", "-h", "help"];

/// Runs a command, and kills its process group as soon as standard input is closed. Then the program that started it has
/// ended, in whatever way.
const TOGETHER: &str = "exec 3<&0 </dev/null
\"$@\" 3<&- &
command=$!
(read -r _ <&3; kill -KILL 0) &
wait $command";

/// Why the stack does not start.
enum StartError {
    /// A program cannot be run.
    Program(PathBuf, io::Error),
    /// This program's folder or its checkout cannot be found.
    Lost,
    /// Cargo failed, and has said why.
    Refused,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(path, error) => write!(f, "cannot run {}: {error}", path.display()),
            Self::Lost => f.write_str("cannot find the folder of this program or of its checkout"),
            Self::Refused => f.write_str("not built; cargo has said above what is wrong"),
        }
    }
}

fn main() -> ExitCode {
    // The stack takes over this process, so this returns only if it cannot start.
    let error = start(env::args_os().skip(1).collect());
    eprintln!("cargo local: {error}");
    ExitCode::FAILURE
}

fn start(arguments: Vec<OsString>) -> StartError {
    let (Some(root), Some(folder)) = (root(), folder()) else { return StartError::Lost };
    let stack = folder.join("local");
    if !stack.exists() {
        eprintln!("{FIRST_BUILD}");
    }
    let alone = arguments.iter().any(|argument| WITHOUT_FUNCTIONS.iter().any(|known| *known == argument));
    let functions = if alone { &[][..] } else { &FIRST[..] };
    if let Err(error) = build(&root, functions) {
        return error;
    }
    let mut command = Command::new(&stack);
    command.args(arguments).env("CARGO_MANIFEST_DIR", root.join("local"));
    if !functions.is_empty() {
        command.env(BUILT, functions.join(","));
    }
    StartError::Program(stack, command.exec())
}

/// The checkout that this is run for. Cargo says which one it is: if two checkouts share a target folder, this program
/// may have been built by the other one.
fn root() -> Option<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).join("../..").canonicalize().ok()
}

/// The folder into which cargo puts binaries, this one included.
fn folder() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.parent()?.to_owned())
}

/// Has cargo build the stack and these functions. Everything that cargo starts ends with this program.
fn build(root: &Path, functions: &[&str]) -> Result<(), StartError> {
    let mut cargo = cargo(root, &["sh", "-c", TOGETHER, "sh"]);
    cargo.arg("build").args(["local"].iter().chain(functions).flat_map(|name| ["--bin", name]));
    let failed = |error| StartError::Program("sh".into(), error);
    let mut running = cargo.process_group(0).stdin(Stdio::piped()).spawn().map_err(failed)?;
    // `wait` would close it, and then the build would be killed.
    let held = running.stdin.take();
    let status = running.wait().map_err(failed)?;
    drop(held);
    if status.success() { Ok(()) } else { Err(StartError::Refused) }
}
