//! All functions together have so many places, and what finds none is dealt with as on Lambda.

use std::time::Duration;

use serde_json::{Value, json};

use super::with_list_property;
use crate::support::{Proxy, Reply, World, until};

const LIST: &str = "/api/v2/webhooks/";

/// What Lambda's Invoke API answers: status, type of error, and body.
async fn invoke(world: &World, function: &str, kind: &str, payload: &Value) -> (u16, String, String) {
    let url = format!("{}/2015-03-31/functions/{function}/invocations", world.stack.ready().lambda);
    let request = local::client().unwrap().post(url).header("x-amz-invocation-type", kind);
    let reply = request.body(payload.to_string()).send().await.unwrap();
    let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let error = header("x-amzn-errortype").or(header("x-amz-function-error")).unwrap_or_default();
    (reply.status().as_u16(), error, reply.text().await.unwrap())
}

/// Waits until something was given up, and gives all of it.
async fn discarded(world: &World) -> Vec<Value> {
    until("something given up", async || !world.stack.discarded().is_empty()).await;
    world.stack.discarded()
}

fn is_throttled(reply: &Reply) {
    let text = "Request was throttled.";
    assert_eq!(reply.json(), json!({"detail": text, "message": text, "title": text, "status": 429}));
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &"1".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_environment_makes_room_for_another_function() {
    let world = World::with(|options| options.concurrency = 2).await;
    for path in
        [LIST, "/api/v2/webhooks/1/", "/api/v2/webhooks/1/status/", "/api/webhooks/v4/webhooks", "/nowhere", LIST]
    {
        let status = world.call("GET", path, None).await.status;
        assert!(status < 429, "{path}: {status}");
    }
    assert_eq!(world.stack.kill_functions().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_is_used_again() {
    let world = World::new().await;
    for _ in 0..5 {
        assert_eq!(world.call("GET", LIST, None).await.status, 200);
    }
    assert_eq!(world.stack.kill_functions().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_place_is_throttled_and_what_may_queue_has_its_turn_later() {
    let proxy = Proxy::default();
    let world = World::through(proxy.clone(), |options| {
        options.concurrency = 1;
        options.patience = Duration::from_millis(200);
    })
    .await;
    let held = proxy.hold("SdElementsListWebhooks", "Query", 1, false);
    let meanwhile = async {
        let go = held.await.unwrap();
        is_throttled(&world.call("GET", "/api/v2/webhooks/1/status/", None).await);
        let (status, error, body) = invoke(&world, "outhook-local-drain", "RequestResponse", &json!({})).await;
        assert_eq!((status, &*error), (429, "TooManyRequestsException"), "{body}");
        assert!(body.contains("ConcurrentInvocationLimitExceeded"), "{body}");
        let (status, ..) = invoke(&world, "outhook-local-drain", "Event", &json!("nonsense")).await;
        assert_eq!(status, 202);
        go.send(()).unwrap();
    };
    let (list, ()) = tokio::join!(world.call("GET", LIST, None), meanwhile);
    assert_eq!(list.status, 200);
    let discarded = discarded(&world).await;
    assert_eq!((&discarded[0]["function"], &discarded[0]["payload"]), (&json!("Drain"), &json!("nonsense")));
    assert_eq!(discarded[0]["condition"], "RetriesExhausted", "it was carried out, and failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asynchronous_invocation_that_fails_is_tried_twice_more() {
    let world = World::with(|options| options.retry = Duration::from_millis(1)).await;
    assert_eq!(invoke(&world, "FanOut", "Event", &json!("nonsense")).await.0, 202);
    assert_eq!(discarded(&world).await[0]["condition"], "RetriesExhausted");
    let attempts = world.logs().iter().filter(|line| line.contains("asynchronous invocation")).count();
    assert_eq!(attempts, 4, "three attempts, and that it was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asynchronous_invocation_is_not_tried_again_once_it_is_too_old() {
    let world = World::with(|options| options.retry = Duration::from_secs(7 * 3_600)).await;
    assert_eq!(invoke(&world, "FanOut", "Event", &json!("nonsense")).await.0, 202);
    assert_eq!(discarded(&world).await[0]["condition"], "EventAgeExceeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_has_no_more_than_it_reserves_and_leaves_the_others_theirs() {
    let path = with_list_property("reserves-none.yaml", "ReservedConcurrentExecutions: 0");
    let world = World::with(|options| {
        options.template = path;
        options.patience = Duration::from_millis(200);
    })
    .await;
    is_throttled(&world.call("GET", LIST, None).await);
    let (status, _, body) = invoke(&world, "SdElementsListWebhooks", "RequestResponse", &json!({})).await;
    assert!(status == 429 && body.contains("ReservedFunctionConcurrentInvocationLimitExceeded"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_cannot_reserve_all_there_is() {
    let path = with_list_property("reserves-all.yaml", "ReservedConcurrentExecutions: 3");
    let binaries = std::path::Path::new(env!("CARGO_BIN_EXE_fallback")).parent().unwrap();
    let mut options = local::Options::new(path, binaries.to_owned());
    options.concurrency = 3;
    let error = local::Stack::start(options).await.unwrap_err();
    assert_eq!(error.to_string(), "--concurrency 3 leaves no environment for functions that reserve none");
}
