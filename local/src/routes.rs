//! Which function a request goes to, as API Gateway decides it.

use std::collections::BTreeMap;

use crate::template::{Function, Trigger};

/// A method of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) resource: String,
    pub(crate) function: String,
}

/// The routes of all functions.
pub(crate) fn routes(functions: &[Function]) -> Vec<Route> {
    let of = |function: &Function, event: &Trigger| match event {
        Trigger::Api { method, path } => {
            Some(Route { method: method.clone(), resource: path.clone(), function: function.id.clone() })
        }
        _ => None,
    };
    functions.iter().flat_map(|function| function.events.iter().filter_map(move |event| of(function, event))).collect()
}

/// The route of a request with its path parameters: the most specific resource, then the exact method before ANY.
pub(crate) fn find<'r>(routes: &'r [Route], method: &str, path: &str) -> Option<(&'r Route, BTreeMap<String, String>)> {
    let fitting = routes.iter().filter_map(|route| Some((route, parameters(&route.resource, path)?)));
    let best = fitting.clone().map(|(route, _)| rank(&route.resource)).max()?;
    let mut resource: Vec<_> = fitting.filter(|(route, _)| rank(&route.resource) == best).collect();
    resource.sort_by_key(|(route, _)| route.method == "ANY");
    resource.into_iter().find(|(route, _)| route.method == method || route.method == "ANY")
}

/// Literal segments count more than parameters, parameters more than the rest of a path.
fn rank(resource: &str) -> Vec<u8> {
    let kind = |segment: &str| match segment {
        segment if segment.ends_with("+}") => 1,
        segment if segment.starts_with('{') => 2,
        _ => 3,
    };
    segments(resource).map(kind).collect()
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn parameters(resource: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut asked = path.strip_prefix('/')?.split('/').peekable();
    let path = path.strip_suffix('/').unwrap_or(path);
    for (at, wanted) in segments(resource).enumerate() {
        if let Some(name) = wanted.strip_prefix('{').and_then(|name| name.strip_suffix("+}")) {
            let rest: Vec<_> = path.split('/').skip(at + 1).collect();
            let some = rest.iter().any(|segment| !segment.is_empty());
            found.insert(name.to_owned(), rest.join("/"));
            return some.then_some(found);
        }
        let segment = asked.next()?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !segment.is_empty() => {
                found.insert(name.to_owned(), segment.to_owned());
            }
            Some(_) => return None,
            None if segment == wanted => {}
            None => return None,
        }
    }
    // One trailing slash is the same resource.
    match (asked.next(), asked.next()) {
        (None | Some(""), None) => Some(found),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<String> {
        let route = |method: &str, resource: &str| Route {
            method: method.to_owned(),
            resource: resource.to_owned(),
            function: format!("{method} {resource}"),
        };
        let routes = [
            route("ANY", "/{proxy+}"),
            route("ANY", "/"),
            route("GET", "/w"),
            route("ANY", "/w"),
            route("GET", "/w/{id}"),
            route("GET", "/w/list"),
        ];
        find(&routes, method, path).map(|(route, _)| route.function.clone())
    }

    #[test]
    fn the_most_specific_resource_and_then_method_wins() {
        for (method, path, wanted) in [
            ("GET", "/w", Some("GET /w")),
            ("GET", "/w/", Some("GET /w")),
            ("PUT", "/w", Some("ANY /w")),
            ("GET", "/w/1", Some("GET /w/{id}")),
            ("GET", "/w/list/", Some("GET /w/list")),
            ("PUT", "/w/1", None),
            ("GET", "/", Some("ANY /")),
            ("GET", "/x/y", Some("ANY /{proxy+}")),
            ("GET", "/w//", Some("ANY /{proxy+}")),
        ] {
            assert_eq!(found(method, path).as_deref(), wanted, "{method} {path}");
        }
    }
}
