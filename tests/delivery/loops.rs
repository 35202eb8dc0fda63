//! What leads back to the service: counted where it cannot be seen, refused where it can.

use serde_json::{Value, json};

use crate::support::World;

const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_came_back_too_often_is_refused() {
    let world = World::new().await;
    world.subscribed("hops").await;
    let flip = json!({"url": "https://hops.example/x", "subscription": {"event_types": ["CreatedProjectActivity"]}});
    assert_eq!(world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&flip)).await.status, 201);
    let authorization = format!("Bearer {}", world.token);
    let event = r#"{"type":"CreatedProjectActivity","project":"11","data":{}}"#;
    let activity = r#"{"name":"CreatedProjectActivity"}"#;
    let mut count = 0;
    for (path, body) in [("/events", event), ("/api/v2/projects/11/activities/", activity)] {
        let post = async |hops: &str| {
            world.raw("POST", path, &[("Authorization", &authorization), ("Outhook-Hops", hops)], body).await
        };
        // Each round brings back what was delivered the round before, as a receiver does that passes the header on.
        let mut hops = "0".to_owned();
        for round in 1..=5 {
            assert_eq!(post(&hops).await.status, 201, "{path} {hops}");
            count += 1;
            let got = world.received("hops.example/x", count).await;
            hops = got[count - 1]["headers"]["outhook-hops"].as_str().unwrap().to_owned();
            assert_eq!(hops, round.to_string());
        }
        let said = "This event has come back through the service more than 4 times: it is in a loop.";
        assert_eq!(post(&hops).await.shown(), format!("508 {{\"detail\":\"{said}\"}}"));
        let said = r#"400 {"outhook-hops":["A whole number is expected."]}"#;
        assert_eq!(post("a few").await.shown(), said);
    }
    let slack = world.accepted("hops", 1).await;
    assert!(!slack.is_empty());
    let to_slack = world.messages().await;
    let first = to_slack.iter().find(|message| message["path"].as_str().unwrap().ends_with("/hops")).unwrap();
    assert_eq!(first["headers"]["outhook-hops"], "1");
}

/// What each API answers to a new webhook at that URL, and Socotra's also to one whose notices go there.
async fn answers(world: &World, url: &str) -> Vec<(u16, String)> {
    let (organization, tenant) = (&world.stack.ready().akinon_organization, &world.stack.ready().socotra_tenant);
    let akinon = format!("/organizations/{organization}/projects/{PROJECT}/settings/webhooks");
    let socotra = format!("/event/{tenant}/webhooks");
    let endpoint = |url: &str| json!({"name": "n", "enabled": true, "endpoint": {"url": url}, "eventTypes": ["a"]});
    let mut alerting = endpoint("https://fine.example/");
    alerting["failureHandling"] = json!({"alertEndpoint": {"url": url}});
    let flip = json!({"url": url, "subscription": {"event_types": ["a"]}});
    let asked = [
        ("/api/webhooks/v4/webhooks", flip),
        (akinon.as_str(), json!({"name": "n", "url": url, "events": ["a"]})),
        (socotra.as_str(), endpoint(url)),
        (socotra.as_str(), alerting),
    ];
    let mut answers = Vec::new();
    for (path, body) in &asked {
        let reply = world.ask(&world.token, "POST", path, Some(body)).await;
        answers.push((reply.status, reply.text));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_host_is_not_an_endpoint_in_any_api() {
    let public = "https://Hooks.Own.example/base";
    let world = World::with(|options| {
        options.environment.insert("PUBLIC_URL".to_owned(), public.to_owned());
    })
    .await;
    let refused = answers(&world, "https://hooks.own.example/base/events").await;
    insta::assert_debug_snapshot!(refused);
    for url in ["https://HOOKS.OWN.EXAMPLE./x", "https://hooks.own.example:443", "https://hooks.own.example:8443/x?y"] {
        assert_eq!(answers(&world, url).await, refused, "{url}");
    }
    // Nor can one be moved there.
    let made: Vec<_> = answers(&world, "https://elsewhere.example/").await;
    let made: Vec<Value> = made.iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    let (organization, tenant) = (&world.stack.ready().akinon_organization, &world.stack.ready().socotra_tenant);
    let own = "https://hooks.own.example/x";
    let akinon = made[1]["_id"].as_str().unwrap();
    let akinon = format!("/organizations/{organization}/projects/{PROJECT}/settings/webhooks/{akinon}");
    let socotra = format!("/event/{tenant}/webhooks/{}", made[2]["locator"].as_str().unwrap());
    for (path, body, (status, text)) in [
        (&akinon, json!({"url": own}), &refused[1]),
        (&socotra, json!({"endpoint": {"url": own}}), &refused[2]),
        (&socotra, json!({"failureHandling": {"alertEndpoint": {"url": own}}}), &refused[3]),
    ] {
        let moved = world.ask(&world.token, "PATCH", path, Some(&body)).await;
        assert_eq!((moved.status, &moved.text), (*status, text));
        let kept = world.ask(&world.token, "GET", path, None).await;
        assert!(kept.status == 200 && !kept.text.contains("own.example"), "{}", kept.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_and_ports_that_are_no_endpoints_are_refused_when_the_webhook_is_made() {
    let world = World::new().await;
    let (private, port) =
        (answers(&world, "https://metadata.google.internal/").await, answers(&world, "https://a.example:22/").await);
    insta::assert_debug_snapshot!([&private, &port]);
    for url in
        ["https://x.local/", "https://localhost.localdomain:8443/x", "https://intranet/", "https://a.localhost./"]
    {
        assert_eq!(answers(&world, url).await, private, "{url}");
    }
    for url in ["https://a.example:0/", "https://a.example:25/x", "https://8.8.8.8:6667/"] {
        assert_eq!(answers(&world, url).await, port, "{url}");
    }
}
