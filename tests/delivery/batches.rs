//! Batches of `POST /events`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Proxy, Reply, World, alike, counted, until};

async fn publish(world: &World, events: &[Value]) -> Reply {
    world.call("POST", "/events", Some(&json!({"events": events}))).await
}

fn event(key: &str, project: &str) -> Value {
    json!({"type": "a", "project": project, "data": {"n": 1}, "id_key": key})
}

/// The ids of a batch, of which each event was accepted.
fn ids(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 201, "{}", reply.text);
    let results = reply.json()["results"].as_array().unwrap().clone();
    results.iter().map(|result| result["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of all stored events.
async fn stored(world: &World) -> BTreeSet<String> {
    world.scan("EventsTable").await.iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_of_a_batch_is_accepted_or_refused_by_itself() {
    let world = World::new().await;
    let good = json!({"type": "a", "data": {}});
    insta::assert_snapshot!(
        "a_batch_that_was_taken",
        alike(&publish(&world, &[good.clone(), good.clone()]).await.shown())
    );
    let mixed = [
        good.clone(),
        json!({"type": "outhook.webhook.failing", "data": {}}),
        json!({"type": "a..b", "project": "a/b", "data": [], "id_key": ""}),
        json!(7),
        good.clone(),
    ];
    let reply = publish(&world, &mixed).await;
    insta::assert_snapshot!("a_batch_with_events_that_are_refused", alike(&reply.shown()));
    let all_refused = publish(&world, &[json!({}), json!({"type": "a", "data": {}, "id_key": 1})]).await;
    insta::assert_snapshot!("a_batch_of_which_nothing_was_taken", all_refused.shown());
    assert_eq!(stored(&world).await.len(), 4);
    for (name, body) in [
        ("a_batch_that_is_no_list", json!({"events": {"type": "a"}})),
        ("a_batch_without_events", json!({"events": []})),
        ("a_batch_with_too_many_events", json!({"events": vec![good.clone(); 101]})),
    ] {
        insta::assert_snapshot!(name, world.call("POST", "/events", Some(&body)).await.shown());
    }
    let authorization = format!("Bearer {}", world.token);
    let keyed = [("Authorization", authorization.as_str()), ("Idempotency-Key", "k")];
    let body = json!({"events": [good]}).to_string();
    insta::assert_snapshot!(
        "a_batch_with_a_key_for_the_request",
        world.raw("POST", "/events", &keyed, &body).await.shown()
    );
    let looping = [("Authorization", authorization.as_str()), ("outhook-hops", "5")];
    assert_eq!(world.raw("POST", "/events", &looping, &body).await.status, 508);
    assert_eq!(stored(&world).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_types_are_refused_wherever_something_is_published() {
    let world = World::new().await;
    let single = world.call("POST", "/events", Some(&json!({"type": "outhook.x", "data": {}}))).await;
    insta::assert_snapshot!(single.shown(), @r#"400 {"type":["Not valid: event types that begin with `outhook.` are reserved for the system."]}"#);
    let batch = publish(&world, &[json!({"type": "outhook.x", "data": {}})]).await;
    assert_eq!(batch.status, 207, "{}", batch.text);
    // The name of an activity has no dot.
    let activity = json!({"name": "outhook.xActivity"});
    assert_eq!(world.call("POST", "/api/v2/projects/11/activities/", Some(&activity)).await.status, 400);
    assert_eq!(stored(&world).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_key_publishes_an_event_once_by_itself_or_in_any_batch() {
    let world = World::new().await;
    let batch = [event("k1", "1"), event("k2", "2"), json!({"type": "a", "data": {}})];
    let first = ids(&publish(&world, &batch).await);
    let again = ids(&publish(&world, &[&batch[..], &[event("k3", "3")]].concat()).await);
    assert_eq!(first[..2], again[..2], "the same keys");
    assert_ne!(first[2], again[2], "an event without a key is a new one");
    assert_eq!(stored(&world).await.len(), 5);
    // One batch has a key twice: with the same event, and with another.
    let other = json!({"type": "b", "project": "9", "data": {}, "id_key": "k4"});
    let twice = publish(&world, &[event("k4", "4"), event("k4", "4"), other, event("k1", "5")]).await;
    insta::assert_snapshot!("a_batch_with_a_key_twice", alike(&twice.shown()));
    let twice = twice.json()["results"].clone();
    assert_eq!(twice[0]["id"], twice[1]["id"]);
    assert_eq!(stored(&world).await.len(), 6);
    // The header of a single event is in the same namespace.
    let authorization = format!("Bearer {}", world.token);
    let single = async |key: &str, body: &Value| {
        let headers = [("Authorization", authorization.as_str()), ("Idempotency-Key", key)];
        world.raw("POST", "/events", &headers, &body.to_string()).await
    };
    let alone = json!({"type": "a", "project": "1", "data": {"n": 1}});
    let repeated = single("k1", &alone).await;
    assert_eq!((repeated.status, &repeated.json()["id"]), (201, &json!(first[0])));
    assert_eq!(single("k1", &json!({"type": "a", "data": {}})).await.status, 422);
    let begun = single("k5", &alone).await.json()["id"].clone();
    assert_eq!(json!(ids(&publish(&world, &[event("k5", "1")]).await)), json!([begun]));
    assert_eq!(stored(&world).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_few_calls_and_one_for_each_event_of_an_ordering_key() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let projects = |count: usize, each: usize| -> Vec<Value> {
        (0..count).map(|n| json!({"type": "a", "project": format!("p{}", n % each), "data": {}})).collect()
    };
    let keyed = |count: usize| (0..count).map(|n| event(&format!("k{n}"), &format!("p{n}"))).collect::<Vec<_>>();
    let mut mixed = projects(20, 20);
    mixed.extend(keyed(20).into_iter().enumerate().map(|(n, mut event)| {
        event["project"] = json!(format!("q{n}"));
        event["id_key"] = json!(format!("m{n}"));
        event
    }));
    let mut large = projects(24, 24);
    large.iter_mut().for_each(|event| event["data"] = json!({"x": "y".repeat(200_000)}));
    publish(&world, &projects(1, 1)).await;
    let mut table = Vec::new();
    for (what, batch) in [
        ("1 event", projects(1, 1)),
        ("25 events of 25 projects", projects(25, 25)),
        ("100 events of 100 projects", projects(100, 100)),
        ("100 events of 10 projects", projects(100, 10)),
        ("4 events of 1 project", projects(4, 1)),
        ("24 events of 24 projects, 200 KB each", large),
        ("25 keyed events of 25 projects", keyed(25)),
        ("the same once more", keyed(25)),
        ("30 keyed events of 30 projects, 25 of them known", keyed(30)),
        ("20 plain and 20 keyed events of 40 projects", mixed),
    ] {
        proxy.take();
        let reply = publish(&world, &batch).await;
        assert_eq!(reply.status, 201, "{what}: {}", reply.text);
        let calls = proxy.take();
        let count = |name: &str| calls.iter().filter(|call| *call == name).count();
        let (batches, transactions) = (count("BatchWriteItem"), count("TransactWriteItems"));
        assert_eq!(batches + transactions, calls.len(), "{what}: {calls:?}");
        table.push(format!("{what}: {batches} BatchWriteItem, {transactions} TransactWriteItems"));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_project_arrive_in_the_order_of_the_batch() {
    let world = World::new().await;
    world.subscribed("X").await;
    let names: Vec<String> = (10..30).map(|number| format!("name{number}")).collect();
    let activity = |name: &String| json!({"type": "CreatedProjectActivity", "project": "11", "data": {"data": {"project_desc": name}}});
    let reply = publish(&world, &names.iter().map(activity).collect::<Vec<_>>()).await;
    let ids = ids(&reply);
    assert!(ids.is_sorted(), "{ids:?}");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let arrived = world.shown("X", &names).await;
    let places: Vec<usize> = names.iter().map(|name| arrived.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{arrived}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dynamodb_leaves_unprocessed_is_written_again() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let batch: Vec<Value> = (0..10).map(|n| json!({"type": "a", "project": format!("p{n}"), "data": {}})).collect();
    proxy.leave_unprocessed(&[4, 2]);
    let made = ids(&publish(&world, &batch).await);
    assert_eq!(stored(&world).await, made.into_iter().collect());
    // Where it goes on for too long, exactly the events that were not written are errors.
    proxy.leave_unprocessed(&[3; 1_000]);
    let refused = publish(&world, &batch).await;
    proxy.leave_unprocessed(&[]);
    let results = refused.json()["results"].as_array().unwrap().clone();
    let errors = results.iter().filter(|result| result["error"].is_object()).count();
    assert_eq!((refused.status, errors), (207, 3), "{}", refused.text);
    assert_eq!(results[9], json!({"error": {"detail": "Service temporarily unavailable, try again later."}}));
    let now = stored(&world).await;
    assert!(results[..7].iter().all(|result| now.contains(result["id"].as_str().unwrap())) && now.len() == 17);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_cut_off_is_completed_by_its_repeat_and_nothing_is_twice() {
    for (nth, done) in [(1, false), (1, true), (2, false), (2, true), (3, true)] {
        let proxy = Proxy::default();
        let world = counted(&proxy).await;
        // Three turns, each of them a transaction.
        let batch = [event("k1", "1"), event("k2", "2"), event("k3", "1"), event("k4", "1"), event("k5", "2")];
        let trap = proxy.hold("PublishEvent", "TransactWriteItems", nth, done);
        let (cut, go) = tokio::join!(publish(&world, &batch), async {
            let go = trap.await.unwrap();
            assert!(world.stack.kill_functions().await > 0);
            go
        });
        assert!(cut.status >= 500, "{}", cut.text);
        let _ = go.send(());
        let written = 2 * (nth - 1) + if done { 2 } else { 0 };
        until("the call that was held", async || stored(&world).await.len() >= written.min(5)).await;
        let made = ids(&publish(&world, &batch).await);
        assert_eq!(stored(&world).await, made.into_iter().collect(), "{nth} {done}");
    }
}
