//! Lists of events are bounded by what they take, whatever the events are made of.
#![cfg(target_os = "linux")]

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue::{self, L, M, N, S};
use shared::domain::EventId;

use crate::{stack::template, support::World};

/// What each function that lists events may take, in bytes: half of what it has.
const MOST: u64 = 128 << 20;

/// Data of some 250 KB as JSON: one long text, or as many values as DynamoDB and the limit of 256 KB allow.
fn shapes() -> [AttributeValue; 4] {
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(250_000));
    let list = |one: AttributeValue, times| M(HashMap::from([("a".to_owned(), L(vec![one; times]))]));
    let arrays = format!("{{\"a\":[{}[]]}}", "[],".repeat(80_000));
    [S(text), S(arrays), list(L(Vec::new()), 80_000), list(N("1".to_owned()), 120_000)]
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_large_events_and_of_maps_of_tiny_values_stay_below_128_mb() {
    // The embedded database takes seconds for a page of such maps, which DynamoDB does not.
    let path = template("patient.yaml", "    Timeout: 15\n", "    Timeout: 60\n");
    let world = World::with(|options| {
        options.template = path;
        options.triggers = false;
    })
    .await;
    let organization = &world.stack.ready().organization;
    let now = world.stack.store().clock().now();
    let shapes = shapes();
    for number in 0..60_u128 {
        let id = EventId::new(now, number);
        let day = now.to_string()[..10].replace('-', "");
        let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
        // A map in each page or so: several would take the embedded database longer than a call may.
        let shape = if number % 15 == 0 { 2 + number % 2 } else { number % 2 };
        let shape = &shapes[usize::try_from(shape).unwrap()];
        put.item("pk", S(format!("{organization}#{day}#{}", id.number() % 4)))
            .item("sk", S(id.to_string()))
            .item("organization", S(organization.clone()))
            .item("type", S("AActivity".to_owned()))
            .item("time", N(now.0.to_string()))
            .item("project", S("11".to_owned()))
            .item("project_key", S(format!("{organization}#11")))
            .item("request", S("r".to_owned()))
            .item("request_key", S(format!("{organization}#r")))
            .item("data", shape.clone())
            .send()
            .await
            .unwrap();
    }
    let tenant = &world.stack.ready().socotra_tenant;
    let events = format!("/event/{tenant}/events");
    // Page by page to the end, every event is there once.
    let (mut next, mut seen) = (Some(format!("{events}/list?pageSize=500")), Vec::new());
    while let Some(path) = next {
        let page = world.call("GET", &path, None).await;
        assert_eq!(page.status, 200, "{}\n{}", page.text, world.logs().join("\n"));
        let page = page.json();
        let found = page["events"].as_array().unwrap();
        assert!(found.len() < 40, "{}", found.len());
        seen.extend(found.iter().map(|event| event["locator"].as_str().unwrap().to_owned()));
        next = page["pagingToken"].as_str().map(|token| format!("{events}/list?pagingToken={token}"));
    }
    assert_eq!(seen.len(), 60);
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    let (mut next, mut seen) = (Some("/api/v2/projects/11/activities/?page_size=100".to_owned()), 0);
    while let Some(path) = next {
        let page = world.call("GET", &path, None).await;
        assert_eq!(page.status, 200, "{}\n{}", page.text, world.logs().join("\n"));
        let page = page.json();
        seen += page["results"].as_array().unwrap().len();
        let gateway = &world.stack.ready().gateway;
        next = page["next"].as_str().map(|url| url.strip_prefix(gateway.as_str()).unwrap().to_owned());
    }
    assert_eq!(seen, 60);
    let found = world.call("GET", &format!("{events}/request/r"), None).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let peaks = world.stack.own().peak_memory();
    for function in ["SocotraListEvents", "SocotraListRequestEvents", "SdElementsListActivities"] {
        assert!(peaks[function] < MOST, "{function}: {peaks:?}");
    }
}
