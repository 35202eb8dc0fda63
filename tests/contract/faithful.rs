//! Whole answers beside those of Django REST Framework 3.18, for the kinds of requests in which servers differ most.
//! tools/drf_differential.py compares both at random; here stand the answers themselves.

use crate::support::{World, slack_url};

/// Requests of a super user and what is answered.
struct Exchanges {
    world: World,
    shown: Vec<String>,
}

impl Exchanges {
    async fn new() -> Self {
        // On a deployment the gateway reads paths and headers before the function does.
        let world = World::with(|_| {}).await;
        world.subscribed("X").await;
        world.webhook("Y").await;
        world.webhook("Z").await;
        Self { world, shown: Vec::new() }
    }

    /// A request with these headers, in which `KEY` is the super user's.
    async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &[u8])], body: &[u8]) {
        let key = self.world.token.as_bytes();
        let with_key = |value: &[u8]| match value.windows(3).position(|part| part == b"KEY") {
            Some(at) => [&value[..at], key, &value[at + 3..]].concat(),
            None => value.to_vec(),
        };
        let sent: Vec<_> = headers.iter().map(|(name, value)| (*name, with_key(value))).collect();
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        let reply = self.world.bytes(method, path, &sent, body).await;
        let own = headers.iter().filter(|(_, value)| *value != b"Token KEY" && *value != b"application/json");
        let own: String = own.map(|(name, value)| format!(" {name}: {}", value.escape_ascii())).collect();
        let body: String = String::from_utf8_lossy(body).chars().take(200).collect();
        let answered: String = reply.shown().chars().take(700).collect();
        self.shown.push(format!("{method} {path:.60}{own} {body}\n  {answered}"));
    }

    /// A request as a client of good will sends it.
    async fn ask(&mut self, method: &str, path: &str, body: &str) {
        let headers: [(_, &[u8]); 2] = [("Authorization", b"Token KEY"), ("Content-Type", b"application/json")];
        self.send(method, path, &headers, body.as_bytes()).await;
    }
}

const LIST: &str = "/api/v2/webhooks/";
const ONE: &str = "/api/v2/webhooks/1/";
const CONFIGS: &str = "/api/v2/webhooks/2/configs/";
const AUTHORIZED: (&str, &[u8]) = ("Authorization", b"Token KEY");
const JSON: (&str, &[u8]) = ("Content-Type", b"application/json");

#[tokio::test(flavor = "multi_thread")]
async fn values_become_text_and_truth_as_in_python() {
    let mut exchanges = Exchanges::new().await;
    for value in ["403.45000000000005", "18446744073709551616", "-0", "-0.0", "1e400", "1e-7", "1E+16", "1.50"] {
        exchanges.ask("PATCH", ONE, &format!(r#"{{"name": {value}}}"#)).await;
    }
    for value in [r#""\ud83d""#, r#""a\ude00\ud83d""#, r#""\ud83d\ude00""#] {
        exchanges.ask("PATCH", ONE, &format!(r#"{{"name": {value}}}"#)).await;
    }
    exchanges.ask("PATCH", ONE, r#"{"\ud83d": "\ud83d", "name": "an unknown key"}"#).await;
    for value in ["true", "{}", "[]", "12", "null", r#"" ""#, r#""ftp://x""#, r#""https://example.com/""#] {
        exchanges.ask("PATCH", ONE, &format!(r#"{{"url": {value}}}"#)).await;
    }
    exchanges
        .ask("PATCH", ONE, &format!(r#"{{"name": "{}\u0000", "description": "\u0000\ud83d"}}"#, "n".repeat(140)))
        .await;
    exchanges.ask("PATCH", ONE, &format!(r#"{{"url": "{}"}}"#, slack_url(&"X".repeat(2000)))).await;
    for value in [r#"" true ""#, r#""TRUE""#, r#""no""#, "1.0", "-0", "2", r#""1.0""#, "[true]"] {
        exchanges.ask("PATCH", ONE, &format!(r#"{{"active": {value}}}"#)).await;
    }
    for value in [
        r#"["\u0001"]"#,
        r#"{"a": ["it's", null, 1e16, -0]}"#,
        r#"["\ud83d", "é\u00a0\u200b\u2028"]"#,
        r#"" CreatedProjectActivity""#,
        "true",
        r#""""#,
    ] {
        exchanges.ask("POST", CONFIGS, &format!(r#"{{"event_source": {value}}}"#)).await;
    }
    for value in ["1.0", r#""1.0""#, r#"" +1_0 ""#, "123456789012345678901", "1.5", "true", r#""x""#] {
        exchanges
            .ask("POST", "/api/v2/projects/1/activities/", &format!(r#"{{"name": "XActivity", "actor": {value}}}"#))
            .await;
    }
    insta::assert_snapshot!(exchanges.shown.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_headers_paths_and_bytes_are_read_as_in_django() {
    let mut exchanges = Exchanges::new().await;
    for query in ["page=&page_size=1", "page=last&page_size=2", "page=%202%20&page_size=1_0", "page=%2B2&page_size=2"] {
        exchanges.ask("GET", &format!("{LIST}?{query}"), "").await;
    }
    exchanges.ask("GET", &format!("{LIST}?page_size=99999999999999999999"), "").await;
    exchanges.ask("GET", &format!("{LIST}?page_size={}&page=2", "9".repeat(4301)), "").await;
    for value in [
        "Token “KEY”".as_bytes(),
        "Token \u{a0}KEY".as_bytes(),
        "Token\u{a0}KEY".as_bytes(),
        b"Token \xff",
        b"Token KEY\xe9",
        b"Token \xff \xfe",
        b"Token\tKEY",
    ] {
        exchanges.send("GET", ONE, &[("Authorization", value)], b"").await;
    }
    for value in [
        &b"application/json\xe9"[..],
        "application/json\u{a0}".as_bytes(),
        b"*",
        b"text/html, application/*;q=0",
        b"application/json; indent=2",
    ] {
        exchanges.send("GET", ONE, &[AUTHORIZED, ("Accept", value)], b"").await;
    }
    for path in [
        "//api/v2/webhooks/",
        "/x/api/v2/webhooks/",
        "/api/v2//webhooks/",
        "/api/v2/webhooks//",
        "/api/v2/webhooks/1//configs/",
    ] {
        exchanges.send("GET", path, &[], b"").await;
    }
    for body in [
        &b"\"\xf0\x9f\x91\""[..],
        b"\"\xff\"",
        b"{\"name\": \"\xed\xa0\x80\"}",
        b"\xef\xbb\xbf{}",
        b"{\"name\": NaN}",
        b"{\"name\": \"\\ud83d\\u12\"}",
        b"[\"\xe6\x97\xa5\", \n x]",
    ] {
        exchanges.send("POST", LIST, &[AUTHORIZED, JSON], body).await;
    }
    for value in ["text/é".as_bytes(), b"application/*", b"text/plain;charset=x", b"application/jsonx"] {
        exchanges.send("POST", LIST, &[AUTHORIZED, ("Content-Type", value)], b"[]").await;
    }
    insta::assert_snapshot!(exchanges.shown.join("\n"));
}

/// The deviations that docs/compatibility.md lists.
#[tokio::test(flavor = "multi_thread")]
async fn what_differs_differs_on_purpose() {
    let mut exchanges = Exchanges::new().await;
    exchanges.ask("GET", "/api/v2/webhooks/1", "").await;
    exchanges.send("POST", LIST, &[AUTHORIZED], b"[]").await;
    exchanges.send("GET", ONE, &[("Authorization", b"Token \"KEY\"")], b"").await;
    exchanges
        .send(
            "PATCH",
            ONE,
            &[AUTHORIZED, ("Content-Type", b"application/json; charset=latin-1")],
            "{\"name\": \"é\"}".as_bytes(),
        )
        .await;
    exchanges.ask("PATCH", ONE, &format!(r#"{{"name": {}}}"#, "9".repeat(4301))).await;
    exchanges.send("GET", ONE, &[AUTHORIZED, ("Accept", b"")], b"").await;
    exchanges.send("GET", ONE, &[AUTHORIZED, ("Accept", b"*/json")], b"").await;
    exchanges.ask("GET", &format!("{LIST}?page=%D9%A1"), "").await;
    exchanges.send("POST", LIST, &[AUTHORIZED, JSON], b"[]\xf0\x9f").await;
    exchanges.send("GET", ONE, &[AUTHORIZED, ("Accept", b"text/html"), ("Accept", b"*/*")], b"").await;
    exchanges.ask("GET", "/api/v2/webhook%73/1/", "").await;
    exchanges.ask("PATCH", ONE, &format!(r#"{{"x": {}}}"#, "[".repeat(200) + &"]".repeat(200))).await;
    exchanges.ask("POST", CONFIGS, r#"{"event_source": "\ud83d"}"#).await;
    exchanges.send("POST", LIST, &[AUTHORIZED, ("Content-Type", b"text/\xe9")], b"[]").await;
    insta::assert_snapshot!(exchanges.shown.join("\n"));
    let reply = exchanges.world.call("GET", LIST, None).await;
    assert_eq!((reply.headers.get("allow"), reply.headers.get("location")), (None, None));
}
