//! The program, and what it has started.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How soon it has to end.
pub(crate) const MOST: Duration = Duration::from_secs(2);

pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_local"));
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// What it says on standard output and on standard error, line by line.
pub(crate) fn follow(child: &mut Child) -> [mpsc::Receiver<String>; 2] {
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    [lines(out), lines(err)]
}

fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (line, lines) = mpsc::channel();
    let lines_of = BufReader::new(output).lines();
    std::thread::spawn(move || lines_of.map_while(Result::ok).try_for_each(|text| line.send(text)));
    lines
}

/// Sends the signal and waits for the end, which must come in time and be a success.
pub(crate) fn stop(mut child: Child, signal: Signal) {
    let start = Instant::now();
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), signal).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(start.elapsed() < MOST, "{:?}", start.elapsed());
}

/// The processes whose parent is that one.
pub(crate) fn children(of: u32) -> Vec<u32> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let parent = |process: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
    };
    processes.filter(|process| parent(process) == Some(of)).collect()
}

pub(crate) fn lives(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Looks whether all of them end. Whoever was killed is gone a moment later.
pub(crate) fn end(processes: &[u32]) {
    let start = Instant::now();
    while processes.iter().any(|process| lives(*process)) {
        assert!(start.elapsed() < MOST, "one of {processes:?} lives on");
        std::thread::yield_now();
    }
}
