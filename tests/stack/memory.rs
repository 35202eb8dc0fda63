//! Each environment's memory is measured, and one that uses more than its function has is ended as Lambda would.
#![cfg(target_os = "linux")]

use serde_json::json;

use super::{template, with_list_property};
use crate::support::World;

const LIST: &str = "/api/v2/webhooks/";

#[tokio::test(flavor = "multi_thread")]
async fn what_uses_more_than_its_memory_is_ended() {
    let path = with_list_property("little-memory.yaml", "MemorySize: 1");
    let world = World::with(|options| options.template = path).await;
    let answer = world.call("GET", LIST, None).await;
    assert_eq!((answer.status, &answer.json()["message"]), (502, &json!("The request could not be processed.")));
    let line = world.logs().into_iter().find(|line| line.contains("Runtime.OutOfMemory")).unwrap();
    assert!(line.starts_with("SdElementsListWebhooks: Runtime.OutOfMemory: it used "), "{line}");
    assert!(line.ends_with(" MB of its 1 MB and was killed"), "{line}");
    assert_eq!(world.stack.kill_functions().await, 0);
    let error = world.stack.invoke("SdElementsListWebhooks", &json!({})).await.unwrap_err();
    assert!(error.contains("Runtime.OutOfMemory"), "{error}");
    // Others have theirs.
    assert_eq!(world.call("GET", "/api/v2/webhooks/1/", None).await.status, 404);
    let peaks = world.stack.own().peak_memory();
    assert!(peaks["SdElementsListWebhooks"] > 1 << 20, "{peaks:?}");
    assert!((1 << 20..64 << 20).contains(&peaks["SdElementsRetrieveWebhook"]), "{peaks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_all_functions_counts_where_one_has_no_size_of_its_own() {
    let path = template(
        "little-memory-for-all.yaml",
        "    MemorySize: 256\n    Timeout: 15\n",
        "    MemorySize: 1\n    Timeout: 15\n",
    );
    let world = World::with(|options| options.template = path).await;
    assert_eq!(world.call("GET", LIST, None).await.status, 502);
    assert!(world.logs().iter().any(|line| line.contains(" MB of its 1 MB and was killed")));
}
