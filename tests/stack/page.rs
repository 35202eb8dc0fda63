//! The page of what arrived: what it shows, and the buttons by which paths are told what to answer.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::World;

const FLIP: &str = "/api/webhooks/v4/webhooks";

/// A page of the stand-in.
async fn page(world: &World, path: &str) -> String {
    let reply = local::client().unwrap().get(format!("{}{path}", world.stack.ready().slack)).send().await.unwrap();
    assert_eq!(reply.status(), 200, "{path}");
    reply.text().await.unwrap()
}

/// Posts to the stand-in and gives the status.
async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> StatusCode {
    let url = format!("{}{path}", world.stack.ready().slack);
    let mut request = local::client().unwrap().post(url).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_drawn_as_slack_draws_it_and_other_bodies_are_foldable() {
    let world = World::new().await;
    world.subscribed("drawn").await;
    world.publish("Alpha <b>").await;
    world.accepted("drawn", 1).await;
    post(&world, "/other.example/in?a=b", &[("x-header", "<i>")], r#"{"a": {"b": [1.10]}}"#).await;
    let shown = page(&world, "/").await;
    for wanted in [
        "2 messages",
        "<div class=\"slack-header\">New project: Alpha &lt;b&gt;</div>",
        "<code>/services/T00000000/B00000000/drawn</code>",
        "Signature: not signed",
        "<dt>x-header</dt><dd>&lt;i&gt;</dd>",
        "<code>/other.example/in?a=b</code>",
        "<div>1.10</div>",
    ] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    let one = page(&world, "/?path=%2Fother.example%2Fin").await;
    assert!(one.contains("1 message at") && !one.contains("New project"), "{one}");
    for file in ["slack.css", "page.css", "page.js"] {
        assert!(shown.contains(&format!("/_page/{file}")) && !page(&world, &format!("/_page/{file}")).await.is_empty());
    }
    assert!(!shown.contains("://") && !shown.contains("style="), "it needs nothing from elsewhere");
    assert_eq!(world.messages().await.len(), 2, "looking at the page is no message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_checked_with_the_secret_of_the_paths_webhook() {
    let world = World::new().await;
    let new = json!({"url": "https://flip.example/hook?tenant=1", "subscription": {"event_types": ["chat"]}});
    let made = world.ask(&world.token, "POST", FLIP, Some(&new)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    world.event("chat", None, &json!({"text": "Ä"})).await;
    let sent = world.received("flip.example/hook?tenant=1", 1).await.remove(0);
    assert!(page(&world, "/").await.contains("Signature: verifies"));

    let header = |name: &'static str| (name, sent["headers"][name].as_str().unwrap());
    let headers = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
    let body = sent["body"].as_str().unwrap();
    let client = local::client().unwrap();
    let slack = &world.stack.ready().slack;
    for (path, body, words) in [
        ("/flip.example/hook?tenant=1", body, "Signature: verifies"),
        ("/flip.example/hook?tenant=1", "{}", "Signature: does not verify"),
        ("/flip.example/hook?tenant=2", body, "Signature: no webhook is known for this path"),
    ] {
        client.delete(format!("{slack}/messages")).send().await.unwrap();
        post(&world, path, &headers, body).await;
        let shown = page(&world, "/").await;
        assert_eq!((shown.matches("Signature: ").count(), shown.matches(words).count()), (1, 1), "{words}: {shown}");
    }
    assert!(!page(&world, "/").await.contains("whsec_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_tells_its_path_what_to_answer_and_no_other_page_can_press_it() {
    let world = World::new().await;
    let slack = world.stack.ready().slack.clone();
    let own = [("content-type", "application/x-www-form-urlencoded"), ("origin", &*slack)];
    let form = |answer: &str| format!("path=%2Fother.example%2Fin&answer={answer}");
    // The browser is sent back to the page.
    assert_eq!(post(&world, "/_behave", &own, &form("500")).await, 303);
    assert!(page(&world, "/").await.contains("<strong class=\"told\">answers 500</strong>"));
    assert_eq!(post(&world, "/other.example/in?a=b", &[], "{}").await, 500);
    for origin in ["https://evil.example", "null"] {
        let foreign = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)];
        assert_eq!(post(&world, "/_behave", &foreign, &form("usual")).await, 403, "{origin}");
    }
    assert_eq!(post(&world, "/other.example/in", &[], "{}").await, 500, "nothing has changed");
    assert_eq!(post(&world, "/_behave", &own, &form("429")).await, 303);
    let url = format!("{slack}/other.example/in");
    let told = local::client().unwrap().post(url).send().await.unwrap();
    assert_eq!((told.status().as_u16(), &told.headers()["retry-after"]), (429, &"10".parse().unwrap()));
    assert_eq!(post(&world, "/_behave", &own, &form("usual")).await, 303);
    assert_eq!(post(&world, "/other.example/in", &[], "{}").await, 200);
    assert!(!page(&world, "/").await.contains("class=\"told\""));
    assert_eq!(post(&world, "/_behave", &own, &form("anything")).await, 400);
    assert_eq!(world.messages().await.len(), 4, "a form is no message");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_in_no_foreign_frame_and_runs_only_its_own_files() {
    let world = World::new().await;
    let slack = &world.stack.ready().slack;
    for path in ["/", "/openapi", "/openapi/settings.json"] {
        let reply = local::client().unwrap().get(format!("{slack}{path}")).send().await.unwrap();
        let policy = reply.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for wanted in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(wanted), "{path}: {policy}");
        }
        assert!(!policy.contains("http") && !policy.contains('*'), "{path}: {policy}");
    }
}
