//! Moves replies that several operations share into components.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::parts::reference;

/// For each failing status, moves the most common reply to a component if several operations have it. The component is
/// named after the status's reason. Returns the components.
pub(super) fn share(paths: &mut Map<String, Value>) -> Map<String, Value> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    each(paths, |status, reply| *counts.entry((status.to_owned(), reply.to_string())).or_default() += 1);
    let mut commonest: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for ((status, text), count) in counts.into_iter().filter(|(_, count)| *count > 1) {
        let known = commonest.entry(status).or_default();
        if count > known.0 {
            *known = (count, text);
        }
    }
    let mut components = Map::new();
    each(paths, |status, reply| {
        let text = reply.to_string();
        if commonest.get(status).is_some_and(|(_, commonest)| *commonest == text) {
            let name = reply["description"].as_str().unwrap_or(status).replace(' ', "");
            let reply = std::mem::replace(reply, reference("responses", &name));
            components.insert(name, reply);
        }
    });
    components.sort_keys();
    components
}

fn each(paths: &mut Map<String, Value>, mut visit: impl FnMut(&str, &mut Value)) {
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for replies in operations.filter_map(|operation| operation["responses"].as_object_mut()) {
        replies
            .iter_mut()
            .filter(|(status, _)| !status.starts_with('2'))
            .for_each(|(status, reply)| visit(status, reply));
    }
}
