//! Where an event went.

use serde_json::{Value, json};

use super::{PROJECT, ask, done, one_of_each, shown};
use crate::support::World;

const EVENTS: &str = "/operations/events";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_what_became_of_it_at_each_webhook() {
    let world = World::new().await;
    let [_, flip, akinon, socotra, _] = one_of_each(&world).await;
    world.receiver("socotra.example/hooks/token-of-socotra", &json!({"status": 422, "body": "no"})).await;
    done(&world, "POST", &format!("/operations/webhooks/{flip}/pause"), Value::Null).await;
    let id = world.event("chat.message", Some("another"), &json!({"text": "x"})).await;
    let one = format!("{EVENTS}/{id}");
    let states = |event: &Value| {
        let deliveries = event["deliveries"].as_array().unwrap();
        deliveries.iter().map(|delivery| format!("{} {}", delivery["webhook"], delivery["state"])).collect::<Vec<_>>()
    };
    let wanted = [format!("{:?} \"pending\"", flip), format!("{:?} \"diverted\"", socotra)];
    world.eventually(&one, |event| states(event) == wanted).await;
    insta::assert_snapshot!(shown(&ask(&world, "GET", &one, Value::Null).await));
    // A webhook that is deleted later stays in the account of the event.
    let locator = socotra.split_once(':').unwrap().1;
    let path = format!("/event/{}/webhooks/{locator}", world.stack.ready().socotra_tenant);
    assert_eq!(ask(&world, "DELETE", &path, Value::Null).await.status, 204);
    world.tick().await;
    let discarded = format!("{:?} \"discarded\"", socotra);
    world.eventually(&one, |event| states(event).contains(&discarded)).await;
    let not_queued = &done(&world, "GET", &one, Value::Null).await["not_queued"];
    assert_eq!(*not_queued, json!([{"webhook": akinon, "reason": "It wants the events of other projects only."}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_went_nowhere_says_why() {
    let world = World::new().await;
    let nobody = world.event("nobody.wants", None, &json!({})).await;
    let why = async |id: &str| {
        let event = done(&world, "GET", &format!("{EVENTS}/{id}"), Value::Null).await;
        assert_eq!(event["deliveries"], json!([]), "{event}");
        let reasons = event["not_queued"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap());
        format!("{} {:?}", event["reason"].as_str().unwrap(), reasons.collect::<Vec<_>>())
    };
    insta::assert_snapshot!(why(&nobody).await);
    let id = world.subscribed("X").await;
    insta::assert_snapshot!(why(&nobody).await);
    world.call("PATCH", &format!("/api/v2/webhooks/{id}/"), Some(&json!({"active": false}))).await;
    let inactive = world.publish("p").await;
    insta::assert_snapshot!(why(&inactive).await);
    let late = world.subscribed("Y").await;
    let configuration = format!("/api/v2/webhooks/{late}/configs/2/");
    insta::assert_snapshot!(why(&inactive).await);
    world.call("PATCH", &configuration, Some(&json!({"active": false}))).await;
    let off = world.publish("q").await;
    insta::assert_snapshot!(why(&off).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_newest_first_by_type_project_and_time() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        let event_type = if number % 3 == 0 { "orders.paid" } else { "orders.sent" };
        ids.push(world.event(event_type, Some(if number < 5 { "p1" } else { PROJECT }), &json!({})).await);
    }
    ids.reverse();
    let found = async |query: &str| {
        let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = done(&world, "GET", &format!("{EVENTS}?{query}{cursor}"), Value::Null).await;
            all.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            pages += 1;
            assert!(pages < 20, "{query}: {all:?}");
            let Some(next) = page["next"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!(found("").await, ids);
    assert_eq!(found("limit=2").await, ids);
    assert_eq!(found("limit=3&project=p1").await, ids[2..]);
    assert_eq!(found("type=orders.paid&limit=1").await, [&*ids[0], &*ids[3], &*ids[6]]);
    assert_eq!(found(&format!("project={PROJECT}&type=orders.paid")).await, ids[..1]);
    assert_eq!(found("after=2200-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(found("before=2000-01-01T00:00:00Z").await, [""; 0]);
    let refused = ask(&world, "GET", &format!("{EVENTS}?colour=blue&after=x&limit=101"), Value::Null).await;
    insta::assert_snapshot!(refused.shown());
    let missing = ask(&world, "GET", &format!("{EVENTS}/01JQNX4T2B0000000000000001"), Value::Null).await;
    assert_eq!(missing.status, 404);
}
