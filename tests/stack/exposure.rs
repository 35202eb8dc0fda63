//! The stack's servers are for programs of this machine; its files are their owner's.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::World;

/// The status of a request to that address with these headers.
async fn asked(method: reqwest::Method, url: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = local::client().unwrap().request(method, url).body("{}");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_takes_a_foreign_host_or_origin() {
    let world = World::new().await;
    let ready = world.stack.ready();
    for (address, path) in [
        (&ready.gateway, "/api/v2/webhooks/"),
        (&ready.slack, "/messages"),
        (&ready.dynamodb, "/"),
        (&ready.lambda, "/_failures"),
    ] {
        let url = format!("{address}{path}");
        let port = address.rsplit(':').next().unwrap();
        let get = reqwest::Method::GET;
        for method in [get.clone(), reqwest::Method::POST, reqwest::Method::OPTIONS, reqwest::Method::DELETE] {
            for foreign in [("origin", "https://evil.example"), ("origin", "null"), ("origin", "http://127.0.0.1:1")] {
                assert_eq!(asked(method.clone(), &url, &[foreign]).await, 403, "{method} {url} {foreign:?}");
            }
            let rebound = format!("evil.example:{port}");
            let own = format!("http://{rebound}");
            for headers in [&[("host", &*rebound)][..], &[("host", &*rebound), ("origin", &*own)]] {
                assert_eq!(asked(method.clone(), &url, headers).await, 403, "{method} {url} {headers:?}");
            }
        }
        let by_name = format!("localhost:{port}");
        for headers in [&[][..], &[("origin", &**address)], &[("host", &*by_name)]] {
            assert_ne!(asked(get.clone(), &url, headers).await, 403, "{url} {headers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_elsewhere_cannot_read_the_database() {
    let world = World::new().await;
    let scan = async |headers: &[(&str, &str)]| {
        let target = ("x-amz-target", "DynamoDB_20120810.Scan");
        let signed =
            "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
        let mut request = local::client().unwrap().post(&world.stack.ready().dynamodb);
        let fixed = [target, ("authorization", signed), ("x-amz-date", "20260101T000000Z")];
        for (name, value) in fixed.iter().chain(headers) {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/x-amz-json-1.0");
        let reply = request.body(json!({"TableName": "WebhooksTable"}).to_string()).send().await.unwrap();
        (reply.status(), reply.headers().contains_key("access-control-allow-origin"), reply.text().await.unwrap())
    };
    let (status, _, body) = scan(&[]).await;
    assert!(status == 200 && body.contains("TOKEN#"), "{status} {body}");
    let (status, allowed, body) = scan(&[("origin", "https://evil.example")]).await;
    assert!(status == 403 && !allowed && !body.contains("TOKEN#"), "{status} {body}");
    let (status, _, body) = scan(&[("host", "evil.example")]).await;
    assert!(status == 403 && !body.contains("TOKEN#"), "{status} {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_post_is_a_delivery() {
    let world = World::new().await;
    let slack = &world.stack.ready().slack;
    for (method, path, wanted) in [
        (reqwest::Method::GET, "/favicon.ico", 404),
        (reqwest::Method::GET, "/services/T00000000/B00000000/X", 404),
        (reqwest::Method::HEAD, "/", 405),
        (reqwest::Method::PUT, "/flip.example/hook", 405),
        (reqwest::Method::GET, "/", 200),
    ] {
        assert_eq!(asked(method.clone(), &format!("{slack}{path}"), &[]).await, wanted, "{method} {path}");
    }
    assert_eq!(world.messages().await, [Value::Null; 0]);
    assert_eq!(asked(reqwest::Method::POST, &format!("{slack}/flip.example/hook"), &[]).await, 200);
    assert_eq!(world.messages().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_its_owners_alone_whatever_it_was_before() {
    let data = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kept-private");
    let _ = std::fs::remove_dir_all(&data);
    let secret = ["seed.json", "dynamodb.sqlite"].map(|name| data.join(name));
    let world = World::with(|options| options.data = Some(data.clone())).await;
    let before = world.token.clone();
    world.stop().await;
    for file in &secret {
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{}", file.display());
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    let world = World::with(|options| options.data = Some(data.clone())).await;
    assert_eq!(world.token, before, "it is the same organization");
    for file in std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()) {
        let private = file.metadata().unwrap().mode() & 0o077 == 0;
        assert!(private || file.file_name().unwrap() == "lock", "{}", file.display());
    }
}

#[test]
fn a_file_that_is_written_whole_is_its_owners_alone_whatever_it_was_before() {
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ready.json");
    let beside = path.with_extension("json.new");
    for file in [&path, &beside] {
        std::fs::write(file, "old").unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    local::write_whole(&path, "new").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert!(!beside.exists());
}
