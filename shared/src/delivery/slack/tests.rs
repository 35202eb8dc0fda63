use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{EventId, OrganizationId};

fn event(event_type: &str, data: Value) -> Event {
    Event {
        id: EventId::new(Timestamp(1_477_941_613_887), 1),
        organization: OrganizationId::parse("acme").unwrap(),
        project: Some("11".to_owned()),
        event_type: event_type.to_owned(),
        time: Timestamp(1_477_941_613_887),
        request: None,
        user: None,
        data,
    }
}

/// The one sample of the SD Elements activities documentation for the supported event source.
fn sample() -> Event {
    let data = json!({"project_desc": "123444321", "application_desc": "Flipism", "project": 11, "application": 5,
        "business_unit": 1, "business_unit_desc": "Test BU"});
    let text = "Admin Testerton created project 123444321 in application Flipism";
    let activity = json!({"actor": 1, "text": text, "icon": "createProject", "log_level": "create", "data": data});
    event("CreatedProjectActivity", activity)
}

fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap()
}

#[test]
fn the_documented_activity() {
    insta::assert_snapshot!(pretty(&message(&sample())));
}

#[test]
fn a_digest_of_three() {
    let others = [event("CreatedProjectActivity", json!({"project": 12})), event("X", json!({}))];
    insta::assert_snapshot!(pretty(&digest(&[&sample(), &others[0], &others[1]])));
}

#[test]
fn a_test_message() {
    insta::assert_snapshot!(pretty(&test_message("Eng <!here>", Timestamp(0))));
}

#[test]
fn a_project_named_channel_pings_nobody() {
    let hostile =
        event("CreatedProjectActivity", json!({"data": {"project_desc": "<!channel>"}, "text": "<!channel>"}));
    let body = message(&hostile);
    assert!(!body.contains("<!channel>") && body.contains("&lt;!channel&gt;"));
}

/// Slack's limits, checked over a whole message as Slack would.
fn obeys_slack(body: &str) -> Result<(), String> {
    let message: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let check = |text: &Value, most: usize| {
        let text = text.as_str().ok_or("a text is missing")?;
        let bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
        let good = !text.is_empty() && text.encode_utf16().count() <= most && !bare.contains(['&', '<', '>']);
        if good { Ok(()) } else { Err(format!("not a text of at most {most}: {text:?}")) }
    };
    check(&message["text"], 4_000)?;
    let blocks = message["blocks"].as_array().ok_or("no blocks")?;
    if blocks.is_empty() || blocks.len() > 50 {
        return Err(format!("{} blocks", blocks.len()));
    }
    for block in blocks {
        match block["type"].as_str() {
            Some("header") => check(&block["text"]["text"], 150)?,
            Some("section") if block.get("fields").is_some() => {
                let fields = block["fields"].as_array().ok_or("no fields")?;
                if fields.is_empty() || fields.len() > 10 {
                    return Err(format!("{} fields", fields.len()));
                }
                fields.iter().try_for_each(|field| check(&field["text"], 2_000))?;
            }
            Some("section") => check(&block["text"]["text"], 3_000)?,
            other => return Err(format!("an unexpected block {other:?}")),
        }
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[<>&@!a-z\\PC]{0,40}".prop_map(Value::from),
        "[<>&x]{2000,4000}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("text".to_owned()),
        Just("data".to_owned()),
        Just("project_desc".to_owned()),
        Just("project".to_owned()),
        Just("application_desc".to_owned()),
        "[a-z]{1,5}",
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_event_makes_a_message_that_slack_takes(data in any_json(), kind in "[A-Za-z.]{1,30}") {
        prop_assert_eq!(obeys_slack(&message(&event(&kind, data))), Ok(()));
    }

    #[test]
    fn any_events_make_a_digest_that_slack_takes_and_shows_them_in_order(
        data in proptest::collection::vec(any_json(), 2..=DIGEST),
    ) {
        let events: Vec<_> = data.into_iter().map(|data| event("CreatedProjectActivity", data)).collect();
        let body = digest(&events.iter().collect::<Vec<_>>());
        prop_assert_eq!(obeys_slack(&body), Ok(()));
        let message: Value = serde_json::from_str(&body).unwrap();
        let blocks = message["blocks"].as_array().unwrap();
        prop_assert_eq!(blocks.len(), events.len() + 1);
        for (block, event) in blocks[1..].iter().zip(&events) {
            let line = fit(&Facts::of(event).line(), 1_500);
            prop_assert_eq!(block["text"]["text"].as_str().unwrap(), line);
        }
    }
}
