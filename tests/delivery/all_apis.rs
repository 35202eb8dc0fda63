//! One organization with webhooks of all four APIs.

use serde_json::{Value, json};

use crate::support::{World, body_of, verifies};

/// Every id of a webhook in a list of any API.
fn ids(list: &Value) -> Vec<String> {
    let all = list.as_array().or(list["webhooks"].as_array()).or(list["results"].as_array()).unwrap();
    let id = |webhook: &Value| ["_id", "locator", "id"].iter().find_map(|name| webhook.get(*name)).unwrap().to_string();
    all.iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_reaches_exactly_the_subscribed_ones_each_in_its_own_form() {
    let world = World::new().await;
    let project = "665f1c2ab7e9d0a1b2c3d4e5";
    let (organization, tenant) = (&world.stack.ready().akinon_organization, &world.stack.ready().socotra_tenant);
    let (flip, akinon, socotra) = (
        "/api/webhooks/v4/webhooks".to_owned(),
        format!("/organizations/{organization}/projects/{project}/settings/webhooks"),
        format!("/event/{tenant}/webhooks"),
    );
    world.subscribed("slack").await;
    world.webhook("deaf").await;
    let mut secrets = Vec::new();
    let mut made = async |path: &str, body: Value| {
        let reply = world.ask(&world.token, "POST", path, Some(&body)).await;
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        let body = reply.json();
        let places = ["/signingSecret", "/authentication/signing_secret", "/endpoint/secret"];
        secrets.push(places.iter().find_map(|place| body.pointer(place)?.as_str()).unwrap().to_owned());
    };
    let kind = "CreatedProjectActivity";
    made(&flip, json!({"url": "https://all.example/flip", "subscription": {"event_types": [kind]}})).await;
    made(&flip, json!({"url": "https://all.example/deaf", "subscription": {"event_types": ["Created"]}})).await;
    made(&akinon, json!({"name": "n", "url": "https://all.example/akinon", "events": [kind]})).await;
    made(&akinon, json!({"name": "n", "url": "https://all.example/deaf", "events": ["other"]})).await;
    let endpoint = |name: &str| {
        json!({"url": format!("https://all.example/{name}"), "hmacEnabled": true,
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    };
    let wanting =
        |endpoint, kind: &str| json!({"name": "n", "enabled": true, "endpoint": endpoint, "eventTypes": [kind]});
    made(&socotra, wanting(endpoint("socotra"), kind)).await;
    made(&socotra, wanting(endpoint("deaf"), "createdProjectActivity")).await;
    let id = world.event(kind, Some(project), &json!({"project_desc": "bravo"})).await;
    let slack = world.accepted("slack", 1).await;
    let (flip_got, akinon_got, socotra_got) = (
        world.received("all.example/flip", 1).await,
        world.received("all.example/akinon", 1).await,
        world.received("all.example/socotra", 1).await,
    );
    assert!(slack[0].contains("bravo") && slack[0].contains("\"blocks\""));
    assert_eq!(body_of(&flip_got[0])["type"], kind);
    assert_eq!(body_of(&akinon_got[0])["event"], kind);
    assert_eq!(body_of(&socotra_got[0])["locator"], id.as_str());
    let signed = [(&flip_got[0], &secrets[0]), (&akinon_got[0], &secrets[2]), (&socotra_got[0], &secrets[4])];
    for (message, secret) in signed {
        assert_eq!(message["headers"]["webhook-id"], id.as_str());
        assert!(verifies(message, secret));
    }
    assert_eq!(world.messages().await.len(), 4, "nobody else got anything");
    // Each API lists its own, and takes none of the others' ids for its own.
    let lists = ["/api/v2/webhooks".to_owned(), flip, akinon, socotra];
    let mut found = Vec::new();
    for list in &lists {
        let list = if list.starts_with("/event/") { format!("{list}/list") } else { list.clone() };
        found.push(ids(&world.ask(&world.token, "GET", &list, None).await.json()));
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2, 2]);
    for (at, list) in lists.iter().enumerate() {
        for (whose, ids) in found.iter().enumerate() {
            for id in ids {
                let path = format!("{list}/{}", id.trim_matches('"'));
                let status = world.ask(&world.token, "GET", &path, None).await.status;
                assert_eq!(status, if at == whose { 200 } else { 404 }, "{path}");
            }
        }
    }
}
