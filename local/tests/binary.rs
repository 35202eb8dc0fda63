//! `cargo local` as a program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How soon it has to end.
const MOST: Duration = Duration::from_secs(5);

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_local"));
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// What it says on standard output, line by line, and all that it says on standard error.
fn follow(child: &mut Child) -> (mpsc::Receiver<String>, std::thread::JoinHandle<String>) {
    let (out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (line, lines) = mpsc::channel();
    std::thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).unwrap();
        text
    });
    (lines, errors)
}

/// Sends the signal and waits for the end, which must come in time and be a success.
fn stop(mut child: Child, signal: Signal) {
    let start = Instant::now();
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), signal).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(start.elapsed() < MOST, "{:?}", start.elapsed());
}

/// The processes whose parent is that one.
fn children(of: u32) -> Vec<u32> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let parent = |process: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
    };
    processes.filter(|process| parent(process) == Some(of)).collect()
}

fn lives(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Looks whether all of them end. Whoever was killed is gone a moment later.
fn end(processes: &[u32]) {
    let start = Instant::now();
    while processes.iter().any(|process| lives(*process)) {
        assert!(start.elapsed() < MOST, "one of {processes:?} lives on");
        std::thread::yield_now();
    }
}

#[test]
fn a_signal_while_it_builds_leaves_nothing_behind() {
    let folder = folder("building");
    // What stands for cargo, and for the compiler that it has started.
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\nsh -c 'echo compiling; exec sleep 600' &\necho $! > compiler\nwait\n").unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(folder.join("local")).unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut command = program();
        let mut child = command
            .arg("--ephemeral")
            .env("CARGO", &cargo)
            .env("CARGO_MANIFEST_DIR", folder.join("local"))
            .spawn()
            .unwrap();
        let (lines, errors) = follow(&mut child);
        while lines.recv().unwrap() != "compiling" {}
        let started = children(child.id());
        let mut all: Vec<u32> = started.iter().flat_map(|process| children(*process)).collect();
        all.extend(started);
        assert!(all.len() >= 2, "{all:?}");
        stop(child, signal);
        end(&all);
        assert_eq!(errors.join().unwrap(), "");
        assert!(lines.try_recv().is_err());
    }
}

#[test]
fn it_stops_silently_and_leaves_no_process_behind() {
    let folder = folder("stopping");
    let ready = folder.join("ready.json");
    for signal in [Signal::TERM, Signal::INT] {
        let _ = std::fs::remove_file(&ready);
        let mut command = program();
        command.args([
            "--ephemeral",
            "--gateway",
            "127.0.0.1:0",
            "--slack",
            "127.0.0.1:0",
            "--dynamodb",
            "127.0.0.1:0",
        ]);
        let mut child = command.arg("--ready-file").arg(&ready).spawn().unwrap();
        let (lines, errors) = follow(&mut child);
        // The last line is that which shows the message; the file is written after it.
        while !lines.recv().unwrap().ends_with("/messages") {}
        let text = loop {
            match std::fs::read_to_string(&ready) {
                Ok(text) => break text,
                Err(_) => std::thread::yield_now(),
            }
        };
        assert_eq!(ready.metadata().unwrap().mode() & 0o777, 0o600);
        let told: local::Ready = serde_json::from_str(&text).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let client = local::client().unwrap();
            for path in ["/api/v2/webhooks/", "/api/webhooks/v4/webhooks", "/nowhere"] {
                client.get(format!("{}{path}", told.gateway)).send().await.unwrap();
            }
            let failures = client.get(format!("{}/_failures", told.lambda)).send().await.unwrap();
            assert_eq!(failures.text().await.unwrap(), "[]");
        });
        let functions = children(child.id());
        assert!(functions.len() >= 3, "{functions:?}");
        stop(child, signal);
        let errors = errors.join().unwrap();
        assert!(!errors.contains("panicked"), "{errors}");
        assert!(lines.try_recv().is_err(), "it says nothing at its end");
        end(&functions);
    }
}

#[test]
fn openapi_documents_go_into_the_checkout_that_asks_for_them() {
    let folder = folder("checkout");
    std::fs::create_dir(folder.join("local")).unwrap();
    let status = program().arg("openapi").env("CARGO_MANIFEST_DIR", folder.join("local")).status().unwrap();
    assert!(status.success());
    let written = std::fs::read_to_string(folder.join("docs/openapi/sdelements.json")).unwrap();
    assert!(written.contains("\"openapi\""));
}
