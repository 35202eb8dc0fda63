//! An event's data is text from its acceptance to its endpoint.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue::{L, M, N, S};
use serde_json::{Value, json};

use crate::support::{Reply, World, verifies};

const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";
const TYPE: &str = "AActivity";

/// What no parser with floats, unique keys and valid Unicode could give back.
const STRANGE: [&str; 7] = [
    r#"{"n":403.45000000000005}"#,
    r#"{"n":123456789012345678901,"m":18446744073709551616,"o":-9223372036854775809}"#,
    r#"{"n":1e-400,"m":1e400,"o":-0,"p":1E+9,"q":1.0}"#,
    r#"{"b":1,"a":2,"b":[{"b":3}]}"#,
    r#"{"\ud83d":"\ud83d","\u00e9":"\/\u0041\u0000é"}"#,
    r#"{"a":{"a":"} \" { [","b":[[],{}]}}"#,
    "{}",
];

/// The text with white space wherever a token ends outside of strings, as far as commas and colons tell.
fn spaced(text: &str) -> String {
    let (mut inside, mut escaped, mut spaced) = (false, false, " ".to_owned());
    for c in text.chars() {
        spaced.push(c);
        if c == '"' && !escaped {
            inside = !inside;
        }
        escaped = c == '\\' && !escaped;
        if !inside && ",:{[".contains(c) {
            spaced.push_str(" \n\t");
        }
    }
    spaced
}

async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let authorization = format!("Bearer {}", world.token);
    let headers = [&[("Authorization", authorization.as_str())], headers].concat();
    world.raw("POST", path, &headers, body).await
}

/// One webhook of Flip's, one of Akinon's and one of Socotra's, at `https://data.example/<api>`, with their secrets.
async fn listening(world: &World) -> [(&'static str, String); 3] {
    let (organization, tenant) = (&world.stack.ready().akinon_organization, &world.stack.ready().socotra_tenant);
    let made = async |path: &str, body: Value, secret: &str| {
        let reply = world.ask(&world.token, "POST", path, Some(&body)).await;
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        reply.json().pointer(secret).unwrap().as_str().unwrap().to_owned()
    };
    let url = |api: &str| format!("https://data.example/{api}");
    let flip = json!({"url": url("flip"), "subscription": {"event_types": [TYPE]}});
    let akinon = json!({"name": "n", "url": url("akinon"), "events": [TYPE]});
    let endpoint =
        json!({"url": url("socotra"), "hmacEnabled": true, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    let socotra = json!({"name": "n", "enabled": true, "endpoint": endpoint, "eventTypes": [TYPE]});
    let projects = format!("/organizations/{organization}/projects/{PROJECT}/settings/webhooks");
    [
        ("flip", made("/api/webhooks/v4/webhooks", flip, "/authentication/signing_secret").await),
        ("akinon", made(&projects, akinon, "/signingSecret").await),
        ("socotra", made(&format!("/event/{tenant}/webhooks"), socotra, "/endpoint/secret").await),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_echoed_listed_signed_and_delivered_byte_for_byte() {
    let world = World::new().await;
    let webhooks = listening(&world).await;
    let tenant = &world.stack.ready().socotra_tenant;
    let activities = format!("/api/v2/projects/{PROJECT}/activities/");
    for data in STRANGE {
        let event = format!(r#"{{"type":"{TYPE}","project":"{PROJECT}","request":"r","data":{}}}"#, spaced(data));
        let made = post(&world, "/events", &[], &event).await;
        assert!(made.status == 201 && made.text.ends_with(&format!("\"data\":{data}}}")), "{}", made.text);
        let activity = format!(r#"{{"name":"{TYPE}","data":{}}}"#, spaced(data));
        let made = post(&world, &activities, &[], &activity).await;
        assert!(made.status == 201 && made.text.contains(&format!("\"data\":{data},\"icon\"")), "{}", made.text);
    }
    for (api, secret) in &webhooks {
        let received = world.received(&format!("data.example/{api}"), 2 * STRANGE.len()).await;
        for data in STRANGE {
            let as_event = format!("\"data\":{data}}}");
            let as_activity = format!("\"text\":\"\",\"data\":{data},\"icon\"");
            for wanted in [as_event, as_activity] {
                let body = |message: &&Value| message["body"].as_str().unwrap().contains(&wanted);
                let message = received.iter().find(body).unwrap_or_else(|| panic!("{api} never got {wanted}"));
                assert!(verifies(message, secret), "{message}");
            }
        }
    }
    let listed = world.call("GET", &format!("{activities}?page_size=100"), None).await.text;
    let spans = world.call("GET", &format!("/event/{tenant}/events/list"), None).await.text;
    let request = world.call("GET", &format!("/event/{tenant}/events/request/r"), None).await.text;
    for data in STRANGE {
        let wanted = format!("\"data\":{data}");
        assert_eq!(listed.matches(&format!("{wanted},\"icon\"")).count(), 2, "{data} in {listed}");
        assert!(spans.matches(&wanted).count() >= 2 && request.contains(&format!("{wanted}}}")), "{data}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_put_as_a_map_keeps_the_digits_of_dynamodb() {
    let world = World::new().await;
    listening(&world).await;
    let organization = &world.stack.ready().organization;
    let id = "01JQNH7XR0000000000000000A";
    let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
    let number = |text: &str| N(text.to_owned());
    let digits = [number("123456789012345678901234567890"), number("0.1234567890123456789012345678901234567")];
    let data = HashMap::from([("z".to_owned(), L(digits.into())), ("a".to_owned(), S("é\n".to_owned()))]);
    put.item("pk", S(format!("{organization}#20250331#0")))
        .item("sk", S(id.to_owned()))
        .item("organization", S(organization.clone()))
        .item("type", S(TYPE.to_owned()))
        .item("time", number("1743416100000"))
        .item("hops", number("3"))
        .item("data", M(data))
        .send()
        .await
        .unwrap();
    let got = world.received("data.example/flip", 1).await;
    let wanted = r#""data":{"a":"é\n","z":[123456789012345678901234567890,0.1234567890123456789012345678901234567]}"#;
    assert!(got[0]["body"].as_str().unwrap().contains(wanted), "{}", got[0]);
    assert_eq!(got[0]["headers"]["outhook-hops"], "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_cannot_be_kept_is_a_400_and_never_a_crash() {
    let world = World::new().await;
    let deep = |levels: usize| format!("{}{}", "{\"a\":".repeat(levels - 1) + "{}", "}".repeat(levels - 1));
    let arrays = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for (path, name) in [("/events", "type"), ("/api/v2/projects/11/activities/", "name")] {
        let body = |data: &str| format!(r#"{{"{name}":"{TYPE}","data":{data}}}"#);
        assert_eq!(post(&world, path, &[], &body(&deep(126))).await.status, 201, "{path}");
        for data in [&deep(127), &deep(10_000), &arrays] {
            let refused = post(&world, path, &[], &body(data)).await;
            let said = r#"400 {"detail":"JSON parse error - The document is nested more than 127 levels deep"}"#;
            assert_eq!(refused.shown(), said, "{path}");
        }
        for data in ["[]", "1e400", "\"{}\"", "null", "{\"a\":01}", "{\"a\":\"\u{1}\"}"] {
            let refused = post(&world, path, &[], &body(data)).await;
            assert_eq!(refused.status, 400, "{path} {data} {}", refused.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_shows_big_numbers_with_their_digits() {
    let world = World::new().await;
    world.subscribed("digits").await;
    let activity = r#"{"name":"CreatedProjectActivity","data":{"project":123456789012345678901,"application":403.45000000000005}}"#;
    assert_eq!(post(&world, "/api/v2/projects/11/activities/", &[], activity).await.status, 201);
    let shown = world.accepted("digits", 1).await.concat();
    assert!(shown.contains("New project: 123456789012345678901") && shown.contains("403.45000000000005"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_ordering_key_rise_in_one_partition() {
    let world = World::new().await;
    let mut partitions = HashMap::<&str, Vec<String>>::new();
    let mut last = String::new();
    for number in 0..12 {
        // The key that is given goes before the project.
        for (name, key, project) in [("k", Some("k"), "x"), ("k", Some("k"), "y"), ("x", None, "x"), ("y", None, "y")] {
            let body = json!({"type": "a", "ordering_key": key, "project": project, "data": {"n": number}});
            let made = world.call("POST", "/events", Some(&body)).await;
            assert_eq!((made.status, made.json()["ordering_key"].as_str()), (201, key), "{}", made.text);
            let id = made.json()["id"].as_str().unwrap().to_owned();
            assert!(id > last, "{id} came after {last}");
            last.clone_from(&id);
            partitions.entry(name).or_default().push(id);
        }
    }
    for item in world.scan("EventsTable").await {
        let text = |name: &str| item.get(name).map(|value| value.as_s().unwrap().as_str());
        let (key, id) = (text("ordering_key").or(text("project")).unwrap(), text("sk").unwrap());
        let ids = partitions.get_mut(key).unwrap();
        let place = ids.iter_mut().find(|known| *known == id).unwrap();
        place.clear();
        place.push_str(text("pk").unwrap().rsplit('#').next().unwrap());
    }
    for (key, shards) in &partitions {
        assert!(shards.iter().all(|shard| shard == &shards[0] && shard.len() == 1), "{key}: {shards:?}");
    }
    let long = json!({"type": "a", "ordering_key": "é".repeat(257), "data": {}});
    let refused = world.call("POST", "/events", Some(&long)).await;
    assert_eq!(refused.shown(), r#"400 {"ordering_key":["1 to 256 characters are allowed."]}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_keeps_the_id_of_what_was_made_and_answers_the_same() {
    let world = World::new().await;
    let data = format!(r#"{{"n":1e400,"x":"{}"}}"#, "y".repeat(250_000));
    for (path, name, key) in [("/events", "type", "k1"), ("/api/v2/projects/11/activities/", "name", "k2")] {
        let body = format!(r#"{{"{name}":"{TYPE}","data":{data}}}"#);
        let first = post(&world, path, &[("Idempotency-Key", key)], &body).await;
        let again = post(&world, path, &[("Idempotency-Key", key)], &body).await;
        assert_eq!((first.status, again.status), (201, 201), "{}", again.text);
        assert!(first.text == again.text, "the answers differ");
        assert_eq!(post(&world, path, &[("Idempotency-Key", key)], "{}").await.status, 400);
        let other = format!(r#"{{"{name}":"{TYPE}","data":{{}}}}"#);
        assert_eq!(post(&world, path, &[("Idempotency-Key", key)], &other).await.status, 422);
    }
    let items = world.scan("WebhooksTable").await;
    let records: Vec<_> = items.iter().filter(|item| item["sk"].as_s().unwrap() == "IDEMPOTENCY").collect();
    assert_eq!(records.len(), 2);
    for record in records {
        let bytes: usize = record.iter().map(|(name, value)| name.len() + value.as_s().map_or(10, String::len)).sum();
        assert!(bytes < 1_000, "{record:?}");
        // As the version before kept it.
        let mut old = record.clone();
        old.retain(|name, _| !name.starts_with("event"));
        old.insert("answer".to_owned(), S(r#"{"id":"as it was answered then"}"#.to_owned()));
        let put = world.stack.database().put_item().table_name(world.stack.table("WebhooksTable"));
        put.set_item(Some(old)).send().await.unwrap();
    }
    let body = format!(r#"{{"type":"{TYPE}","data":{data}}}"#);
    let again = post(&world, "/events", &[("Idempotency-Key", "k1")], &body).await;
    assert_eq!(again.shown(), r#"201 {"id":"as it was answered then"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_never_leads_to_a_strangers_event() {
    let world = World::new().await;
    let ours = world.event(TYPE, Some("11"), &json!({})).await;
    let organization = &world.stack.ready().organization;
    let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
    put.item("pk", S("rival#20250331#0".to_owned()))
        .item("sk", S("01JQNH7XR0000000000000000A".to_owned()))
        .item("organization", S("rival".to_owned()))
        .item("type", S(TYPE.to_owned()))
        .item("time", N("1743416100000".to_owned()))
        .item("data", S("{}".to_owned()))
        .item("project_key", S(format!("{organization}#11")))
        .item("request_key", S(format!("{organization}#r")))
        .send()
        .await
        .unwrap();
    let listed = world.call("GET", "/api/v2/projects/11/activities/", None).await.json();
    let ids: Vec<_> = listed["results"].as_array().unwrap().iter().map(|activity| activity["id"].clone()).collect();
    assert_eq!(ids, [json!(ours)]);
    let tenant = &world.stack.ready().socotra_tenant;
    assert_eq!(world.call("GET", &format!("/event/{tenant}/events/request/r"), None).await.shown(), "200 []");
}
