//! The commands that a page of docs/ shows, and running them in bash.

use std::process::Command;

use super::repository::root;

/// The commands in the code blocks of a page's section, each block whole. Blocks that are marked as `text` are none.
pub(crate) fn commands(page: &str, section: &str) -> Vec<String> {
    let blocks = blocks(page, section).into_iter();
    blocks.filter(|(kind, _)| kind != "text").map(|(_, block)| block).collect()
}

/// The code blocks of a page's section, each with the word that says what kind it is.
pub(crate) fn blocks(page: &str, section: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let heading = format!("## {section}\n");
    let (_, text) = text.split_once(&heading).unwrap_or_else(|| panic!("{page} has no section {section}"));
    let text = text.split_once("\n## ").map_or(text, |(text, _)| text);
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            within = !within;
            if within {
                blocks.push((kind.to_owned(), String::new()));
            }
        } else if within {
            let (_, block) = blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
        }
    }
    assert!(!within, "{page}: a code block of {section} does not end");
    blocks
}

/// What bash shows for these lines. Nothing may fail or complain.
pub(crate) fn bash(variables: &[(&str, &str)], lines: &str) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-ec", lines]).envs(variables.iter().copied()).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let done = tokio::task::block_in_place(|| bash.output().unwrap());
    let (shown, complaints) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert!(done.status.success() && complaints.is_empty(), "{lines}\n{shown}\n{complaints}");
    shown
}
