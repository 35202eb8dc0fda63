//! A running stack, and what it has told.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    time::Duration,
};

use rustix::process::Signal;

use crate::program::{follow, program, stop};

/// The checkout of this test.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The names of all functions' binaries, which have been built.
pub(crate) fn functions() -> &'static [String] {
    static BUILT: OnceLock<Vec<String>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let names: Vec<_> = template().into_iter().map(|function| function.binary).collect();
        let mut cargo = start::cargo(&root(), &[]);
        cargo.args(["build", "--quiet"]).args(names.iter().flat_map(|name| ["--bin", name]));
        assert!(cargo.status().unwrap().success());
        names
    })
}

/// All functions.
pub(crate) fn template() -> Vec<local::Function> {
    local::Template::read(&root().join("template.yaml")).unwrap().functions
}

/// A stack on free ports with its data in a folder.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) lines: mpsc::Receiver<String>,
    log: mpsc::Receiver<String>,
    /// What it has told of itself.
    pub(crate) introduction: Vec<String>,
}

impl Running {
    /// Starts one. Somebody has built these functions before.
    pub(crate) fn new(built: &[String], data: &Path, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = program();
        for option in ["--gateway", "--slack", "--dynamodb"] {
            command.args([option, "127.0.0.1:0"]);
        }
        command.arg("--data").arg(data).env(start::BUILT, built.join(","));
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let [lines, log] = follow(&mut child);
        let mut introduction = Vec::new();
        while introduction.last().is_none_or(|line| line != "Press Ctrl-C to stop.") {
            introduction.push(lines.recv().unwrap());
        }
        assert_eq!(lines.recv().unwrap(), "");
        Self { child, lines, log, introduction }
    }

    /// The lines to paste.
    pub(crate) fn block(&self) -> String {
        let pasted = |line: &String| line.starts_with("export ") || line.starts_with("curl ");
        let block: Vec<_> = self
            .introduction
            .iter()
            .skip_while(|line| !pasted(line))
            .take_while(|line| !line.is_empty())
            .cloned()
            .collect();
        assert!(block.len() > 4 && block.iter().all(pasted), "each is whole on its line: {block:#?}");
        assert_eq!(block.len(), self.introduction.iter().filter(|line| pasted(line)).count(), "they stand together");
        block.join("\n")
    }

    /// Where its API is.
    pub(crate) fn gateway(&self) -> String {
        let line = self.introduction.iter().find(|line| line.starts_with("export OUTHOOK=")).unwrap();
        line["export OUTHOOK=".len()..].split(' ').next().unwrap().to_owned()
    }

    /// The lines that it logs, from the next one to the one that contains this.
    pub(crate) fn logged(&self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.contains(text)) {
            let next = self.log.recv_timeout(Duration::from_secs(60));
            lines.push(next.unwrap_or_else(|_| panic!("{text} was not logged: {lines:#?}")));
        }
        lines
    }

    /// Stops it by that signal, and gives what it has logged since it was last looked at.
    pub(crate) fn stop(self, signal: Signal) -> String {
        stop(self.child, signal);
        assert!(self.lines.try_recv().is_err(), "it says nothing at its end");
        self.log.iter().collect::<Vec<_>>().join("\n")
    }
}

/// What bash makes of a text that is pasted into it.
pub(crate) fn bash(text: &str) -> (String, String) {
    let mut bash =
        Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = bash.wait_with_output().unwrap();
    (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}
