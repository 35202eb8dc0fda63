//! Clients that were made for the last release keep working, or the changelog says that they do not.

use serde_json::Value;

use super::{breaking::breaks, documents};
use crate::support::root;

/// What breaks clients of the last release and is not in `CHANGELOG.md`.
#[test]
fn the_changelog_lists_each_change_that_breaks_clients_of_the_last_release() {
    let folder = root().join("docs/openapi/released");
    let mut versions =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let (version, more) = (versions.next().unwrap(), versions.next());
    assert_eq!(more, None, "only the documents of the last release are kept");
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let (unreleased, _) = changelog.split_once(&format!("## [{version}]")).expect("the release is in the changelog");
    let listed = unreleased.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut missing = Vec::new();
    let mut old = Vec::new();
    for entry in std::fs::read_dir(folder.join(&version)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let before: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        old.push((name, before));
    }
    let now = documents();
    for (name, before) in &old {
        let api = name.trim_end_matches(".json");
        match now.iter().find(|(known, _)| known == name) {
            Some((_, after)) => missing.extend(breaks(before, after).into_iter().map(|what| format!("{api} {what}"))),
            None => missing.push(format!("{api} removed")),
        }
    }
    assert!(old.len() >= 5, "the release has too few documents");
    missing.retain(|what| !listed.contains(&format!("`{what}`")));
    assert_eq!(missing, [""; 0], "add these as `...` to CHANGELOG.md above {version}, if they are meant");
}
