//! What is logged.

use rustix::process::Signal;

use crate::{
    program::folder,
    running::{Running, bash, functions},
};

#[test]
fn the_full_log_is_what_lambda_would_see() {
    let stack = Running::new(functions(), &folder("full"), |command| {
        command.args(["--log", "full"]);
    });
    let (_, complaints) = bash(&stack.block());
    assert_eq!(complaints, "");
    let log = stack.logged("\"http.route\":\"/api/v2/projects/");
    stack.stop(Signal::TERM);
    let line = log.last().unwrap();
    let (function, line) = line.split_once(" | ").unwrap();
    assert_eq!(function.trim(), "SdElementsPublishActivity");
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((line["level"].as_str(), &line["fields"]["http.status"]), (Some("INFO"), &201.into()));
}
