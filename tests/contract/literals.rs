//! DRF's bodies, statuses and order of checks, as docs/apis/sdelements.md lists them.

use serde_json::json;

use crate::support::{World, slack_url};

#[tokio::test(flavor = "multi_thread")]
async fn every_literal_in_its_place() {
    let world = World::new().await;
    let url = slack_url("X");
    world.subscribed("X").await;
    let token = format!("Token {}", world.token);
    let quoted = format!("Token \"{}\"", world.token);
    let bearer = format!("Bearer {}", world.token);
    let member = format!("Token {}", world.stack.ready().tokens.member);
    let mut shown = Vec::new();
    let mut ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let reply = world.raw(method, path, headers, body).await;
        let mut line = format!("{method} {path} {body}\n  {}", reply.shown());
        for name in ["x-amzn-remapped-www-authenticate", "allow"] {
            if let Some(value) = reply.headers.get(name) {
                line.push_str(&format!("\n  {name}: {}", value.to_str().unwrap()));
            }
        }
        shown.push(line.replace(&world.token, "[token]"));
    };
    let (list, one, configs) = ("/api/v2/webhooks/", "/api/v2/webhooks/1/", "/api/v2/webhooks/1/configs/");
    let auth: &[_] = &[("Authorization", token.as_str())];
    // Authentication, then permission, then the method, then the object, then the body.
    ask("GET", list, &[], "").await;
    ask("PUT", one, &[], "").await;
    ask("GET", list, &[("Authorization", "Token")], "").await;
    ask("GET", list, &[("Authorization", "Token a b")], "").await;
    ask("GET", list, &[("Authorization", "Token nope")], "").await;
    ask("GET", list, &[("Authorization", "Basic YTpi")], "").await;
    ask("GET", list, &[("Authorization", &member)], "").await;
    ask("PUT", one, &[("Authorization", &member)], "").await;
    ask("PUT", one, auth, "").await;
    ask("PUT", list, auth, "{}").await;
    ask("PATCH", list, auth, "{}").await;
    ask("OPTIONS", list, auth, "").await;
    ask("OPTIONS", list, &[], "").await;
    ask("GET", list, &[("Authorization", &quoted), ("Accept", "text/html, application/*")], "").await;
    ask("GET", one, &[("authorization", &bearer), ("Accept", "text/html")], "").await;
    ask("GET", "/api/v2/webhooks/?format=xml", auth, "").await;
    ask("GET", "/api/v2/webhooks/2/", auth, "").await;
    ask("GET", "/api/v2/webhooks/abc/", auth, "").await;
    ask("GET", "/api/v2/webhooks/%31/", auth, "").await;
    ask("GET", "/api/v2/nothing/", auth, "").await;
    ask("GET", "/", &[], "").await;
    ask("PATCH", "/api/v2/webhooks/2/", auth, "{").await;
    ask("POST", "/api/v2/webhooks/2/configs/", auth, "{").await;
    ask("PATCH", "/api/v2/webhooks/1/configs/2/", auth, "{").await;
    ask("GET", "/api/v2/webhooks/2/configs/1/", auth, "").await;
    // Bodies.
    ask("POST", list, auth, "").await;
    ask("POST", list, auth, "{").await;
    ask("POST", list, auth, "[]").await;
    ask("POST", list, auth, "null").await;
    ask("POST", list, auth, "{\"name\": \"\", \"url\": \"x\", \"description\": null, \"active\": \"x\"}").await;
    ask("POST", list, auth, &json!({"name": true, "url": "https://example.com/x", "active": null}).to_string()).await;
    ask("POST", list, auth, &json!({"name": "n".repeat(141), "url": url, "description": "d".repeat(1025)}).to_string())
        .await;
    ask("POST", list, &[("Authorization", &token), ("Content-Type", "text/plain")], "{}").await;
    ask("PATCH", one, auth, "{}").await;
    ask("PATCH", one, auth, &json!({"name": 12, "active": "yes", "id": 5, "integration_type": "x"}).to_string()).await;
    ask("POST", configs, auth, "{}").await;
    ask("POST", configs, auth, &json!({"event_source": "Other", "active": []}).to_string()).await;
    ask("PATCH", "/api/v2/webhooks/1/configs/1/", auth, &json!({"event_source": null}).to_string()).await;
    // Pages.
    ask("GET", "/api/v2/webhooks/?page=0", auth, "").await;
    ask("GET", "/api/v2/webhooks/?page=2", auth, "").await;
    ask("GET", "/api/v2/webhooks/?page=x", auth, "").await;
    ask("GET", "/api/v2/webhooks/?page=last&page_size=-1", auth, "").await;
    insta::assert_snapshot!(shown.join("\n"));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(256 * 1024));
    let reply = world.raw("POST", list, auth, &large).await;
    assert_eq!(reply.shown(), r#"413 {"detail":"The request body is larger than 256 KB."}"#);
    let head = world.raw("HEAD", one, auth, "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_that_is_off_is_named() {
    use shared::domain::OrganizationId;
    let world = World::new().await;
    let organization = OrganizationId::parse(&world.stack.ready().organization).unwrap();
    world.stack.store().set_flags(&organization, &[]).await.unwrap();
    let reply = world.call("GET", "/api/v2/webhooks/", None).await;
    let wanted = r#"403 {"detail":"This endpoint requires the following feature flag to be enabled: Webhooks."}"#;
    assert_eq!(reply.shown(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_webhooks_are_linked_in_both_slash_forms() {
    let world = World::new().await;
    for number in 0..5 {
        world.webhook(&format!("X{number}")).await;
    }
    let ids = |reply: &crate::support::Reply| {
        reply.json()["results"].as_array().unwrap().iter().map(|w| w["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let links = |reply: &crate::support::Reply| {
        let json = reply.json();
        crate::support::alike(&format!("{} {} {}", json["count"], json["previous"], json["next"]))
    };
    let first = world.call("GET", "/api/v2/webhooks/?page_size=2&x=%C3%BC", None).await;
    assert_eq!(ids(&first), [1, 2]);
    assert_eq!(links(&first), r#"5 null "[gateway]/api/v2/webhooks/?page=2&page_size=2&x=%C3%BC""#);
    let second = world.call("GET", "/api/v2/webhooks?page=2&page_size=2", None).await;
    assert_eq!(ids(&second), [3, 4]);
    assert_eq!(
        links(&second),
        r#"5 "[gateway]/api/v2/webhooks?page_size=2" "[gateway]/api/v2/webhooks?page=3&page_size=2""#
    );
    let last = world.call("GET", "/api/v2/webhooks/?page=last&page_size=2", None).await;
    assert_eq!(ids(&last), [5]);
    assert_eq!(links(&last), r#"5 "[gateway]/api/v2/webhooks/?page=2&page_size=2" null"#);
}
