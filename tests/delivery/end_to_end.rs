//! The main job, told from both ends.

use serde_json::{Value, json};

use crate::support::{World, slack_url};

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_switched_on_when_an_event_happens_receives_it() {
    let world = World::new().await;
    let id = world.subscribed("watched").await;
    world.subscribed("control").await;
    let (webhook, configuration) = (format!("/api/v2/webhooks/{id}/"), format!("/api/v2/webhooks/{id}/configs/1/"));
    // The control webhook receives everything, in order: when it has an event, whoever wanted the ones before has them too,
    // or will never have them.
    let mut published = 0;
    let mut publish = async |project: &str| {
        world.publish(project).await;
        published += 1;
        world.shown("control", &[project]).await;
    };
    publish("alpha").await;
    assert!(world.accepted("watched", 1).await[0].contains("alpha"));
    world.call("PATCH", &configuration, Some(&json!({"active": false}))).await;
    publish("bravo").await;
    world.call("PATCH", &configuration, Some(&json!({"active": true}))).await;
    publish("charlie").await;
    assert!(world.accepted("watched", 2).await[1].contains("charlie"));
    world.call("PATCH", &webhook, Some(&json!({"active": false}))).await;
    publish("delta").await;
    world.call("PATCH", &webhook, Some(&json!({"active": true}))).await;
    publish("echo").await;
    assert!(world.accepted("watched", 3).await[2].contains("echo"));
    assert_eq!(world.call("DELETE", &webhook, None).await.status, 204);
    publish("foxtrot").await;
    let watched = world.accepted("watched", 3).await.concat();
    for unwanted in ["bravo", "delta", "foxtrot"] {
        assert!(!watched.contains(unwanted), "{unwanted} arrived");
    }
    assert!(world.stack.discarded().is_empty());
    // The URL is a credential: nothing has logged it.
    assert!(!world.logs().iter().any(|line| line.contains("/services/") || line.contains("T00000000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_activities_are_stored_and_go_nowhere() {
    let world = World::new().await;
    world.subscribed("X").await;
    let other = json!({"name": "ModifiedProjectActivity", "text": "modified"});
    assert_eq!(world.call("POST", "/api/v2/projects/11/activities/", Some(&other)).await.status, 201);
    world.publish("wanted").await;
    let messages = world.accepted("X", 1).await;
    assert!(messages.len() == 1 && messages[0].contains("wanted"));
    let listed = world.call("GET", "/api/v2/projects/11/activities/", None).await.json();
    let names: Vec<_> = listed["results"].as_array().unwrap().iter().map(|a| a["name"].clone()).collect();
    assert_eq!(names, ["CreatedProjectActivity", "ModifiedProjectActivity"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_reach_their_webhooks_however_they_were_published() {
    use aws_sdk_dynamodb::types::AttributeValue::{M, N, S};
    let world = World::new().await;
    world.subscribed("X").await;
    let body = json!({"type": "CreatedProjectActivity", "data": {"project_desc": "by-route"}});
    assert_eq!(world.call("POST", "/events", Some(&body)).await.status, 201);
    let organization = &world.stack.ready().organization;
    // The documented item shape, with a map for data.
    let data = std::collections::HashMap::from([("project_desc".to_owned(), S("by-put".to_owned()))]);
    let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
    let put =
        put.item("pk", S(format!("{organization}#20250331#0"))).item("sk", S("01JQNH7XR0000000000000000A".to_owned()));
    let put = put.item("organization", S(organization.clone())).item("type", S("CreatedProjectActivity".to_owned()));
    put.item("time", N("1743416100000".to_owned())).item("data", M(data)).send().await.unwrap();
    world.shown("X", &["by-route", "by-put"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_with_the_same_ids_never_meet() {
    let world = World::new().await;
    let (_, other) = world.stack.organization("rival").await;
    world.subscribed("ours").await;
    let call =
        async |method: &str, path: &str, body: Value| world.call_as(&other.super_user, method, path, Some(&body)).await;
    assert_eq!(call("GET", "/api/v2/webhooks/1/", json!({})).await.status, 404);
    assert_eq!(call("DELETE", "/api/v2/webhooks/1/", json!({})).await.status, 404);
    assert_eq!(call("PATCH", "/api/v2/webhooks/1/configs/1/", json!({"active": false})).await.status, 404);
    let made = call("POST", "/api/v2/webhooks/", json!({"name": "theirs", "url": slack_url("theirs")})).await;
    assert_eq!(made.json()["id"], 1);
    let source = json!({"event_source": "CreatedProjectActivity"});
    assert_eq!(call("POST", "/api/v2/webhooks/1/configs/", source).await.json()["id"], 1);
    world.publish("our-secret").await;
    let activity = json!({"name": "CreatedProjectActivity", "data": {"project_desc": "their-secret"}});
    assert_eq!(call("POST", "/api/v2/projects/11/activities/", activity).await.status, 201);
    assert!(world.accepted("ours", 1).await.concat().contains("our-secret"));
    assert!(world.accepted("theirs", 1).await.concat().contains("their-secret"));
    for message in world.messages().await {
        let (path, body) = (message["path"].as_str().unwrap(), message["body"].as_str().unwrap());
        assert_eq!(path.ends_with("/ours"), body.contains("our-secret"), "{path} {body}");
    }
    let names = |reply: crate::support::Reply| reply.json()["results"][0]["name"].clone();
    assert_eq!(names(world.call("GET", "/api/v2/webhooks/", None).await), "ours");
    assert_eq!(names(call("GET", "/api/v2/webhooks/", json!({})).await), "theirs");
    let activities = call("GET", "/api/v2/projects/11/activities/", json!({})).await;
    assert!(!activities.text.contains("our-secret") && activities.text.contains("their-secret"));
}
