//! Publishing and listing activities.

use serde_json::json;

use crate::support::{World, alike};

/// The ids on a page of activities, and its links to the page before and the one after it.
async fn page(world: &World, url: &str) -> (Vec<String>, Option<String>, Option<String>) {
    let path = url.strip_prefix(&world.stack.ready().gateway).unwrap_or(url);
    let reply = world.call("GET", path, None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let reply = reply.json();
    let ids = reply["results"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()).collect();
    (ids, reply["previous"].as_str().map(str::to_owned), reply["next"].as_str().map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_answered_and_listed_in_the_documented_shape() {
    let world = World::new().await;
    let path = "/api/v2/projects/11/activities/";
    let body = json!({
        "name": "CreatedProjectActivity", "actor": 1, "date": "2016-10-31T19:20:13.887289Z",
        "text": "Admin Testerton created project 123444321 in application Flipism",
        "data": {"project_desc": "123444321", "application_desc": "Flipism", "project": 11, "application": 5,
            "business_unit": 1, "business_unit_desc": "Test BU"},
        "icon": "createProject", "log_level": "create"
    });
    insta::assert_snapshot!("publish_an_activity", world.call("POST", path, Some(&body)).await.shown());
    insta::assert_snapshot!("list_activities", world.call("GET", path, None).await.shown());
    let bad = world.call("POST", path, Some(&json!({"name": "x", "data": 1}))).await;
    insta::assert_snapshot!("a_bad_activity", bad.shown());
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_are_paged_newest_first_by_cursor_in_both_directions() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.insert(0, world.publish(&number.to_string()).await);
    }
    ids.sort_by(|a, b| b.cmp(a));
    let (first, none, next) = page(&world, "/api/v2/projects/11/activities/?page_size=2").await;
    assert_eq!((first.as_slice(), none), (&ids[..2], None));
    let (second, previous, next) = page(&world, &next.unwrap()).await;
    assert_eq!(second, ids[2..4]);
    let (third, _, end) = page(&world, &next.unwrap()).await;
    assert_eq!((third.as_slice(), end), (&ids[4..], None));
    let (back, none, _) = page(&world, &previous.unwrap()).await;
    assert_eq!((back.as_slice(), none), (&ids[..2], None));
    let bad = world.call("GET", "/api/v2/projects/11/activities/?cursor=x", None).await;
    assert_eq!(bad.shown(), r#"404 {"detail":"Invalid cursor"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_publishes_once_for_its_organization() {
    let world = World::new().await;
    let (_, other) = world.stack.organization("rival").await;
    let post = async |token: &str, body: &str| {
        let authorization = format!("Token {token}");
        let headers = [("Authorization", authorization.as_str()), ("Idempotency-Key", "k1")];
        world.raw("POST", "/api/v2/projects/11/activities/", &headers, body).await
    };
    let body = r#"{"name": "CreatedProjectActivity", "text": "once"}"#;
    let first = post(&world.token, body).await;
    let again = post(&world.token, body).await;
    assert_eq!((first.status, &first.text), (201, &again.text));
    assert_eq!(again.status, 201);
    let mismatch = post(&world.token, r#"{"name": "CreatedProjectActivity", "text": "twice"}"#).await;
    insta::assert_snapshot!(alike(&mismatch.shown()), @r#"422 {"detail":"This Idempotency-Key was used for another request in the last 24 hours."}"#);
    let theirs = post(&other.super_user, body).await;
    assert!(theirs.status == 201 && theirs.text != first.text);
    let listed = world.call("GET", "/api/v2/projects/11/activities/", None).await.json();
    assert_eq!(listed["results"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_event_can_be_published_by_whoever_may() {
    let world = World::new().await;
    let body = json!({"type": "chat.message.sent", "project": "p1", "data": {"a": 1}});
    insta::assert_snapshot!("publish_an_event", world.call("POST", "/events", Some(&body)).await.shown());
    let member = world.stack.ready().tokens.member.clone();
    assert_eq!(world.call_as(&member, "POST", "/events", Some(&body)).await.status, 403);
    let bad = world.call("POST", "/events", Some(&json!({"type": "a..b"}))).await;
    insta::assert_snapshot!("a_bad_event", bad.shown());
    assert_eq!(world.call("GET", "/events", None).await.shown(), r#"405 {"detail":"Method \"GET\" not allowed."}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_activities_fits_into_lambdas_answer() {
    let world = World::new().await;
    let event = json!({"type": "A", "project": "11", "request": "r", "data": {"x": "y".repeat(255 * 1024)}});
    let mut ids = Vec::new();
    for _ in 0..24 {
        let made = world.call("POST", "/events", Some(&event)).await;
        ids.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    ids.sort_by(|a, b| b.cmp(a));
    let (first, _, next) = page(&world, "/api/v2/projects/11/activities/?page_size=100").await;
    assert_eq!(first, ids[..20]);
    let (second, previous, next) = page(&world, &next.unwrap()).await;
    assert_eq!((second.as_slice(), next), (&ids[20..], None));
    assert_eq!(page(&world, &previous.unwrap()).await.0, first);
}
