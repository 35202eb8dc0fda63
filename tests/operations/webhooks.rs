//! Webhooks of all APIs: their list, their states, and who sees them.

use serde_json::{Value, json};
use shared::domain::Permission;

use super::{WEBHOOKS, ask, done, foreigner, one_of_each, shown};
use crate::support::World;

/// The ids of a page of webhooks.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_the_webhooks_of_all_apis_without_their_secrets() {
    let world = World::new().await;
    one_of_each(&world).await;
    let list = ask(&world, "GET", WEBHOOKS, Value::Null).await;
    for secret in ["token-of", "header-secret", "another-secret", "whsec_", "T00000000"] {
        assert!(!list.text.contains(secret), "{secret}: {}", list.text);
    }
    insta::assert_snapshot!(shown(&list).replace("},{\"id\"", "},\n{\"id\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list_and_pages_follow_each_other() {
    let world = World::new().await;
    let [slack, flip, akinon, socotra, target] = one_of_each(&world).await;
    let all = [&akinon, &flip, &target, &slack, &socotra].map(Clone::clone);
    let listed = async |query: &str| ids(&done(&world, "GET", &format!("{WEBHOOKS}?{query}"), Value::Null).await);
    assert_eq!(listed("").await, all);
    assert_eq!(listed("api=flip").await, [flip.as_str()]);
    assert_eq!(listed("state=delivering&api=socotra").await, [socotra.as_str()]);
    assert_eq!(listed("state=paused").await, [""; 0]);
    assert_eq!(listed("q=AKINON").await, [akinon.as_str()]);
    assert_eq!(listed("q=socotra.example").await, [socotra.as_str()]);
    assert_eq!(listed("q=token-of").await, [""; 0], "a secret is not searched");
    assert_eq!(listed(&format!("project={}", super::PROJECT)).await, [akinon.as_str()]);
    let number = slack.split_once(':').unwrap().1;
    let configuration = format!("/api/v2/webhooks/{number}/configs/1/");
    done(&world, "PATCH", &configuration, json!({"projects": ["11"]})).await;
    assert_eq!(listed("project=11").await, [slack.as_str()]);
    done(&world, "POST", &format!("{WEBHOOKS}/{flip}/pause"), Value::Null).await;
    assert_eq!(listed("state=paused").await, [flip.as_str()]);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = done(&world, "GET", &format!("{WEBHOOKS}?limit=2{cursor}"), Value::Null).await;
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(ids(&page).len(), 2);
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    let refused = ask(&world, "GET", &format!("{WEBHOOKS}?limit=2&api=flip{cursor}"), Value::Null).await;
    insta::assert_snapshot!(refused.shown());
    let foreign = foreigner(&world).await;
    let refused = world.ask(&foreign, "GET", &format!("{WEBHOOKS}?limit=2{cursor}"), None).await;
    assert_eq!(refused.status, 400, "a cursor of another organization: {}", refused.text);
    let refused = ask(&world, "GET", &format!("{WEBHOOKS}?api=x&state=y&limit=0&colour=blue"), Value::Null).await;
    insta::assert_snapshot!(refused.shown());
    assert_eq!(refused.headers["content-type"], "application/problem+json");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_says_why_and_since_when() {
    let world = World::new().await;
    world.subscribed("X").await;
    let one = format!("{WEBHOOKS}/sdelements%3A1");
    let mut shown = vec![ask(&world, "GET", &one, Value::Null).await.shown()];
    for verb in ["pause", "unpause"] {
        shown.push(ask(&world, "POST", &format!("{one}/{verb}"), Value::Null).await.shown());
    }
    let soon = ask(&world, "POST", &format!("{one}/unpause"), Value::Null).await;
    assert_eq!((soon.status, soon.headers.contains_key("retry-after")), (429, true), "{}", soon.text);
    world.behave("X", &json!({"status": 404, "body": "no_service"})).await;
    world.publish("p").await;
    world.eventually(&one, |webhook| webhook["state"] == "suspended" && webhook["queued"] == 1).await;
    shown.push(ask(&world, "GET", &one, Value::Null).await.shown());
    world.behave("X", &json!({"status": 200, "body": "ok"})).await;
    shown.push(ask(&world, "POST", &format!("{one}/unsuspend"), Value::Null).await.shown());
    world.accepted("X", 1).await;
    let counted = |webhook: &Value| webhook["history"][23]["delivered"] == 1 && webhook["queued"] == 0;
    world.eventually(&one, counted).await;
    let changed = json!({"active": false});
    world.call("PATCH", "/api/v2/webhooks/1/", Some(&changed)).await;
    assert_eq!(done(&world, "GET", &one, Value::Null).await["state"], "inactive");
    insta::assert_snapshot!(shown.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_ids_lead_nowhere() {
    let world = World::new().await;
    world.subscribed("X").await;
    let event = world.publish("p").await;
    world.accepted("X", 1).await;
    let target = json!({"kind": "webhook", "name": "n", "url": "https://target.example/x"});
    let target = done(&world, "POST", "/operations/notifications", target).await["id"].as_str().unwrap().to_owned();
    let foreign = foreigner(&world).await;
    let one = format!("{WEBHOOKS}/sdelements:1");
    let none = r#"404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this path, or nothing with its id."}"#;
    let empty = json!({});
    for (method, path) in [
        ("GET", one.clone()),
        ("POST", format!("{one}/pause")),
        ("POST", format!("{one}/unpause")),
        ("POST", format!("{one}/unsuspend")),
        ("POST", format!("{one}/test")),
        ("POST", format!("{one}/rotate-secret")),
        ("GET", format!("{one}/deliveries")),
        ("GET", format!("{one}/deliveries/{event}")),
        ("DELETE", format!("{one}/deliveries/{event}")),
        ("POST", format!("{one}/deliveries/{event}/resend")),
        ("POST", format!("{one}/resend")),
        ("GET", format!("/operations/events/{event}")),
        ("GET", format!("/operations/notifications/{target}")),
        ("PATCH", format!("/operations/notifications/{target}")),
        ("DELETE", format!("/operations/notifications/{target}")),
    ] {
        let reply = world.ask(&foreign, method, &path, Some(&empty).filter(|_| method != "GET")).await;
        assert_eq!(reply.shown(), none, "{method} {path}");
    }
    for list in [WEBHOOKS, "/operations/events", "/operations/notifications"] {
        let page = world.ask(&foreign, "GET", list, None).await;
        assert_eq!(page.text, r#"{"items":[],"next":null}"#, "{list}");
    }
    let summary = world.ask(&foreign, "GET", "/operations/summary", None).await.json();
    assert_eq!(summary["states"]["delivering"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_a_route_does_not_know_is_refused_and_nothing_happens() {
    let world = World::new().await;
    let [_, flip, _, _, target] = one_of_each(&world).await;
    let receiver = "flip.example/hooks/token-of-flip";
    let id = world.event("chat.message", None, &json!({})).await;
    let one = format!("{WEBHOOKS}/{flip}");
    world.eventually(&format!("{one}/deliveries/{id}"), |delivery| delivery["state"] == "delivered").await;
    let target = format!("/operations/notifications/{}", target.split_once(':').unwrap().1);
    for (method, path, body) in [
        ("GET", WEBHOOKS.to_owned(), Value::Null),
        ("GET", one.clone(), Value::Null),
        ("POST", format!("{one}/pause"), Value::Null),
        ("POST", format!("{one}/unpause"), Value::Null),
        ("POST", format!("{one}/unsuspend"), Value::Null),
        ("POST", format!("{one}/test"), Value::Null),
        ("POST", format!("{one}/rotate-secret"), json!({})),
        ("POST", format!("{one}/resend"), json!({"state": "delivered"})),
        ("GET", format!("{one}/deliveries"), Value::Null),
        ("GET", format!("{one}/deliveries/{id}"), Value::Null),
        ("POST", format!("{one}/deliveries/{id}/resend"), Value::Null),
        ("DELETE", format!("{one}/deliveries/{id}"), Value::Null),
        ("GET", "/operations/events".to_owned(), Value::Null),
        ("GET", format!("/operations/events/{id}"), Value::Null),
        ("GET", "/operations/summary".to_owned(), Value::Null),
        ("POST", "/operations/portal".to_owned(), json!({"user": "ann"})),
        ("GET", "/operations/notifications".to_owned(), Value::Null),
        ("POST", "/operations/notifications".to_owned(), json!({})),
        ("GET", target.clone(), Value::Null),
        ("PATCH", target.clone(), json!({"name": "m"})),
        ("DELETE", target.clone(), Value::Null),
    ] {
        let reply = ask(&world, method, &format!("{path}?dry_run=true"), body).await;
        let errors = json!([{"field": "dry_run", "message": "is not a known parameter"}]);
        assert_eq!((reply.status, &reply.json()["errors"]), (400, &errors), "{method} {path}");
    }
    assert_eq!(done(&world, "GET", &one, Value::Null).await["state"], "delivering");
    assert_eq!(world.received(receiver, 1).await.len(), 1, "nothing was sent again");
    assert_eq!(done(&world, "GET", &target, Value::Null).await["name"], "Target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_counts_and_shows_the_worst_first() {
    let world = World::new().await;
    one_of_each(&world).await;
    let calm = done(&world, "GET", "/operations/summary", Value::Null).await;
    assert_eq!((&calm["states"]["delivering"], &calm["trouble"]), (&json!(5), &json!([])));
    assert_eq!(calm["history"].as_array().map(Vec::len), Some(24));
    world.behave("X", &json!({"status": 403, "body": "invalid_token"})).await;
    world.publish("p").await;
    let summary = world.eventually("/operations/summary", |summary| summary["states"]["suspended"] == 1).await;
    assert_eq!(summary["trouble"][0]["webhook"]["id"], "sdelements:1");
    assert_eq!(summary["trouble"][0]["trouble"], json!(["suspended"]));
    assert_eq!(summary["history"][23]["failed"], 1);
    let refused = ask(&world, "GET", "/operations/summary?x=y", Value::Null).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_changes_nothing_and_a_writer_reads_nothing() {
    let world = World::new().await;
    world.subscribed("X").await;
    let reader = world.user("ann", &[Permission::OperationsRead]).await;
    let writer = world.user("bob", &[Permission::OperationsWrite]).await;
    let one = format!("{WEBHOOKS}/sdelements:1");
    assert_eq!(world.ask(&reader, "GET", &one, None).await.status, 200);
    let refused = world.ask(&reader, "POST", &format!("{one}/pause"), None).await;
    insta::assert_snapshot!(refused.shown());
    assert_eq!(world.ask(&writer, "GET", &one, None).await.status, 403);
    assert_eq!(world.ask(&writer, "POST", &format!("{one}/pause"), None).await.json()["state"], "paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_into_the_console_grants_no_more_than_its_maker_has() {
    let world = World::new().await;
    let writer = world.user("bob", &[Permission::OperationsWrite]).await;
    let portal = async |token: &str, body: Value| world.ask(token, "POST", "/operations/portal", Some(&body)).await;
    let made = portal(&world.token, json!({"user": "ann", "permissions": ["operations:read"], "expires_in": 60})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let url = made.json()["url"].as_str().unwrap().to_owned();
    let (base, ticket) = url.split_once("/console/enter?ticket=").unwrap();
    assert_eq!((base, ticket.len()), (world.stack.ready().gateway.as_str(), 43));
    assert!(!world.logs().join("\n").contains(ticket), "the ticket is in a log");
    let refused = portal(&writer, json!({"user": "ann"})).await;
    assert_eq!(refused.status, 400, "who may not read gives nobody else that permission: {}", refused.text);
    let refused = portal(&world.token, json!({"user": "ann", "permissions": []})).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let refused = portal(&writer, json!({"user": "", "permissions": ["operations:read"], "expires_in": 59})).await;
    insta::assert_snapshot!(refused.shown());
}
