//! Event configurations that name the projects whose events they want.

use serde_json::{Value, json};

use crate::support::{Reply, World};

async fn send(world: &World, method: &str, webhook: u64, rest: &str, body: &Value) -> Reply {
    world.call(method, &format!("/api/v2/webhooks/{webhook}/configs/{rest}"), Some(body)).await
}

async fn publish(world: &World, project: &str, name: &str) {
    let body = json!({"name": "CreatedProjectActivity", "data": {"project_desc": name}});
    let made = world.call("POST", &format!("/api/v2/projects/{project}/activities/"), Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_shown_only_where_they_are_set_and_null_returns_to_all() {
    let world = World::new().await;
    let webhook = world.webhook("X").await;
    let source = |projects: Value| json!({"event_source": "CreatedProjectActivity", "projects": projects});
    insta::assert_snapshot!(
        "created_for_some_projects",
        send(&world, "POST", webhook, "", &source(json!([11, "12"]))).await.shown()
    );
    let list = world.call("GET", &format!("/api/v2/webhooks/{webhook}/configs/"), None).await;
    insta::assert_snapshot!("listed_with_projects", list.shown());
    let changed = send(&world, "PATCH", webhook, "1/", &json!({"projects": [13]})).await;
    insta::assert_snapshot!("changed_to_another_project", changed.shown());
    let kept = send(&world, "PATCH", webhook, "1/", &json!({"active": true})).await;
    assert_eq!(kept.json()["projects"], json!([13]));
    let all = send(&world, "PATCH", webhook, "1/", &json!({"projects": null})).await;
    insta::assert_snapshot!("changed_to_all_projects", all.shown());
    for all in [Value::Null, json!([])] {
        let other = world.webhook("Y").await;
        let made = send(&world, "POST", other, "", &source(all)).await;
        assert_eq!((made.status, made.json().get("projects")), (201, None));
    }
    let wrong = world.webhook("Z").await;
    let refused = async |body: Value| send(&world, "POST", wrong, "", &body).await;
    let many: Vec<_> = (1..=21).collect();
    for (name, projects) in [
        ("projects_that_are_no_ids", json!(["x", 0, null, 7])),
        ("projects_that_are_no_list", json!("11")),
        ("too_many_projects", json!(many)),
        ("a_project_twice", json!([11, 12, 11])),
    ] {
        insta::assert_snapshot!(name, refused(source(projects)).await.shown());
    }
    let both = refused(json!({"event_source": "x", "projects": [true]})).await;
    insta::assert_snapshot!("a_wrong_source_and_a_wrong_project", both.shown());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_named_project_arrives_and_those_of_others_and_of_none_do_not() {
    let world = World::new().await;
    let (some, all) = (world.webhook("some").await, world.subscribed("all").await);
    let made =
        send(&world, "POST", some, "", &json!({"event_source": "CreatedProjectActivity", "projects": [11]})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    publish(&world, "12", "bravo").await;
    world.event("CreatedProjectActivity", None, &json!({"project_desc": "charlie"})).await;
    publish(&world, "11", "alpha").await;
    world.shown("all", &["alpha", "bravo", "charlie"]).await;
    assert!(world.shown("some", &["alpha"]).await.matches("Event ").count() == 1, "only one event");
    let id = made.json()["id"].as_u64().unwrap();
    let changed = send(&world, "PATCH", some, &format!("{id}/"), &json!({"projects": [12]})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    publish(&world, "11", "delta").await;
    publish(&world, "12", "echo").await;
    let arrived = world.shown("some", &["alpha", "echo"]).await;
    assert!(["bravo", "charlie", "delta"].iter().all(|other| !arrived.contains(other)), "{arrived}");
    world.shown("all", &["delta", "echo"]).await;
    let deleted = world.call("DELETE", &format!("/api/v2/webhooks/{some}/"), None).await;
    assert_eq!(deleted.status, 204);
    let left = world.scan("WebhooksTable").await;
    let of_some = |item: &&std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>| {
        item["pk"].as_s().unwrap().contains("#SUB#") && item["sk"].as_s().unwrap() == &format!("sdelements:{some}")
    };
    assert_eq!(left.iter().find(of_some), None, "the index keeps nothing of a deleted webhook");
    assert_ne!(some, all);
}
