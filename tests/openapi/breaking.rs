//! Which changes between two documents of an API break clients that were made for the first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    breaking_schemas::{Direction, Schemas},
    operations,
    schemas::resolved,
};

/// Each change that breaks clients, as `<operation>: <what>`.
pub(super) fn breaks(old: &Value, new: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let now: BTreeMap<_, _> = operations(new).map(|(method, path, operation)| ((method, path), operation)).collect();
    for (method, path, before) in operations(old) {
        let id = before["operationId"].as_str().unwrap();
        let mut report = |what: String| {
            found.insert(format!("{id}: {what}"));
        };
        let Some(after) = now.get(&(method.clone(), path)) else {
            report(format!("{method} {path} removed"));
            continue;
        };
        if after["operationId"] != before["operationId"] {
            report(format!("renamed {}", after["operationId"].as_str().unwrap()));
        }
        let schemas = Schemas { old, new };
        parameters(&schemas, before, after, &mut report);
        body(&schemas, before, after, &mut report);
        replies(&schemas, before, after, &mut report);
    }
    for name in old["components"]["securitySchemes"].as_object().unwrap().keys() {
        if new["components"]["securitySchemes"].get(name).is_none() {
            found.insert(format!("security scheme {name} removed"));
        }
    }
    found
}

/// The parameters of an operation by place and name.
fn by_name<'d>(document: &'d Value, operation: &'d Value) -> BTreeMap<String, &'d Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(|one| resolved(document, one));
    parameters.map(|one| (format!("{} {}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap()), one)).collect()
}

fn parameters(schemas: &Schemas<'_>, before: &Value, after: &Value, report: &mut dyn FnMut(String)) {
    let (old, new) = (by_name(schemas.old, before), by_name(schemas.new, after));
    for (name, now) in &new {
        let was = old.get(name);
        if now["required"] == true && was.is_none_or(|was| was["required"] != true) {
            report(format!("parameter {name} newly required"));
        }
        if let Some(was) = was {
            let place = format!("parameter {name}");
            schemas.compare(Direction::Request, &place, &was["schema"], &now["schema"], report);
        }
    }
    old.keys().filter(|name| !new.contains_key(*name)).for_each(|name| report(format!("parameter {name} removed")));
}

fn json_schema(thing: &Value) -> Option<&Value> {
    thing.pointer("/content/application~1json/schema")
}

fn body(schemas: &Schemas<'_>, before: &Value, after: &Value, report: &mut dyn FnMut(String)) {
    let (old, new) = (&before["requestBody"], &after["requestBody"]);
    if new["required"] == true && old["required"] != true {
        report("request body newly required".to_owned());
    }
    match (json_schema(old), json_schema(new)) {
        (Some(old), Some(new)) => schemas.compare(Direction::Request, "request", old, new, report),
        (Some(_), None) => report("request body removed".to_owned()),
        (None, _) => {}
    }
}

fn replies(schemas: &Schemas<'_>, before: &Value, after: &Value, report: &mut dyn FnMut(String)) {
    for (status, old) in before["responses"].as_object().unwrap() {
        let old = resolved(schemas.old, old);
        let Some(new) = after["responses"].get(status).map(|new| resolved(schemas.new, new)) else {
            // A client that handles an error need not get it.
            if status.starts_with('2') {
                report(format!("reply {status} removed"));
            }
            continue;
        };
        for header in old["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
            if new["headers"].get(header).is_none() {
                report(format!("reply {status} header {header} removed"));
            }
        }
        match (json_schema(old), json_schema(new)) {
            (Some(old), Some(new)) => {
                schemas.compare(Direction::Reply, &format!("reply {status}"), old, new, report);
            }
            (Some(_), None) => report(format!("reply {status} body removed")),
            (None, _) => {}
        }
    }
}
