//! The texts that derive from the functions of the template.

use std::collections::BTreeSet;

use super::deployed::{Deployed, Route};

/// The binaries in the manifest of the functions.
pub(super) fn binaries(functions: &[Deployed]) -> String {
    let bin = |function: &Deployed| {
        format!("[[bin]]\nname = \"{}\"\npath = \"{}\"\ntest = false\n", function.binary, function.source())
    };
    let mut known = BTreeSet::new();
    let functions = functions.iter().filter(|function| known.insert(&function.binary));
    functions.map(bin).collect::<Vec<_>>().join("\n")
}

/// The routes of `cargo lambda watch`, which treats the two slash forms of a path as different paths.
pub(super) fn router(functions: &[Deployed]) -> String {
    let mut text = String::new();
    for path in paths(functions) {
        if let Some((function, _)) = routes(functions).find(|(_, route)| route.path == path && route.takes_any()) {
            // The rest of a path is written in another way there.
            for form in forms(&path.replace("{proxy+}", "{*proxy}")) {
                text += &format!("\"{form}\" = \"{}\"\n", function.binary);
            }
            continue;
        }
        let entry = |(function, route): (&Deployed, &Route)| {
            let entry = format!("{{ method = \"{}\", function = \"{}\" }}", route.method, function.binary);
            (route.path == path).then_some(entry)
        };
        let entries = routes(functions).filter_map(entry).collect::<Vec<_>>().join(", ");
        for form in forms(path) {
            text += &format!("\"{form}\" = [{entries}]\n");
        }
    }
    text
}

/// Both slash forms of a path; one that ends with the rest of a path has only one.
fn forms(path: &str) -> Vec<String> {
    if path.ends_with("{*proxy}") { vec![path.to_owned()] } else { vec![path.to_owned(), format!("{path}/")] }
}

/// The table of routes. HEAD is left out, because it is GET without a body.
pub(super) fn table(functions: &[Deployed]) -> String {
    let mut text = "| route | what it does | function |\n|---|---|---|\n".to_owned();
    for (function, Route { method, path, .. }) in routes(functions).filter(|(_, route)| route.method != "HEAD") {
        text += &format!("| `{method} {path}` | {} | `{}` |\n", function.description, function.module());
    }
    text
}

/// The events of a fallback: its paths, for the methods that no function has. With `operations`, those of the operations API; a
/// template without that API has no such fallback. Without, those of all others, and the rest.
///
/// A path that has an event keeps the event's name, because CloudFormation would add the permission with the new name before it
/// removes the old one: if all names changed, the function's policy would exceed 20 KB. A new path's name is made from it.
pub(super) fn fallback_events(functions: &[Deployed], operations: bool) -> Result<Option<String>, String> {
    let fallback = functions.iter().find(|function| function.is_fallback_of(operations));
    let Some(fallback) = fallback else {
        return if operations { Ok(None) } else { Err("there is no fallback".to_owned()) };
    };
    let others = [("Root".to_owned(), "/"), ("Proxy".to_owned(), "/{proxy+}")].into_iter().filter(|_| !operations);
    // A function that takes any method leaves none for the fallback.
    let left = |path: &&str| !routes(functions).any(|(_, route)| route.path == *path && route.takes_any());
    let paths = paths(functions).into_iter().filter(left).filter(|path| path.starts_with("/operations") == operations);
    let name = |path: &str| {
        let event = fallback.routes.iter().find(|route| route.path == path);
        event.map_or_else(|| name_of(path), |event| event.name.clone())
    };
    let (mut text, mut names) = (String::new(), BTreeSet::new());
    for (name, path) in paths.map(|path| (name(path), path)).chain(others) {
        text += &format!(
            "        {name}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: '{path}', Method: ANY}}}}\n"
        );
        if !names.insert(name.clone()) {
            return Err(format!("two events of the fallback would be called {name}: rename the one that is there"));
        }
    }
    Ok(Some(text))
}

/// The words of a path, each with a capital letter.
fn name_of(path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The routes of all functions but the fallback.
fn routes(functions: &[Deployed]) -> impl Iterator<Item = (&Deployed, &Route)> {
    let functions = functions.iter().filter(|function| !function.is_fallback());
    functions.flat_map(|function| function.routes.iter().map(move |route| (function, route)))
}

/// Their paths, each once.
fn paths(functions: &[Deployed]) -> Vec<&str> {
    let mut known = BTreeSet::new();
    routes(functions).map(|(_, route)| route.path.as_str()).filter(|path| known.insert(*path)).collect()
}
