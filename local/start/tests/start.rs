//! `cargo local` until the stack takes over, with scripts in place of cargo and the stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Pid, Signal, kill_process};

/// A script cannot be run while it is open for writing, and a process that another test starts at that moment would keep
/// it open.
static ONE_BY_ONE: Mutex<()> = Mutex::new(());

/// A checkout with the program in a folder of its own, where cargo is to put the stack too.
struct Checkout(PathBuf, #[expect(dead_code, reason = "held until the test ends")] MutexGuard<'static, ()>);

impl Checkout {
    /// A fresh one, with that script as cargo. It runs beside the program.
    fn new(name: &str, cargo: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        for part in ["local/start", "debug"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let alone = ONE_BY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let checkout = Self(folder.canonicalize().unwrap(), alone);
        fs::copy(env!("CARGO_BIN_EXE_start"), checkout.0.join("debug/start")).unwrap();
        checkout.script("cargo", &format!("cd debug; {cargo}"));
        checkout
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The program, as a terminal starts it: whoever runs these tests in the background may have them ignore Ctrl-C, and
    /// what they start inherits that.
    fn program(&self) -> Command {
        let mut program = Command::new("env");
        if cfg!(target_os = "linux") {
            program.arg("--default-signal=INT");
        }
        program.arg(self.0.join("debug/start"));
        program.env("CARGO", self.0.join("cargo")).env("CARGO_MANIFEST_DIR", self.0.join("local/start"));
        program.env("CARGO_PKG_NAME", "start").env_remove(start::BUILT);
        program
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.program().args(arguments).output().unwrap()
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Cargo that shows what it was called with and puts the stack beside the program.
const BUILDS: &str = "echo \"cargo $* ${CARGO_PKG_NAME-clean}\"; mv stack local 2>/dev/null; true";

/// A stack that shows what it was called with.
const STACK: &str = "echo \"stack $* <$OUTHOOK_BUILT> $CARGO_MANIFEST_DIR\"; exit 7";

#[test]
fn it_builds_the_stack_with_the_first_functions_and_becomes_it() {
    let checkout = Checkout::new("becomes", BUILDS);
    checkout.script("debug/stack", STACK);
    let names: Vec<_> = ["local"].iter().chain(&start::FIRST).map(|name| format!("--bin {name}")).collect();
    let (cargo, built) = (format!("cargo build {} clean", names.join(" ")), start::FIRST.join(","));
    let stack = format!("stack --data x <{built}> {}", checkout.0.join("local").display());
    for first in [true, false] {
        let done = checkout.run(&["--data", "x"]);
        assert_eq!(text(done.stdout), format!("{cargo}\n{stack}\n"));
        assert_eq!(done.status.code(), Some(7), "the stack's own end");
        assert_eq!(text(done.stderr).contains("about"), first, "it says how long a first build takes");
    }
}

#[test]
fn what_needs_no_functions_builds_none() {
    let checkout = Checkout::new("alone", BUILDS);
    checkout.script("debug/local", STACK);
    for arguments in [&["openapi"][..], &["--help"], &["demo", "--release"]] {
        let said = text(checkout.run(arguments).stdout);
        assert!(said.starts_with("cargo build --bin local clean\nstack "), "{said}");
        assert!(said.contains("<>"), "{said}");
    }
}

#[test]
fn what_cargo_refuses_does_not_start() {
    let checkout = Checkout::new("refused", "exit 101");
    checkout.script("debug/local", STACK);
    let done = checkout.run(&[]);
    assert_eq!((done.status.code(), text(done.stdout).as_str()), (Some(1), ""));
    assert!(text(done.stderr).contains("cargo has said above what is wrong"));
}

#[test]
fn whatever_ends_it_ends_cargo_and_the_compilers_and_says_nothing() {
    let checkout = Checkout::new("ended", "(echo compiling; sleep 60; echo it lives on) & wait");
    checkout.script("debug/local", STACK);
    for signal in [Signal::TERM, Signal::INT, Signal::KILL] {
        let mut running = checkout.program().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(running.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "compiling\n");
        kill_process(Pid::from_child(&running), signal).unwrap();
        assert!(!running.wait().unwrap().success());
        // All that it has started hold this pipe open: its end is theirs.
        let (mut rest, mut complaints) = (String::new(), String::new());
        said.read_to_string(&mut rest).unwrap();
        running.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        assert_eq!((rest.as_str(), complaints.as_str()), ("", ""), "{signal:?}");
    }
}
