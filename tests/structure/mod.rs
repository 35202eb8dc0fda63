//! How the code is laid out: the modules of `shared` use each other in one direction, and no files use each other in a circle
//! (docs/architecture.md).

mod modules;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use modules::Crate;

use crate::support::root;

/// The root module of each crate that has more than one file.
const CRATES: [&str; 7] = [
    "shared/src/lib.rs",
    "console/src/lib.rs",
    "local/src/lib.rs",
    "admin/src/lib.rs",
    "bench/src/lib.rs",
    "tests/support/simulated/lib.rs",
    "tests/main.rs",
];

/// Each module of `shared`, and the modules that it may use.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("encoding", &[]),
    ("logging", &[]),
    ("aws", &[]),
    ("runtime", &["logging"]),
    ("domain", &["encoding"]),
    ("validation", &["domain", "encoding"]),
    ("store", &["domain", "encoding", "validation"]),
    ("delivery", &["aws", "domain", "encoding", "runtime", "store", "validation"]),
    ("http", &["domain", "encoding"]),
    ("api", &["delivery", "domain", "encoding", "http", "store", "validation"]),
    ("app", &["api", "aws", "delivery", "domain", "encoding", "http", "runtime", "store"]),
];

type Uses = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// The files that a file uses, directly or through others.
fn reached<'u>(uses: &'u Uses, start: &'u PathBuf) -> BTreeSet<&'u PathBuf> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(file) = next.pop() {
        next.extend(uses.get(file).into_iter().flatten().filter(|used| reached.insert(*used)));
    }
    reached
}

/// The uses that are part of a circle.
fn circles(uses: &Uses) -> Vec<String> {
    let reached: BTreeMap<_, _> = uses.keys().map(|file| (file, reached(uses, file))).collect();
    let all = uses.iter().flat_map(|(file, used)| used.iter().map(move |used| (file, used)));
    let circular = all.filter(|(file, used)| reached[used].contains(file));
    circular.map(|(file, used)| format!("{} uses {}", file.display(), used.display())).collect()
}

/// The module of `shared` that a file belongs to.
fn module(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for name in CRATES {
        let uses = Crate::read(&root().join(name)).uses();
        assert!(uses.len() > 1, "{name}");
        found.extend(circles(&uses).into_iter().map(|line| format!("{name}: {line}")));
    }
    assert!(found.is_empty(), "these files use each other in a circle:\n{}", found.join("\n"));
}

#[test]
fn a_dependency_between_modules_points_one_way() {
    let allowed: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    let mut wrong = Vec::new();
    for (file, used) in Crate::read(&root().join("shared/src/lib.rs")).uses() {
        let from = module(&file);
        if from == "lib" {
            continue;
        }
        let allowed = allowed.get(from.as_str()).unwrap_or_else(|| panic!("say in MAY_USE what {from} may use"));
        for used in used {
            let to = module(&used);
            if to != from && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{} uses {}", file.display(), used.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these uses run against MAY_USE:\n{}", wrong.join("\n"));
}

#[test]
fn paths_are_followed_to_the_file_that_defines_what_they_name() {
    let uses = Crate::read(&root().join("tests/structure/example/lib.rs")).uses();
    let uses: Vec<_> = uses
        .iter()
        .map(|(file, used)| {
            let used: Vec<_> = used.iter().map(|used| used.to_str().unwrap()).collect();
            format!("{}: {}", file.display(), used.join(" "))
        })
        .collect();
    let wanted = [
        "a/inner.rs: a/mod.rs",
        "a/mod.rs: a/inner.rs b.rs",
        "b.rs: a/inner.rs c.rs",
        "c.rs: ",
        "lib.rs: a/inner.rs b.rs",
    ];
    assert_eq!(uses, wanted);
    let circular = circles(&Crate::read(&root().join("tests/structure/example/lib.rs")).uses());
    assert_eq!(
        circular,
        ["a/inner.rs uses a/mod.rs", "a/mod.rs uses a/inner.rs", "a/mod.rs uses b.rs", "b.rs uses a/inner.rs"]
    );
}

#[test]
fn no_page_knows_a_request_or_a_table() {
    let mut pages = Vec::new();
    let mut folders = ["view", "picture", "slack"].map(|folder| root().join("console/src").join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                None => folders.push(path),
                Some(extension) if extension == "rs" => pages.push(path),
                Some(_) => {}
            }
        }
    }
    assert!(pages.len() > 20, "{}", pages.len());
    let forbidden = ["app::", "store::", "shared::http", "aws::"];
    let knows = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let found: Vec<_> = forbidden.into_iter().filter(|name| text.contains(name)).collect();
        (!found.is_empty()).then(|| format!("{} knows {found:?}", path.display()))
    };
    let wrong: Vec<_> = pages.iter().filter_map(knows).collect();
    assert!(wrong.is_empty(), "pages are functions of what they show:\n{}", wrong.join("\n"));
}
