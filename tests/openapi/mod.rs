//! The OpenAPI documents are those of the code, describe the template's routes, and keep what a release promised.

mod breaking;
mod breaking_kinds;
mod breaking_schemas;
mod examples;
mod released;
mod schemas;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::http::ROUTES;

use crate::support::{World, root};

/// Each document with its path in `docs/openapi`: in OpenAPI 3.1 and as 3.0.3.
fn all_documents() -> Vec<(String, Value)> {
    local::openapi::documents().into_iter().map(|(path, text)| (path, serde_json::from_str(&text).unwrap())).collect()
}

/// The OpenAPI 3.1 documents with their paths in `docs/openapi`.
fn documents() -> Vec<(String, Value)> {
    all_documents().into_iter().filter(|(path, _)| !path.starts_with("3.0/")).collect()
}

/// The operations of a document: method, path, and what is said of it.
fn operations(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let items = document["paths"].as_object().unwrap().iter();
    items.flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    })
}

#[test]
fn the_committed_documents_are_the_codes() {
    let folder = root().join("docs/openapi");
    for (name, text) in local::openapi::documents() {
        let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        let same = committed == text;
        let line = committed.lines().zip(text.lines()).position(|(old, new)| old != new).unwrap_or_default() + 1;
        assert!(
            same,
            "docs/openapi/{name} is not what the code says from line {line} on; `cargo local openapi` writes it"
        );
    }
    let mut files = BTreeSet::new();
    for prefix in ["", "3.0/"] {
        let entries = std::fs::read_dir(folder.join(prefix)).unwrap().map(Result::unwrap);
        let entries = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files.extend(entries.map(|entry| format!("{prefix}{}", entry.file_name().to_str().unwrap())));
    }
    assert_eq!(files, all_documents().into_iter().map(|(path, _)| path).collect());
}

#[test]
fn every_route_has_an_operation_and_every_operation_a_route() {
    let mut described = BTreeSet::new();
    for (_, document) in documents() {
        for (method, path, _) in operations(&document) {
            let path = path.trim_end_matches('/').to_owned();
            // HEAD is GET without a body, which each description says once.
            if method == "GET" {
                described.insert((path.clone(), "HEAD".to_owned()));
            }
            assert!(described.insert((path.clone(), method.clone())), "{method} {path}");
        }
    }
    // A test of the template holds this table and the template together.
    let routes = ROUTES
        .iter()
        .flat_map(|route| route.methods.iter().map(|method| (route.path.to_owned(), (*method).to_owned())));
    assert_eq!(described, routes.collect());
}

#[test]
fn operations_are_named_after_their_functions() {
    for (name, document) in documents() {
        let mut ids = BTreeSet::new();
        for (_, _, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{name} has two {id}");
            let words = id.chars().fold(String::new(), |words, c| match c {
                'A'..='Z' => words + "_" + &c.to_lowercase().to_string(),
                c => words + &c.to_string(),
            });
            let file = format!("functions/{}/{words}.rs", name.trim_end_matches(".json"));
            assert!(root().join(&file).is_file(), "{id} of {name}: there is no {file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_stack_shows_them_without_needing_a_network() {
    let world = World::new().await;
    let ready = world.stack.ready();
    let get = async |path: &str| reqwest::get(format!("{}{path}", ready.slack)).await.unwrap();
    let page = get("/openapi").await.text().await.unwrap();
    assert!(page.contains("Outhook: the APIs") && !page.contains("://"), "the page names another address");
    // Each file that the page asks for is here.
    let files: Vec<_> = ["src=\"", "href=\""].iter().flat_map(|start| page.split(start).skip(1)).collect();
    assert!(files.len() >= 4, "{page}");
    for file in files.iter().map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(get(file).await.status(), 200, "{file}");
    }
    let settings: Value = get("/openapi/settings.json").await.json().await.unwrap();
    assert_eq!((&settings["gateway"], &settings["key"]), (&json!(ready.gateway), &json!(world.token)));
    for (name, document) in all_documents() {
        assert_eq!(get(&format!("/openapi/{name}")).await.json::<Value>().await.unwrap(), document);
    }
    for (name, document) in documents() {
        let name = name.trim_end_matches(".json");
        assert!(settings["names"].as_array().unwrap().contains(&json!(name)), "the page does not lead to {name}");
        for (_, _, operation) in operations(&document) {
            let line = settings["curl"][name][operation["operationId"].as_str().unwrap()].as_str().unwrap();
            assert!(line.contains(&ready.gateway) && line.contains(&world.token), "{line}");
        }
    }
    assert_eq!(get("/openapi/none.json").await.status(), 404);
    assert!(world.messages().await.is_empty(), "reading the documents is no message");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_on_the_page_reaches_the_api_as_it_was_typed() {
    let world = World::new().await;
    let ready = world.stack.ready();
    let tried = async |method: reqwest::Method, path: &str, headers: &[(&str, &str)], body: &str| {
        let url = format!("{}/openapi/try{path}", ready.slack);
        let mut request = local::client().unwrap().request(method, url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.headers().clone(), reply.text().await.unwrap())
    };
    let key = format!("Token {}", world.token);
    let typed = [("authorization", &*key), ("content-type", "application/json"), ("origin", &*ready.slack)];
    let body = r#"{"name": "Tried", "url": "https://hooks.slack.com/services/T1/B1/X"}"#;
    let (status, headers, made) = tried(reqwest::Method::POST, "/api/v2/webhooks/", &typed, body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
    let (status, _, list) = tried(reqwest::Method::GET, "/api/v2/webhooks/?page_size=1", &typed, "").await;
    assert_eq!((status, list), (200, world.call("GET", "/api/v2/webhooks/?page_size=1", None).await.text));
    // Nothing is added: without a key, there is none.
    assert_eq!(tried(reqwest::Method::GET, "/api/v2/webhooks/", &[], "").await.0, 401);
    let foreign = [("authorization", &*key), ("origin", "https://evil.example")];
    assert_eq!(tried(reqwest::Method::GET, "/api/v2/webhooks/", &foreign, "").await.0, 403);
    assert!(world.messages().await.is_empty(), "what is tried is no message");
}
