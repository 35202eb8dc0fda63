//! Order that a publisher can rely on, with the real binaries (tests/faults has fifty runs of it on the simulated machine).

use serde_json::json;

use crate::support::{World, body_of};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_one_by_one_arrives_in_that_order() {
    let world = World::new().await;
    let body = json!({"url": "https://order.example/hook", "subscription": {"event_types": ["order"]}});
    let made = world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut wanted = Vec::new();
    for number in 0..60 {
        world.event("order", Some("11"), &json!({"number": number})).await;
        wanted.push(number);
    }
    let got = world.received("order.example/hook", wanted.len()).await;
    let got: Vec<i32> = got
        .iter()
        .map(|message| {
            let body = body_of(message);
            let number = body.pointer("/data/number").or_else(|| body.pointer("/data/data/number")).unwrap();
            i32::try_from(number.as_i64().unwrap()).unwrap()
        })
        .collect();
    assert_eq!(got, wanted);
}
