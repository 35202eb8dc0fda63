//! Holds which module of this crate may use which: a dependency points one way (docs/architecture.md).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// Each module of the crate, and the modules that it may use.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("encoding", &[]),
    ("logging", &[]),
    ("runtime", &["logging"]),
    ("domain", &["encoding"]),
    ("validation", &["encoding", "domain"]),
    ("store", &["domain", "encoding", "validation"]),
    ("auth", &["domain", "encoding", "store"]),
    ("delivery", &["domain", "encoding", "runtime", "store", "validation"]),
    ("http", &["auth", "delivery", "domain", "encoding", "runtime", "store", "validation"]),
    ("app", &["api", "http", "runtime"]),
    ("api", &["auth", "delivery", "domain", "encoding", "http", "store", "validation"]),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the crate that a file's text names, its tests left out.
fn named(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let comments = Regex::new(r"//[^\n]*").unwrap();
    let text = comments.replace_all(text, "");
    let path = Regex::new(r"crate::([a-z_]+)").unwrap();
    let mut named: BTreeSet<String> = path.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    // The first word of each element of `use crate::{...};`.
    let group = Regex::new(r"crate::\{([^;]*)\};").unwrap();
    for found in group.captures_iter(&text) {
        let mut depth = 0;
        let mut word = String::new();
        for letter in found[1].chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => word.clear(),
                ':' if depth == 0 && !word.is_empty() => {
                    named.insert(std::mem::take(&mut word));
                }
                letter if depth == 0 && (letter.is_alphanumeric() || letter == '_') => word.push(letter),
                _ => {}
            }
            if depth > 0 {
                word.clear();
            }
        }
    }
    named
}

#[test]
fn a_dependency_points_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut wrong = Vec::new();
    for path in all {
        let inside = path.strip_prefix(&source).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            assert!(["lib", "layers"].contains(&module.as_str()), "say what {module} may use");
            continue;
        };
        let tests = inside.iter().any(|part| part == "tests" || part == "tests.rs" || part == "odd_events.rs");
        if tests {
            continue;
        }
        for used in named(&fs::read_to_string(&path).unwrap()) {
            let known = MAY_USE.iter().any(|(name, _)| *name == used);
            if known && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_file_uses_is_read_from_its_paths() {
    let text = "//! crate::api\nuse crate::{\n    domain::{Api, Event},\n    store::Store,\n};\nfn f() { crate::http::run() }\n\
                #[cfg(test)]\nmod tests {\n use crate::delivery::X;\n}";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["domain", "http", "store"]);
}
