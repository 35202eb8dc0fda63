//! How many calls to DynamoDB each route makes, against its budget.

use serde_json::{Value, json};

use super::{WEBHOOKS, done};
use crate::support::{Proxy, counted, spend};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    world.subscribed("X").await;
    world.behave("X", &json!({"status": 400, "body": "invalid_blocks"})).await;
    let one = format!("{WEBHOOKS}/sdelements:1");
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(world.publish(&number.to_string()).await);
        let path = format!("{one}/deliveries/{}", ids[number]);
        world.eventually(&path, |delivery| delivery["state"] == "diverted").await;
    }
    world.eventually(&one, |webhook| webhook["next_attempt"].is_null()).await;
    done(&world, "POST", &format!("{one}/pause"), Value::Null).await;
    let target = json!({"kind": "webhook", "name": "n", "url": "https://target.example/x"});
    let made = done(&world, "POST", "/operations/notifications", target.clone()).await;
    let id = made["id"].as_str().unwrap();
    let (targets, first) = ("/operations/notifications".to_owned(), format!("/operations/notifications/{id}"));
    let delivery = |at: usize| format!("{one}/deliveries/{}", ids[at]);
    let none = || [Value::Null, Value::Null];
    let get = |path: &str, cold: usize, warm: usize| ("GET", path.to_owned(), none(), cold, warm);
    let twice = |body: Value| [body.clone(), body];
    let steps = vec![
        get(WEBHOOKS, 3, 2),
        get(&one, 4, 4),
        get(&format!("{one}/deliveries"), 3, 3),
        get(&format!("{one}/deliveries?state=diverted&status=400&type=x"), 4, 4),
        get(&delivery(0), 3, 3),
        get("/operations/events", 5, 4),
        get("/operations/events?project=11", 2, 1),
        get(&format!("/operations/events/{}", ids[0]), 5, 4),
        get("/operations/summary", 3, 2),
        get(&targets, 3, 2),
        get(&first, 2, 2),
        ("POST", format!("{one}/pause"), none(), 4, 3),
        ("POST", format!("{one}/unsuspend"), none(), 4, 3),
        ("POST", format!("{one}/resend"), twice(json!({"state": "diverted", "dry_run": true})), 2, 2),
        ("POST", format!("{}/resend", delivery(1)), none(), 7, 7),
        ("DELETE", delivery(2), none(), 2, 4),
        ("POST", "/operations/portal".to_owned(), twice(json!({"user": "ann"})), 2, 1),
        ("POST", targets.clone(), twice(target), 2, 1),
        ("PATCH", first.clone(), twice(json!({"name": "m"})), 4, 4),
        ("POST", format!("{WEBHOOKS}/operations:{id}/rotate-secret"), twice(json!({"overlap_hours": 0})), 3, 2),
        ("DELETE", first, none(), 3, 2),
    ];
    let spent = spend(&world, &proxy, steps).await;
    let ulid = regex::Regex::new("[0-7][0-9A-HJKMNP-TV-Z]{25}").unwrap();
    insta::assert_snapshot!(ulid.replace_all(&spent, "[ulid]"));
}
