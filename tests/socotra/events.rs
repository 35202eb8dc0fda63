//! The events routes.

use serde_json::{Value, json};
use shared::domain::{Event, EventId, JsonText, OrganizationId, Timestamp};

use super::Socotra;
use crate::support::alike;

const DAY_MS: i64 = 86_400_000;

/// Puts an event that was accepted then; `number` decides its shard and the order within a millisecond.
async fn put(socotra: &Socotra, time: Timestamp, number: u128, event_type: &str) -> EventId {
    let store = socotra.world.stack.store();
    let event = Event {
        id: EventId::new(time, number),
        organization: OrganizationId::parse(&socotra.world.stack.ready().organization).unwrap(),
        project: None,
        event_type: event_type.to_owned(),
        time,
        request: None,
        user: None,
        ordering_key: None,
        about: None,
        hops: 0,
        data: JsonText::of(&json!({})).unwrap(),
    };
    store.publish(&event, 4, None).await.unwrap();
    event.id
}

/// The locators on each page, from the first to the last.
async fn pages(socotra: &Socotra, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = query.to_owned();
    loop {
        let page = socotra.call("GET", &format!("/events/list?{next}"), None).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        let events = page["events"].as_array().unwrap();
        pages.push(events.iter().map(|event| event["locator"].as_str().unwrap().to_owned()).collect());
        match page["pagingToken"].as_str() {
            Some(token) => next = format!("pagingToken={token}"),
            None => return pages,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_fetched_alone_and_with_its_request() {
    let socotra = Socotra::new().await;
    let first = socotra.publish("policy.quote.issue", json!({"b": 1, "a": "é"})).await;
    let second = socotra.publish("policy.quote.price", json!({})).await;
    let one = socotra.call("GET", &format!("/events/{first}"), None).await;
    insta::assert_snapshot!(one.shown(), @r#"200 {"locator":"[ulid]","requestId":"[ulid]","userLocator":"[uuid]","timestamp":"[moment]","type":"policy.quote.issue","data":{"b":1,"a":"é"}}"#);
    let request = socotra.call("GET", "/events/request/01JQNX4T2B0000000000000002", None).await.json();
    let locators: Vec<_> = request.as_array().unwrap().iter().map(|event| event["locator"].clone()).collect();
    assert_eq!(locators, [json!(first), json!(second)]);
    assert_eq!(request[0], one.json());
    assert_eq!(socotra.call("GET", "/events/request/01JQNX4T2B0000000000000009", None).await.shown(), "200 []");
    let bare = json!({"type": "a", "data": {}});
    let bare = socotra.world.call("POST", "/events", Some(&bare)).await.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(socotra.call("GET", &format!("/events/{bare}"), None).await.shown(), @r#"200 {"locator":"[ulid]","requestId":null,"userLocator":null,"timestamp":"[moment]","type":"a","data":{}}"#);
    let odd = json!({"type": "a", "request": "PO:7", "data": {}});
    assert_eq!(socotra.world.call("POST", "/events", Some(&odd)).await.status, 201);
    let found = socotra.call("GET", "/events/request/PO%3A7", None).await.json();
    assert_eq!(found[0]["requestId"], "PO:7");
    let head = socotra.call("HEAD", &format!("/events/{first}"), None).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_request_fit_into_lambdas_answer() {
    let socotra = Socotra::new().await;
    let event = json!({"type": "a", "request": "r", "data": {"x": "y".repeat(255 * 1024)}});
    for _ in 0..24 {
        assert_eq!(socotra.world.call("POST", "/events", Some(&event)).await.status, 201);
    }
    let found = socotra.call("GET", "/events/request/r", None).await;
    assert_eq!((found.status, found.json().as_array().unwrap().len()), (200, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_ascends_over_days_and_shards_in_pages() {
    let socotra = Socotra::new().await;
    let mut all = Vec::new();
    let now = socotra.world.stack.store().clock().now();
    for (days_ago, ms, number, kind) in
        [(20, 0, 3, "a"), (20, 1, 0, "b"), (19, 0, 0, "a"), (3, 0, 1, "a"), (3, 1, 6, "b"), (3, 1, 7, "a")]
    {
        let time = Timestamp(now.0 - days_ago * DAY_MS + ms);
        all.push(put(&socotra, time, number, kind).await.to_string());
    }
    // What is older than the retention and two days is not listed, whoever has put it there.
    put(&socotra, Timestamp(now.0 - 40 * DAY_MS), 1, "a").await;
    assert_eq!(pages(&socotra, "").await, [all.clone()]);
    let by_two = pages(&socotra, "pageSize=2").await;
    assert_eq!(by_two.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
    assert_eq!(by_two.concat(), all);
    assert_eq!(pages(&socotra, "pageSize=6").await, [all.clone()], "no empty page follows the last one");
    let of_a: Vec<_> = [0, 2, 3, 5].map(|at: usize| all[at].clone()).to_vec();
    assert_eq!(pages(&socotra, "type=a&pageSize=3").await.concat(), of_a);
    assert_eq!(pages(&socotra, "type=A").await.concat(), Vec::<String>::new());
    let time = |at: usize| all[at].parse::<EventId>().unwrap().time().to_string();
    let span = format!("startTimestamp={}&endTimestamp={}", time(1), time(4));
    assert_eq!(pages(&socotra, &span).await.concat(), all[1..=3], "the start is included, the end is not");
    let first = socotra.call("GET", "/events/list?pageSize=1", None).await.json();
    let token = first["pagingToken"].as_str().unwrap();
    let shown = alike(&first.to_string().replace(token, "[token]"));
    insta::assert_snapshot!(shown, @r#"{"pagingToken":"[token]","events":[{"locator":"[ulid]","requestId":null,"userLocator":null,"timestamp":"[moment]","type":"a","data":{}}]}"#);
    let mut refused = Vec::new();
    for query in [
        format!("pagingToken={token}&type=a"),
        format!("pagingToken={token}&pageSize=1&startTimestamp={0}&endTimestamp={0}", time(0)),
        "pagingToken=x".to_owned(),
        "pageSize=0".to_owned(),
        "pageSize=-1".to_owned(),
        "pageSize=501&startTimestamp=yesterday&endTimestamp=1".to_owned(),
        "startTimestamp=2025-03-02T00:00:00Z&endTimestamp=2025-03-01T00:00:00Z".to_owned(),
    ] {
        let reply = socotra.call("GET", &format!("/events/list?{query}"), None).await;
        refused.push(format!("{}\n  {}", alike(&query.replace(token, "[token]")), reply.shown()));
    }
    insta::assert_snapshot!(refused.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_size_show_each_event_once_in_order_whatever_shard_it_is_in() {
    let socotra = Socotra::new().await;
    let now = socotra.world.stack.store().clock().now();
    let mut all = Vec::new();
    // Unevenly over the shards, and some in the same millisecond.
    for n in 0..40_u32 {
        let time = Timestamp(now.0 - DAY_MS - i64::from(n / 3));
        let number = u128::from(n * n % 11);
        all.push(put(&socotra, time, number, if n % 5 == 0 { "a" } else { "b" }).await.to_string());
    }
    all.sort();
    all.dedup();
    for size in [1, 7, 500] {
        let pages = pages(&socotra, &format!("pageSize={size}")).await;
        assert_eq!(pages.concat(), all, "{size}");
        assert!(pages.iter().all(|page| page.len() <= size));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_another_organizations_events() {
    let socotra = Socotra::new().await;
    let (_, rival) = socotra.world.stack.organization("rival").await;
    let body = json!({"type": "a", "data": {"whose": "theirs"}, "request": "01JQNX4T2B0000000000000002"});
    let theirs = socotra.world.call_as(&rival.super_user, "POST", "/events", Some(&body)).await.json();
    let ours = socotra.publish("a", json!({"whose": "ours"})).await;
    assert_eq!(pages(&socotra, "").await, [vec![ours]]);
    let locator = theirs["id"].as_str().unwrap();
    assert_eq!(socotra.call("GET", &format!("/events/{locator}"), None).await.status, 404);
    let request = socotra.call("GET", "/events/request/01JQNX4T2B0000000000000002", None).await;
    assert!(request.text.contains("ours") && !request.text.contains("theirs"), "{}", request.text);
    let other = Value::Array(vec![]);
    assert_eq!(socotra.call("GET", "/events/request/theirs", None).await.json(), other);
}
