//! Messages as Outhook sends them, and rules that hold for any body.

mod html;
mod style;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{
    delivery::slack as sent,
    domain::{Event, EventId, JsonText, OperationalEvent, OrganizationId, Timestamp},
};

use super::*;
use html::Page;

fn event(event_type: &str, data: &Value) -> Event {
    let time: Timestamp = "2016-10-31T19:20:13.887Z".parse().unwrap();
    let organization = OrganizationId::parse("acme").unwrap();
    Event::new(EventId::new(time, 7), organization, event_type.to_owned(), time, JsonText::of(data).unwrap())
}

fn created(project: &str) -> Event {
    let text = format!("Admin Testerton created project {project} in application Flipism");
    let data = json!({"project_desc": project, "application_desc": "Flipism", "business_unit_desc": "Test BU"});
    event("CreatedProjectActivity", &json!({"actor": 1, "text": text, "data": data}))
}

/// The HTML with a line for each element, so that a snapshot can be read.
fn lines(body: &str) -> String {
    let html = message(body).unwrap().into_string();
    html::check(&html).unwrap();
    html.replace("><", ">\n<")
}

#[test]
fn the_documented_activity() {
    insta::assert_snapshot!(lines(&sent::message(&created("123444321"))));
}

#[test]
fn a_digest_of_three() {
    let other = event("chat.message.sent", &json!({"anything": [1, 2]}));
    let events = [created("Alpha"), created("<!channel> & *bold*"), other];
    insta::assert_snapshot!(lines(&sent::digest(&events.iter().collect::<Vec<_>>())));
}

#[test]
fn an_operational_event() {
    let what = OperationalEvent::WebhookSuspended;
    let data = json!({
        "webhook": {"id": "flip:w1", "api": "flip", "name": "<Claims>", "endpoint": "https://example.com/hook/…"},
        "reason": "gone (HTTP 410)", "since": "2016-10-31T19:20:13.887Z", "queued": 12, "action": what.action(),
    });
    insta::assert_snapshot!(lines(&sent::message(&event(what.as_str(), &data))));
}

#[test]
fn the_test_message() {
    let at = "2025-03-31T10:15:00.000Z".parse().unwrap();
    insta::assert_snapshot!(lines(&sent::test_message("Security <team>", at)));
}

#[test]
fn hostile_text() {
    let text = "<script>alert(1)</script> <javascript:alert(1)|click> <https://x/\"onmouseover=\"a|<b>> &lt;img src=x \
        onerror=a&gt; &amp;lt; \"'> *<b>* `</code>` ```</pre><script>``` <@U1|</span>> <!date^1^x^data:text/html,x|<i>>";
    let plain = json!({"type": "plain_text", "text": text});
    let mrkdwn = json!({"type": "mrkdwn", "text": text});
    let body = json!({"text": text, "blocks": [
        {"type": "header", "text": plain},
        {"type": "section", "text": mrkdwn, "fields": [plain, mrkdwn], "accessory": {"type": text}},
        {"type": "context", "elements": [mrkdwn, {"type": "image", "alt_text": text, "image_url": "javascript:x"}, {"type": text}]},
        {"type": "divider"},
        {"type": text},
    ]});
    insta::assert_snapshot!(lines(&body.to_string()));
}

#[test]
fn what_is_no_message_of_slacks_is_not_drawn() {
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"text\"",
        "{}",
        r#"{"text": 1}"#,
        r#"{"blocks": []}"#,
        r#"{"blocks": {}}"#,
        r#"{"blocks": [1]}"#,
        r#"{"blocks": [{"kind": "header"}]}"#,
        r#"{"text": "x", "blocks": "y"}"#,
        r#"{"text": "a comment", "author": "Ann"}"#,
        r#"{"type": "policy.issued", "data": {"blocks": [{"type": "divider"}]}}"#,
    ] {
        assert!(message(body).is_none(), "{body}");
    }
}

#[test]
fn without_blocks_the_text_is_drawn() {
    let page = |body: Value| Page::read(&message(&body.to_string()).unwrap().into_string()).unwrap();
    assert!(page(json!({"text": "*a* <!here>"})).html.contains("<b>a</b> <span class=\"slack-mention\">@here</span>"));
    assert!(page(json!({"text": "*a*", "mrkdwn": false})).text.ends_with("*a*"));
    assert!(page(json!({"text": "a", "blocks": []})).text.ends_with('a'));
    let both =
        page(json!({"text": "fallback", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "shown"}}]}));
    assert!(both.text.ends_with("shown") && !both.text.contains("fallback"));
}

#[test]
fn more_than_slack_accepts_is_counted_but_not_drawn() {
    let body = json!({"blocks": vec![json!({"type": "divider"}); 53]}).to_string();
    let html = message(&body).unwrap().into_string();
    assert_eq!(html.matches("<hr").count(), 50);
    assert!(html.contains("3 more blocks: Slack accepts 50."));
    let object = json!({"type": "plain_text", "text": "part"});
    for block in [
        json!({"type": "section", "fields": vec![&object; 12]}),
        json!({"type": "context", "elements": vec![&object; 12]}),
    ] {
        let html = message(&json!({"blocks": [block]}).to_string()).unwrap().into_string();
        assert_eq!(html.matches("part").count(), 10, "{html}");
    }
    let long = json!({"text": "x".repeat(40_001)}).to_string();
    assert!(message(&long).unwrap().into_string().contains("x…"));
}

/// Texts that would be slow to draw or nest deeply if each sign were looked at with all that follows it.
#[test]
fn a_large_or_deeply_nested_body_is_drawn_at_once() {
    let began = Instant::now();
    for text in
        ["*a ", "_*~", "`", "```", "<", "<a|", ":a", ">", "> \n", "- \n", "http://", "&lt;", "*_~a", ":x:", "é`*"]
    {
        let object = json!({"type": "mrkdwn", "text": text.repeat(400_000 / text.len())});
        let section = json!({"type": "section", "fields": vec![object; 10]});
        let body = json!({"blocks": [section]}).to_string();
        assert!(body.len() > 4_000_000);
        let html = message(&body).unwrap().into_string();
        html::check(&html).unwrap();
    }
    for open in ["[", "{\"blocks\":[", "{\"text\":", "{\"blocks\":[{\"type\":\"section\",\"text\":"] {
        assert!(message(&open.repeat(4_000_000 / open.len())).is_none(), "{open}");
    }
    // In a build for debugging, of fifteen such bodies.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

/// Texts of any kind, often with what has a meaning in mrkdwn or in HTML.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[<>&;|*_~`: \n@#!a\"'=/]{0,40}",
        proptest::collection::vec(
            proptest::sample::select(vec![
                "<",
                ">",
                "|",
                "&lt;",
                "&gt;",
                "&amp;",
                "&",
                "*",
                "_",
                "~",
                "`",
                "```",
                ":",
                "\n",
                ">",
                "- ",
                "@U1",
                "#C1",
                "!here",
                "!date^1^x^",
                "https://a.b/",
                "javascript:",
                "mailto:a@b",
                "\"",
                "'",
                " onclick=",
                "<script>",
                "</div>",
                "<!--",
                "-->",
                "]]>",
                "x",
                " ",
                ":wave:",
                "é",
                "\u{202e}",
                "\0",
            ]),
            0..24
        )
        .prop_map(|pieces| pieces.concat()),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
        proptest::sample::select(vec!["header", "section", "context", "divider", "mrkdwn", "plain_text", "image"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let known = ["text", "blocks", "type", "fields", "elements", "accessory", "alt_text", "emoji"];
        let key = prop_oneof![4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any_text()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A message whose every text is any text.
fn any_message() -> impl Strategy<Value = Value> {
    let object = || {
        let kind = prop_oneof![4 => Just("mrkdwn".to_owned()), 4 => Just("plain_text".to_owned()), 1 => Just("image".to_owned()), 1 => any_text()];
        (kind, any_text()).prop_map(|(kind, text)| json!({"type": kind, "text": text, "alt_text": text}))
    };
    let objects = || proptest::collection::vec(object(), 0..4);
    let block = prop_oneof![
        object().prop_map(|text| json!({"type": "header", "text": text})),
        (object(), objects(), any_text())
            .prop_map(|(text, fields, kind)| json!({"type": "section", "text": text, "fields": fields, "accessory": {"type": kind}})),
        objects().prop_map(|elements| json!({"type": "context", "elements": elements})),
        any_text().prop_map(|kind| json!({"type": kind})),
        any_json().prop_map(|text| json!({"type": "section", "text": text, "fields": text})),
    ];
    (any_text(), proptest::collection::vec(block, 1..5))
        .prop_map(|(text, blocks)| json!({"text": text, "blocks": blocks}))
}

proptest! {
    #[test]
    fn any_json_makes_only_our_own_markup(value in any_json()) {
        for body in [value.to_string(), json!({"blocks": value}).to_string(), json!({"text": value}).to_string()] {
            if let Some(drawn) = message(&body) {
                html::check(&drawn.into_string()).map_err(TestCaseError::fail)?;
            }
        }
    }

    #[test]
    fn any_text_anywhere_makes_only_our_own_markup(body in any_message()) {
        let drawn = message(&body.to_string());
        prop_assert!(drawn.is_some(), "it is a message");
        html::check(&drawn.unwrap().into_string()).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_body_is_drawn_or_not(body in any::<String>()) {
        if let Some(drawn) = message(&body) {
            html::check(&drawn.into_string()).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn a_plain_text_says_just_what_was_escaped(text in any_text()) {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let object = json!({"type": "plain_text", "text": escaped, "emoji": false});
        let body = json!({"blocks": [{"type": "header", "text": object}]}).to_string();
        let page = Page::read(&message(&body).unwrap().into_string()).map_err(TestCaseError::fail)?;
        // A parser turns what no HTML may hold into something else.
        let wanted = text.replace('\n', "").replace(['\0', '\r'], "?");
        prop_assert_eq!(page.text.replace(['\0', '\u{fffd}', '\r'], "?"), format!("Outhook APP{}", wanted.replace('\u{fffd}', "?")));
    }
}
