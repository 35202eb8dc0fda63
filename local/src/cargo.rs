//! The checkout, and building its binaries by cargo, which ends together with whoever asked for it.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo cannot be started.
    #[error("cargo cannot be run: {0}")]
    NoCargo(#[from] std::io::Error),
    /// Cargo failed.
    #[error("the functions were not built; cargo has said above what is wrong")]
    Refused,
}

/// The checkout that a program is run for. Cargo says which it is, if it was cargo who ran it: where two checkouts share a folder
/// for what they build, the program itself may come from the other one. Otherwise it is the one whose package, in a folder
/// directly below the root, was at `compiled`.
///
/// # Errors
///
/// When there is no such folder.
pub fn root(compiled: &str) -> std::io::Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| compiled.into());
    Path::new(&package).join("..").canonicalize()
}

/// Whether somebody waits for a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Somebody waits for it: cargo shows its progress.
    Awaited,
    /// Nobody waits for it: cargo prints nothing unless it fails, and leaves the processors to other programs.
    Behind,
}

/// Builds the binaries with these names (all binaries if there are none), and returns their folder. If the future is
/// dropped before, cargo and everything that it has started are killed.
///
/// # Errors
///
/// When cargo cannot be run, or fails.
pub async fn build(root: &Path, profile: &str, manner: Manner, names: &[String]) -> Result<PathBuf, BuildError> {
    // The same packages as `cargo local` itself, so that no dependency is built twice.
    let through: &[&str] = if manner == Manner::Behind { &["nice", "-n", "10"] } else { &[] };
    let mut cargo = Command::from(start::cargo(root, through));
    cargo.args(["build", "--profile", profile]).args(names.iter().flat_map(|name| ["--bin", name]));
    if names.is_empty() {
        cargo.arg("--bins");
    }
    if manner == Manner::Behind {
        cargo.arg("--quiet");
    }
    if !run(cargo).await?.success() {
        return Err(BuildError::Refused);
    }
    Ok(folder(root, profile))
}

/// Where the binaries of a profile are.
#[must_use]
pub fn folder(root: &Path, profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    target.join(if profile == "dev" { "debug" } else { profile })
}

/// Runs a command in a group of processes of its own, and kills all of the group if that is dropped before it has ended.
///
/// # Errors
///
/// When it cannot be run.
pub async fn run(mut command: Command) -> std::io::Result<std::process::ExitStatus> {
    let mut group = Group(command.process_group(0).spawn()?);
    group.0.wait().await
}

/// A process with whatever it has started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // Without a number it has ended, and what it had started before it.
        let leader = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(leader) = leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    #[tokio::test]
    async fn what_a_command_has_started_ends_with_it() {
        // The grandchild holds the pipe open: its end is the end of the pipe.
        let (writing, reading) = tokio::net::unix::pipe::pipe().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "(echo started; exec sleep 600) & wait"]).stdout(writing.into_blocking_fd().unwrap());
        let running = tokio::spawn(run(command));
        let mut lines = BufReader::new(reading).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("started"));
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        let end = tokio::time::timeout(Duration::from_secs(10), lines.next_line()).await;
        assert_eq!(end.unwrap().unwrap(), None, "the grandchild lives on");
    }
}
