//! What the functions log at the most verbose level, and what is kept of replies, shows no secret and nothing of a reply or of an
//! event's data: with the real binaries, and with endpoints that echo all that they know.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{World, slack_url, until};

/// A signing secret: the specification's own.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The alert endpoint's.
const ALERT: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// Who is named in the events: what endpoints echo as well.
const PERSON: &str = "ada.lovelace@example.org";

/// A stack whose functions were asked to log everything.
async fn verbose() -> World {
    World::with(|options| {
        for variable in ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL"] {
            options.environment.insert(variable.to_owned(), "trace".to_owned());
        }
    })
    .await
}

/// A text as it stands and as a careless line might show it, in lower case where that is no matter.
fn spellings(secret: &str) -> Vec<String> {
    let hexadecimal = |separator: &str| secret.bytes().map(|byte| format!("{separator}{byte:02x}")).collect::<String>();
    let digits = |before: usize| {
        let encoded = STANDARD.encode(format!("{}{secret}", ".".repeat(before)));
        // What neither neighbour changes.
        encoded[(before * 8).div_ceil(6)..(before + secret.len()) * 8 / 6].to_owned()
    };
    let bytes = format!("{:?}", secret.as_bytes());
    let bytes = bytes.trim_matches(['[', ']']).to_owned();
    let percent = secret.replace('/', "%2f").replace('+', "%2b").replace('@', "%40");
    let mut all = vec![
        secret.to_lowercase(),
        hexadecimal(""),
        hexadecimal("%"),
        hexadecimal("\\x"),
        percent.to_lowercase(),
        bytes,
    ];
    all.extend((0..3).map(digits));
    all
}

/// Fails if one of the lines shows one of the texts.
fn shows_none(lines: &[String], secrets: &[(&str, &str)]) {
    for (what, secret) in secrets {
        for spelling in spellings(secret) {
            let shown = lines.iter().find(|line| line.contains(&spelling) || line.to_lowercase().contains(&spelling));
            assert_eq!(shown, None, "{what} as {spelling}");
        }
    }
}

/// What endpoints answer: everything that they know, in several forms.
fn echo(secrets: &[&str]) -> String {
    let all = secrets.iter().flat_map(|secret| {
        let escaped: String = secret.chars().map(|c| format!("\\u{:04X}", u32::from(c))).collect();
        [(*secret).to_owned(), secret.to_uppercase(), escaped, STANDARD.encode(secret)]
    });
    format!("<html>for {PERSON}: {}</html>", all.collect::<Vec<_>>().join(" | "))
}

/// Everything in a table, as text.
async fn kept(world: &World, table: &str) -> Vec<String> {
    world.scan(table).await.iter().map(|item| format!("{item:?}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_shows_a_secret_a_reply_or_an_events_data_at_any_level() {
    let world = verbose().await;
    let member = world.stack.ready().tokens.member.clone();
    let (slack, hook) =
        ("xoxSlackTokenOfX0123456", "https://receiver.example/in/PathToken0123456789?key=QueryValue0123456");
    let (bearer, basic) = ("HeaderBearer0123456789", STANDARD.encode("basicuser:BasicPass0123"));
    let (cookie, alert) = ("CookieValue0123456789", "AlertHeader0123456789");

    // Slack: delivered, tested, then gone.
    let id = world.subscribed(slack).await;
    world.publish(PERSON).await;
    world.accepted(slack, 1).await;
    let test = format!("/api/v2/webhooks/{id}/test/");
    until("a test message", async || world.call("POST", &test, None).await.status == 200).await;
    let told = echo(&[&slack_url(slack), slack]);
    world.behave(slack, &json!({"status": 404, "body": told})).await;
    until("a second test message", async || world.call("POST", &test, None).await.status == 200).await;
    world.publish(PERSON).await;
    let status =
        world.eventually(&format!("/api/v2/webhooks/{id}/status"), |status| status["state"] == "suspended").await;

    // An endpoint of Socotra's with secrets of every kind, whose failures an alert endpoint hears of, and which is told in vain.
    let known =
        [hook, "PathToken0123456789", bearer, &basic, "BasicPass0123", cookie, SECRET, &SECRET[6..], alert, ALERT];
    world.receiver("receiver.example/in/PathToken0123456789", &json!({"status": 400, "body": echo(&known)})).await;
    world.receiver("alerts.example/AlertPath0123456789", &json!({"status": 500, "body": echo(&known)})).await;
    let tenant = format!("/event/{}/webhooks", world.stack.ready().socotra_tenant);
    let webhook = json!({
        "name": "n", "enabled": true, "eventTypes": ["a"],
        "endpoint": {"url": hook, "hmacEnabled": true, "secret": SECRET, "headers": {
            "Authorization": [format!("Bearer {bearer}"), format!("Basic {basic}")], "Cookie": [format!("a=1; sid={cookie}")],
        }},
        "failureHandling": {"triggers": ["4xx"], "divert": true, "suspend": true, "alertEndpoint": {
            "url": "https://alerts.example/AlertPath0123456789", "headers": {"X-Alert": [alert]}, "hmacEnabled": true, "secret": ALERT,
        }},
    });
    let made = world.ask(&world.token, "POST", &tenant, Some(&webhook)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let one = format!("{tenant}/{}", made.json()["locator"].as_str().unwrap());
    let event = world.event("a", None, &json!({"person": PERSON})).await;
    let diverted = world
        .eventually(&format!("{one}/diverted"), |listed| listed.as_array().is_some_and(|all| all.len() == 1))
        .await;

    // A caller who may not, one with a wrong key, a body that cannot be read, and an item that can never be an event.
    assert_eq!(world.call_as(&member, "GET", "/api/v2/webhooks/", None).await.status, 403);
    assert_eq!(world.call_as("WrongKey0123456789", "GET", "/api/v2/webhooks/", None).await.status, 401);
    world
        .raw("POST", "/events", &[("Authorization", &format!("Bearer {}", world.token))], &format!("{{{PERSON}"))
        .await;
    poison(&world).await;
    until("the quarantine", async || {
        kept(&world, "DeliveriesTable").await.iter().any(|item| item.contains("QUARANTINE"))
    })
    .await;

    let logs = world.logs();
    for line in [
        "attempted",
        "a webhook was suspended",
        "an event was diverted",
        "the alert endpoint was not told",
        "quarantined",
    ] {
        assert!(logs.iter().any(|found| found.contains(line)), "{line} is missing in\n{}", logs.join("\n"));
    }
    assert!(logs.iter().any(|line| line.contains("gone") && line.contains("404")), "status and class are logged");
    assert!(!logs.iter().any(|line| line.contains("TRACE") || line.contains("<html>")), "{}", logs.join("\n"));
    let secrets = [
        ("the super user's key", world.token.as_str()),
        ("the member's key", &member),
        ("a wrong key", "WrongKey0123456789"),
        ("Slack's token", slack),
        ("a path", "PathToken0123456789"),
        ("a query", "QueryValue0123456"),
        ("a bearer", bearer),
        ("credentials", &basic),
        ("a password", "BasicPass0123"),
        ("a cookie", cookie),
        ("a signing secret", &SECRET[6..]),
        ("the alert endpoint's path", "AlertPath0123456789"),
        ("the alert endpoint's header", alert),
        ("the alert endpoint's secret", &ALERT[6..]),
    ];
    shows_none(&logs, &secrets);
    shows_none(&logs, &[("an event's data", PERSON)]);

    // What is kept for the owner, and what the alert endpoint is told, has the reply without the secrets.
    let own = &secrets[3..];
    let notices = world.received("alerts.example/AlertPath0123456789", 1).await;
    let notice = notices[0]["body"].as_str().unwrap().to_owned();
    let message = diverted[0]["failureMessage"].as_str().unwrap().to_owned();
    assert!(message.starts_with("HTTP 400: <html>for ada") && message.contains("***"), "{message}");
    shows_none(&[message, notice, status.to_string()], own);
    shows_none(&kept(&world, "DeliveriesTable").await, own);
    // The notice is not the event over again, whatever id it has.
    let of_notice = notices[0]["headers"]["webhook-id"].as_str().unwrap();
    assert!(of_notice != event && of_notice.starts_with("notice_"), "{of_notice}");
}

/// Puts an item whose `data` is not valid JSON: what its parser says may quote it.
async fn poison(world: &World) {
    use aws_sdk_dynamodb::types::AttributeValue::{N, S};
    let organization = &world.stack.ready().organization;
    let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
    let put =
        put.item("pk", S(format!("{organization}#20250331#0"))).item("sk", S("01JQNH7XR0000000000000000A".to_owned()));
    let put = put.item("organization", S(organization.clone())).item("type", S("a".to_owned()));
    put.item("time", N("1743416100000".to_owned())).item("data", S(format!("\"{PERSON}\""))).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_where_slack_says_ok_is_no_delivery() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    world.behave("X", &json!({"status": 200, "body": "<html>Sign in to the network</html>", "times": 1})).await;
    let event = world.publish("Apollo").await;
    let one = format!("/api/v2/webhooks/{id}/deliveries/{event}");
    let tried = |delivery: &Value, count: usize| delivery["attempts"].as_array().is_some_and(|all| all.len() == count);
    let first = world.eventually(&one, |delivery| tried(delivery, 1)).await;
    assert_eq!(first["state"], "pending", "{first}");
    let text = first["attempts"][0].to_string();
    assert!(text.contains("HTTP 200: <html>Sign in to the network</html>"), "{text}");
    world.accepted("X", 2).await;
    let done = world.eventually(&one, |delivery| delivery["state"] == "delivered").await;
    assert!(tried(&done, 2), "{done}");
}
