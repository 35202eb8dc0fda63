//! The commands of docs/operations.md do what that page says.

use serde_json::{Value, json};

use super::{WEBHOOKS, ask, done};
use crate::support::{World, bash, commands};

/// What bash shows for these lines, each line of it as JSON.
fn shown(variables: &[(&str, &str)], lines: &str) -> Vec<Value> {
    let shown = bash(variables, lines);
    shown.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_five_steps_say_why_an_event_did_not_arrive() {
    let world = World::new().await;
    let flip =
        json!({"url": "https://five.example/hook", "subscription": {"event_types": ["chat.message", "chat.other"]}});
    let flip = done(&world, "POST", "/api/webhooks/v4/webhooks", flip).await;
    let webhook = format!("flip:{}", flip["id"].as_str().unwrap());
    world.receiver("five.example/hook", &json!({"status": 404, "body": "gone"})).await;
    // It is neither the only webhook, nor the first, and the event's data look like a reply.
    let healthy = json!({"url": "https://healthy.example/hook", "subscription": {"event_types": ["chat"]}});
    let healthy = done(&world, "POST", "/api/webhooks/v4/webhooks", healthy).await;
    let healthy = format!("{WEBHOOKS}/flip:{}", healthy["id"].as_str().unwrap());
    let data = json!({"webhook": "flip:fake", "id": "x"});
    let event = world.event("chat.message.sent", None, &data).await;
    world.event("chat.other", None, &json!({})).await;
    let one = format!("{WEBHOOKS}/{webhook}");
    world.eventually(&one, |webhook| webhook["state"] == "suspended").await;
    world.eventually(&format!("{healthy}/deliveries/{event}"), |delivery| delivery["state"] == "delivered").await;

    let gateway = world.stack.url("");
    let variables = [("OUTHOOK", gateway.trim_end_matches('/')), ("OUTHOOK_TOKEN", &world.token)];
    let steps = commands("operations.md", "Why did my event not arrive?");
    let [find, went, state, sent, repair] = &steps[..] else { panic!("{steps:#?}") };
    let replies = shown(&variables, &[find, went, state, sent].map(String::as_str).concat());
    let [events, one_event, suspended, delivery] = &replies[..] else { panic!("{replies:#?}") };
    assert_eq!(events["items"][0]["id"], event);
    assert_eq!(one_event["deliveries"].as_array().map(Vec::len), Some(2), "{one_event}");
    assert_eq!((&suspended["id"], &suspended["state"]), (&json!(webhook), &json!("suspended")));
    assert!(suspended["reason"].as_str().unwrap().contains("HTTP 404"), "{suspended}");
    assert_eq!(delivery["attempt_log"][0]["status"], 404);
    assert!(delivery["request"]["body"].as_str().unwrap().contains("chat.message.sent"), "{delivery}");

    world.receiver("five.example/hook", &json!({"status": 200, "body": "ok"})).await;
    let replies = shown(&variables, &format!("HOOK={webhook}\n{repair}"));
    let [test, resumed, counted, resent] = &replies[..] else { panic!("{replies:#?}") };
    assert_eq!(test["attempt"]["status"], 200);
    assert_eq!((&resumed["id"], &resumed["reason"]), (&json!(webhook), &Value::Null));
    assert_eq!((&counted["matching"], &resent["matching"]), (&json!(0), &json!(0)));
    world.eventually(&format!("{one}/deliveries/{event}"), |delivery| delivery["state"] == "delivered").await;
    assert_eq!(ask(&world, "GET", &one, Value::Null).await.json()["state"], "delivering");
}
