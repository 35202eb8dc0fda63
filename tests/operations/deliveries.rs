//! Deliveries: what was sent, filters, and resending.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};
use shared::domain::{EventId, Timestamp};

use super::{PROJECT, WEBHOOKS, ask, done, one_of_each};
use crate::support::{Proxy, World, counted};

/// The one message that arrived at a path.
async fn arrived(world: &World, path: &str) -> Value {
    world.received(path, 1).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_delivery_shows_is_what_the_receiver_got_without_the_secrets() {
    let world = World::new().await;
    let [slack, flip, akinon, socotra, target] = one_of_each(&world).await;
    let data = json!({"text": "Ä <b> & \u{1F980}", "number": 1.50});
    let event = world.event("chat.message", Some(PROJECT), &data).await;
    let activity = world.publish("Ä <b> & c").await;
    let mut requests = Vec::new();
    for (webhook, event, path) in [
        (&slack, &activity, "services/T00000000/B00000000/X"),
        (&flip, &event, "flip.example/hooks/token-of-flip"),
        (&akinon, &event, "akinon.example/hooks/token-of-akinon"),
        (&socotra, &event, "socotra.example/hooks/token-of-socotra"),
    ] {
        let message = arrived(&world, path).await;
        let path = format!("{WEBHOOKS}/{webhook}/deliveries/{event}");
        let delivery = world.eventually(&path, |delivery| delivery["state"] == "delivered").await;
        let request = &delivery["request"];
        assert_eq!(request["body"], message["body"], "{webhook}");
        // Each header that is shown and not masked arrived so; each that arrived is shown or the client's own.
        let shown = request["headers"].as_object().unwrap();
        for (name, value) in shown {
            let got = &message["headers"][name];
            assert!(got.is_string(), "{webhook} did not get {name}");
            assert!(value == got || value.as_str().unwrap().contains("***"), "{webhook} {name}: {value} and {got}");
        }
        let own = ["host", "content-length", "accept", "accept-encoding", "user-agent"];
        for name in message["headers"].as_object().unwrap().keys().filter(|name| !own.contains(&name.as_str())) {
            assert!(shown.contains_key(name), "{webhook} got {name}");
        }
        for secret in ["token-of", "header-secret", "another-secret", "whsec_", "T00000000"] {
            assert!(!delivery.to_string().contains(secret), "{secret}: {delivery}");
        }
        assert_eq!(delivery["attempt_log"][0]["status"], 200);
        requests.push(format!("{} {}", request["endpoint"].as_str().unwrap(), request["headers"]));
    }
    let requests = crate::support::alike(&requests.join("\n"));
    let stamp = regex::Regex::new("\"webhook-timestamp\":\"[0-9]+\"").unwrap();
    insta::assert_snapshot!(stamp.replace_all(&requests, "\"webhook-timestamp\":\"[seconds]\""));
    // A test is shown the same way, and no event of it is stored.
    for (webhook, path) in
        [(&slack, "services/T00000000/B00000000/X"), (&target, "target.example/hooks/token-of-target")]
    {
        let before = world.received(path, 0).await.len();
        let test = done(&world, "POST", &format!("{WEBHOOKS}/{webhook}/test"), Value::Null).await;
        let messages = world.received(path, before + 1).await;
        assert_eq!(test["request"]["body"], messages[before]["body"]);
        assert_eq!(test["attempt"]["status"], 200, "{test}");
    }
    let events = done(&world, "GET", "/operations/events", Value::Null).await;
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_found_by_state_type_project_status_and_time() {
    let world = World::new().await;
    let [_, _, _, socotra, _] = one_of_each(&world).await;
    let list = format!("{WEBHOOKS}/{socotra}/deliveries");
    let receiver = "socotra.example/hooks/token-of-socotra";
    world.receiver(receiver, &json!({"status": 422, "body": "no", "times": 1})).await;
    let refused = world.event("chat.message", Some("p1"), &json!({})).await;
    let state = |wanted: &'static str| move |delivery: &Value| delivery["state"] == wanted;
    world.eventually(&format!("{list}/{refused}"), state("diverted")).await;
    let second = world.event("chat.message", Some("p2"), &json!({})).await;
    let third = world.event("chat.message", None, &json!({})).await;
    for id in [&second, &third] {
        world.eventually(&format!("{list}/{id}"), state("delivered")).await;
    }
    let found = async |query: &str| {
        let page = done(&world, "GET", &format!("{list}?{query}"), Value::Null).await;
        let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(found("").await, [third.as_str(), &second, &refused]);
    assert_eq!(found("state=diverted").await, [refused.as_str()]);
    assert_eq!(found("status=422").await, [refused.as_str()]);
    assert_eq!(found("status=200&project=p2").await, [second.as_str()]);
    assert_eq!(found("type=chat.message&state=delivered").await, [third.as_str(), &second]);
    assert_eq!(found("type=chat").await, [""; 0]);
    assert_eq!(found("before=2025-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(found("after=2025-01-01T00:00:00Z&limit=1").await, [third.as_str()]);
    let page = done(&world, "GET", &format!("{list}?limit=1"), Value::Null).await;
    let next = page["next"].as_str().unwrap();
    assert_eq!(found(&format!("limit=2&cursor={next}")).await, [second.as_str(), &refused]);
    let shown = ask(&world, "GET", &format!("{list}?state=diverted"), Value::Null).await.shown();
    let duration = regex::Regex::new("\"duration_ms\":[0-9]+").unwrap();
    insta::assert_snapshot!(duration.replace_all(&shown, "\"duration_ms\":0"));
    let wrong = format!("{list}?state=x&status=7&after=y&colour=blue&cursor=z");
    insta::assert_snapshot!(ask(&world, "GET", &wrong, Value::Null).await.shown());
    // A delivery of the version before does not say what its event was; the events do.
    let mut update = world.stack.database().update_item().table_name(world.stack.table("DeliveriesTable"));
    let queue = format!("{}#{socotra}", world.stack.ready().organization);
    for (name, value) in [("pk", queue.as_str()), ("sk", &refused)] {
        update = update.key(name, AttributeValue::S(value.to_owned()));
    }
    let names = [("#type", "type"), ("#project", "project")];
    for (place, name) in names {
        update = update.expression_attribute_names(place, name);
    }
    update.update_expression("REMOVE #type, #project, last_status").send().await.unwrap();
    assert_eq!(found("status=422").await, [refused.as_str()]);
    let page = done(&world, "GET", &format!("{list}?state=diverted"), Value::Null).await;
    assert_eq!(
        (&page["items"][0]["event"]["type"], &page["items"][0]["event"]["project"]),
        (&json!("chat.message"), &json!("p1"))
    );
}

/// Puts that many copies of a delivery, of events that are newer than any.
async fn copy_delivery(world: &World, queue: &str, event: &str, count: u32) {
    let (database, table) = (world.stack.database(), world.stack.table("DeliveriesTable"));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let get = database.get_item().table_name(table).key("pk", text(queue)).key("sk", text(event));
    let item = get.send().await.unwrap().item.unwrap();
    let year = 365 * 86_400_000;
    let later = event.parse::<EventId>().unwrap().time().0 + year;
    let writes: Vec<_> = (0..count)
        .map(|number| {
            let id = EventId::new(Timestamp(later + i64::from(number)), 0).to_string();
            let mut item = item.clone();
            item.insert("sk".to_owned(), text(&id));
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    for batch in writes.chunks(25) {
        database.batch_write_item().request_items(table, batch.to_vec()).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_diverted_is_found_behind_thousands_of_others_in_four_calls() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let [_, _, _, socotra, _] = one_of_each(&world).await;
    let list = format!("{WEBHOOKS}/{socotra}/deliveries");
    let receiver = "socotra.example/hooks/token-of-socotra";
    let mut ids = Vec::new();
    for (status, project) in [(422, "p1"), (400, "p2"), (422, "p2"), (200, "p3")] {
        world.receiver(receiver, &json!({"status": status, "body": "no"})).await;
        let id = world.event("chat.message", Some(project), &json!({})).await;
        world.eventually(&format!("{list}/{id}"), |delivery| delivery["finished"].is_string()).await;
        ids.push(id);
    }
    let queue = format!("{}#{socotra}", world.stack.ready().organization);
    copy_delivery(&world, &queue, &ids[3], 2_500).await;
    let found = async |query: &str| {
        proxy.take();
        let page = done(&world, "GET", &format!("{list}?state=diverted&{query}"), Value::Null).await;
        let calls = proxy.take();
        assert!(calls.len() <= 4, "{query}: {calls:?}");
        let items = page["items"].as_array().unwrap().iter();
        let ids: Vec<_> = items.map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        (ids, page["next"].as_str().map(str::to_owned))
    };
    let all = [ids[2].clone(), ids[1].clone(), ids[0].clone()];
    assert_eq!(found("").await, (all.to_vec(), None));
    assert_eq!(found("limit=3").await, (all.to_vec(), None));
    assert_eq!(found("status=422").await, (vec![ids[2].clone(), ids[0].clone()], None));
    assert_eq!(found("status=422&project=p2&type=chat.message").await, (vec![ids[2].clone()], None));
    assert_eq!(found("type=chat").await, (Vec::new(), None));
    for parameters in ["limit=1", "limit=1&status=422", "limit=2&project=p2"] {
        let (whole, _) = found(parameters.split_once('&').map_or("", |(_, filter)| filter)).await;
        let (mut paged, mut next) = found(parameters).await;
        while let Some(cursor) = next {
            let page = found(&format!("{parameters}&cursor={cursor}")).await;
            paged.extend(page.0);
            next = page.1;
        }
        assert_eq!(paged, whole, "{parameters}");
    }
    let dry = json!({"state": "diverted", "dry_run": true});
    let counted = done(&world, "POST", &format!("{WEBHOOKS}/{socotra}/resend"), dry).await;
    assert_eq!(counted, json!({"matching": 3, "more": false}));
    proxy.take();
    done(&world, "POST", &format!("{WEBHOOKS}/{socotra}/resend"), json!({"state": "diverted"})).await;
    for id in all {
        world.eventually(&format!("{list}/{id}"), |delivery| delivery["state"] == "delivered").await;
    }
    let writes = proxy.take().iter().filter(|call| *call == "TransactWriteItems").count();
    assert!(writes < 20, "{writes} writes to resend three deliveries");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_diverted_is_resent_or_deleted_and_a_span_is_counted_first() {
    let world = World::new().await;
    let [_, _, _, socotra, _] = one_of_each(&world).await;
    let one = format!("{WEBHOOKS}/{socotra}");
    let receiver = "socotra.example/hooks/token-of-socotra";
    world.receiver(receiver, &json!({"status": 422, "body": "no"})).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(world.event("chat.message", None, &json!({"number": number})).await);
    }
    let three = |page: &Value| page["items"].as_array().is_some_and(|items| items.len() == 3);
    world.eventually(&format!("{one}/deliveries?state=diverted"), three).await;
    world.receiver(receiver, &json!({"status": 200})).await;
    let dry = done(&world, "POST", &format!("{one}/resend"), json!({"state": "diverted", "dry_run": true})).await;
    assert_eq!(dry, json!({"matching": 3, "more": false}));
    let before = json!({"state": "diverted", "before": "2025-01-01T00:00:00Z", "dry_run": true});
    assert_eq!(done(&world, "POST", &format!("{one}/resend"), before).await["matching"], 0);
    assert_eq!(world.received(receiver, 3).await.len(), 3, "a dry run sends nothing");
    let resent = ask(&world, "POST", &format!("{one}/deliveries/{}/resend", ids[0]), Value::Null).await;
    insta::assert_snapshot!(resent.shown());
    world.eventually(&format!("{one}/deliveries/{}", ids[0]), |delivery| delivery["state"] == "delivered").await;
    let deleted = ask(&world, "DELETE", &format!("{one}/deliveries/{}", ids[1]), Value::Null).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let again = ask(&world, "DELETE", &format!("{one}/deliveries/{}", ids[1]), Value::Null).await;
    insta::assert_snapshot!(again.shown());
    let again = ask(&world, "POST", &format!("{one}/deliveries/{}/resend", ids[1]), Value::Null).await;
    assert_eq!(again.status, 404, "what its owner deleted is not sent: {}", again.text);
    let discarded = json!({"state": "discarded", "dry_run": true});
    let counted = done(&world, "POST", &format!("{one}/resend"), discarded).await;
    assert_eq!(counted["matching"], 0, "what its owner deleted is not counted either");
    let rest = ask(&world, "POST", &format!("{one}/resend"), json!({"state": "diverted"})).await;
    assert_eq!((rest.status, rest.json()), (202, json!({"matching": 1, "more": false})));
    world.eventually(&format!("{one}/deliveries/{}", ids[2]), |delivery| delivery["state"] == "delivered").await;
    assert_eq!(world.received(receiver, 5).await.len(), 5);
    // A span without a moment asks for nothing, and the queue goes on.
    for (after, before) in
        [("2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"), ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    {
        let nothing = json!({"state": "delivered", "after": after, "before": before});
        for _ in 0..2 {
            let reply = ask(&world, "POST", &format!("{one}/resend"), nothing.clone()).await;
            assert_eq!((reply.status, reply.json()), (202, json!({"matching": 0, "more": false})));
        }
        let id = world.event("chat.message", None, &json!({})).await;
        world.eventually(&format!("{one}/deliveries/{id}"), |delivery| delivery["state"] == "delivered").await;
    }
    let wrong = json!({"state": "pending", "after": 1, "dry_run": "yes", "colour": "blue"});
    let refused = ask(&world, "POST", &format!("{one}/resend"), wrong).await;
    insta::assert_snapshot!(refused.shown());
}
