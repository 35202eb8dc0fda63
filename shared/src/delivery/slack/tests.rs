//! Tests with the documented sample, and rules that hold for any event.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{EventId, JsonText, OperationalEvent, OrganizationId};

fn event(event_type: &str, data: Value) -> Event {
    let time: Timestamp = "2016-10-31T19:20:13.887Z".parse().unwrap();
    let organization = OrganizationId::parse("acme").unwrap();
    Event::new(EventId::new(time, 7), organization, event_type.to_owned(), time, JsonText::of(&data).unwrap())
}

fn created(project: &str) -> Event {
    event(
        "CreatedProjectActivity",
        json!({
            "actor": 1,
            "text": format!("Admin Testerton created project {project} in application Flipism"),
            "icon": "createProject",
            "log_level": "create",
            "data": {
                "project_desc": project, "application_desc": "Flipism", "project": 11, "application": 5,
                "business_unit": 1, "business_unit_desc": "Test BU",
            },
        }),
    )
}

fn pretty(body: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(body).unwrap()).unwrap()
}

#[test]
fn the_documented_activity() {
    insta::assert_snapshot!(pretty(&message(&created("123444321"))));
}

#[test]
fn a_digest_of_three() {
    let other = event("chat.message.sent", json!({ "anything": [1, 2] }));
    let events = [created("Alpha"), created("<!channel> & *bold*"), other];
    insta::assert_snapshot!(pretty(&digest(&events.iter().collect::<Vec<_>>())));
}

#[test]
fn the_test_message() {
    let at = "2025-03-31T10:15:00.000Z".parse().unwrap();
    insta::assert_snapshot!(pretty(&test_message("Security <team>", at)));
}

#[test]
fn an_event_of_another_type_shows_its_data() {
    insta::assert_snapshot!(pretty(&message(&event("chat.message.sent", json!({ "message": "<b>&" })))));
}

fn operational(what: OperationalEvent, count: Option<u32>) -> Event {
    let mut data = json!({
        "webhook": {"id": "flip:w1", "api": "flip", "name": "<Claims>", "endpoint": "https://example.com/hook/…"},
        "reason": "3 failures in a row: trouble (HTTP 500)", "since": "2016-10-31T19:20:13.887Z", "queued": 12,
        "action": what.action(),
    });
    if let Some(count) = count {
        data["count"] = count.into();
    }
    event(what.as_str(), data)
}

#[test]
fn each_operational_event_is_one_line_with_the_details_below() {
    let bodies = OperationalEvent::ALL.iter().map(|what| {
        let body: Value = serde_json::from_str(&message(&operational(*what, None))).unwrap();
        let blocks = body["blocks"].as_array().unwrap();
        assert_eq!(blocks.iter().map(|block| &block["type"]).collect::<Vec<_>>(), ["section", "context", "context"]);
        let texts = [&blocks[0]["text"]["text"], &blocks[1]["elements"][0]["text"]];
        format!("{}\n  {}\n  {}", texts[0], texts[1], body["text"])
    });
    insta::assert_snapshot!(bodies.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_digest_of_operational_events() {
    let many = operational(OperationalEvent::DeliveryDiverted, Some(7));
    let events = [operational(OperationalEvent::WebhookFailing, None), many, created("Alpha")];
    insta::assert_snapshot!(pretty(&digest(&events.iter().collect::<Vec<_>>())));
}

#[test]
fn an_event_that_only_has_the_type_of_an_operational_one_is_shown_like_any_other() {
    let body = message(&event("outhook.webhook.failing", json!({ "webhook": 1 })));
    assert!(body.contains("outhook.webhook.failing") && body.contains("webhook\\\":1"), "{body}");
}

#[test]
fn a_project_named_like_a_mention_reaches_nobody() {
    let body = message(&created("<!channel> @channel"));
    assert!(!body.contains("<!channel>") && !body.contains("@channel"));
    assert!(body.contains("&lt;!channel&gt;"));
}

#[test]
fn a_flat_item_put_by_hand_is_understood() {
    let mut flat = event("CreatedProjectActivity", json!({ "project": 11, "project_desc": "" }));
    assert!(message(&flat).contains("New project: 11"));
    flat.data = JsonText::of(&json!({})).unwrap();
    flat.project = Some("42".to_owned());
    assert!(message(&flat).contains("New project: 42"));
}

#[test]
fn more_events_than_a_digest_takes_are_at_least_counted() {
    let event = created("Alpha");
    let body = digest(&vec![&event; 60]);
    obeys_slack(&body).unwrap();
    assert!(body.contains("60 new projects") && body.contains("and 40 more"));
    obeys_slack(&digest(&[])).unwrap();
}

/// Checks every rule of docs/apis/slack.md, in the strictest unit of length.
fn obeys_slack(body: &str) -> Result<(), TestCaseError> {
    let body: Value = serde_json::from_str(body).unwrap();
    obeys(body["text"].as_str(), 4_000)?;
    let blocks = body["blocks"].as_array().unwrap();
    prop_assert!((1..=50).contains(&blocks.len()));
    for block in blocks {
        match block["type"].as_str() {
            Some("header") => obeys_text(&block["text"], 150, true)?,
            Some("section") => {
                prop_assert!(block["text"].is_object() != block["fields"].is_array());
                if block["text"].is_object() {
                    obeys_text(&block["text"], 3_000, false)?;
                }
                let fields = block["fields"].as_array().cloned().unwrap_or_default();
                prop_assert!(fields.len() <= 10);
                prop_assert!(block["text"].is_object() || !fields.is_empty());
                for field in &fields {
                    obeys_text(field, 2_000, false)?;
                }
            }
            Some("context") => {
                let elements = block["elements"].as_array().unwrap();
                prop_assert!((1..=10).contains(&elements.len()));
                for element in elements {
                    obeys_text(element, 2_000, false)?;
                }
            }
            other => prop_assert!(false, "unknown block {:?}", other),
        }
    }
    Ok(())
}

fn obeys_text(text: &Value, most: usize, plain: bool) -> Result<(), TestCaseError> {
    match text["type"].as_str() {
        Some("plain_text") => {}
        Some("mrkdwn") => {
            prop_assert!(!plain);
            let known = ["*Project*", "*Application*", "*Business unit*", "*By*", "*When*"];
            prop_assert!(known.contains(&text["text"].as_str().unwrap()), "only our own words are formatted");
        }
        other => prop_assert!(false, "unknown text object {:?}", other),
    }
    obeys(text["text"].as_str(), most)
}

fn obeys(text: Option<&str>, most: usize) -> Result<(), TestCaseError> {
    let text = text.unwrap();
    prop_assert!(!text.trim().is_empty());
    prop_assert!(text.encode_utf16().count() <= most, "{} units", text.encode_utf16().count());
    prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    let bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
    prop_assert!(!bare.contains(['&', '<', '>']), "{}", text);
    Ok(())
}

/// Texts of any kind, also longer than every limit, with many characters that become longer when escaped.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[&<>*@\\x00-\\x20]{0,30}",
        Just("<!channel> @here &amp;".to_owned()),
        ("[&<>é𝄞a]{1,8}", 1usize..2_000).prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![
            Just("data".to_owned()),
            Just("text".to_owned()),
            Just("actor".to_owned()),
            Just("project".to_owned()),
            Just("project_desc".to_owned()),
            Just("application_desc".to_owned()),
            Just("business_unit_desc".to_owned()),
            any::<String>(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..8).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn any_operational() -> impl Strategy<Value = Event> {
    let texts = (any_text(), any_text(), any_text(), any_text(), any_text());
    let which = proptest::sample::select(OperationalEvent::ALL);
    (which, texts, any::<usize>(), any::<bool>(), any::<Option<u32>>()).prop_map(
        |(what, (id, name, endpoint, reason, since), queued, more, count)| {
            let webhook = json!({"id": id, "api": id, "name": name, "endpoint": endpoint});
            event(
                what.as_str(),
                json!({"webhook": webhook, "reason": reason, "since": since, "queued": queued, "more_queued": more,
                    "count": count, "action": name}),
            )
        },
    )
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![3 => any_published(), 1 => any_operational()]
}

fn any_published() -> impl Strategy<Value = Event> {
    let event_type = prop_oneof![3 => Just("CreatedProjectActivity".to_owned()), 1 => any_text()];
    let activity = (any_text(), any_text(), any_text()).prop_map(|(text, project, application)| {
        json!({ "text": text, "data": { "project_desc": project, "application_desc": application } })
    });
    let object = any_json().prop_map(|data| if data.is_object() { data } else { json!({ "data": data }) });
    let data = prop_oneof![object, activity];
    (event_type, data, proptest::option::of(any_text()), any::<i64>(), any::<u128>()).prop_map(
        |(event_type, data, project, time, random)| {
            let mut event = event(&event_type, data);
            event.project = project;
            event.time = Timestamp(time);
            event.id = EventId::new(event.id.time(), random);
            event
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_makes_a_message_that_slack_accepts(event in any_event()) {
        let body = message(&event);
        obeys_slack(&body)?;
        prop_assert_eq!(body, message(&event), "deterministic");
    }

    #[test]
    fn any_events_make_a_digest_that_slack_accepts(events in proptest::collection::vec(any_event(), 2..=DIGEST)) {
        let events: Vec<&Event> = events.iter().collect();
        let body = digest(&events);
        obeys_slack(&body)?;
        prop_assert!(body.encode_utf16().count() < 40_000);
        let body: Value = serde_json::from_str(&body).unwrap();
        let entries = &body["blocks"].as_array().unwrap()[1..];
        prop_assert_eq!(entries.len(), events.len());
        for (index, (event, entry)) in events.iter().zip(entries).enumerate() {
            // The events are in order. Each is named by its project or else by its id, and nothing is cut.
            let facts = Facts::of(event);
            let name = escape::escaped(&clean(&facts.short_name()), 10_000);
            let line = format!("{}. {name}\n", index + 1);
            let text = entry["text"]["text"].as_str().unwrap();
            prop_assert!(text.starts_with(&line), "{} in {}", line, text);
            let is_operational = facts.operational.is_some();
            prop_assert!(is_operational || text.ends_with(&moment(event.time)), "{}", text);
        }
    }

    #[test]
    fn any_name_makes_a_test_message_that_slack_accepts(name in any_text(), at in any::<i64>()) {
        obeys_slack(&test_message(&name, Timestamp(at)))?;
    }

    #[test]
    fn a_digest_shows_every_project_in_order(names in proptest::collection::vec("[a-z]{1,100}", 2..=DIGEST)) {
        let events: Vec<Event> = names.iter().map(|name| created(name)).collect();
        let body: Value = serde_json::from_str(&digest(&events.iter().collect::<Vec<_>>())).unwrap();
        for (name, entry) in names.iter().zip(&body["blocks"].as_array().unwrap()[1..]) {
            let line = format!(". {name}\n");
            prop_assert!(entry["text"]["text"].as_str().unwrap().contains(&line));
        }
        let fallback = format!("{} new projects: {}", names.len(), names.join(", "));
        prop_assert_eq!(body["text"].as_str().unwrap(), fallback);
    }
}
