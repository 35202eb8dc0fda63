//! Short log lines for people: one for each request, each attempt to deliver, and each warning.

use serde_json::{Map, Value};
use shared::domain::{AttemptClass, Timestamp};

/// The name under which the gateway logs its replies.
pub(crate) const GATEWAY: &str = "gateway";

/// The gateway's log line for a request.
pub(crate) fn access(method: &str, path: &str, status: u16, duration_ms: u128) -> String {
    serde_json::json!({"method": method, "path": path, "status": status, "duration_ms": duration_ms}).to_string()
}

/// How a part of a line looks on a terminal.
#[derive(Clone, Copy)]
enum Look {
    Plain,
    Dim,
    Good,
    Doubtful,
    Bad,
}

impl Look {
    fn of_status(status: u64) -> Self {
        match status {
            200..400 => Self::Good,
            400..500 => Self::Doubtful,
            _ => Self::Bad,
        }
    }

    fn of_level(level: &str) -> Self {
        match level {
            "ERROR" => Self::Bad,
            "WARN" => Self::Doubtful,
            "INFO" => Self::Plain,
            _ => Self::Dim,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\u{1b}[2m",
            Self::Good => "\u{1b}[32m",
            Self::Doubtful => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
        }
    }
}

/// Shortens a line that `who` (a function, or a part of the stack) logged at `at`, with colours or without. `None` for
/// what people do not need to see: metrics, and a function's own line for a request, because the gateway logs one too.
#[must_use]
pub fn short(at: Timestamp, who: &str, line: &str, colours: bool) -> Option<String> {
    let paint = |look: Look, text: &str| {
        let code = if colours { look.code() } else { "" };
        if code.is_empty() { text.to_owned() } else { format!("{code}{text}\u{1b}[0m") }
    };
    let at = at.to_string();
    let time = paint(Look::Dim, at.get(11..23).unwrap_or_default());
    let (look, told) = match serde_json::from_str::<Value>(line) {
        Ok(Value::Object(said)) if who == GATEWAY && said.contains_key("path") => {
            return Some(format!("{time} {}", request(&said, paint)));
        }
        Ok(Value::Object(said)) => parsed(who, &said)?,
        _ if line.is_empty() => return None,
        _ => (Look::Doubtful, format!("{who}: {line}")),
    };
    Some(format!("{time} {}", paint(look, &told)))
}

/// Method, path, status and duration.
fn request(said: &Map<String, Value>, paint: impl Fn(Look, &str) -> String) -> String {
    let text = |name: &str| said[name].as_str().unwrap_or_default();
    let status = said["status"].as_u64().unwrap_or_default();
    let shown = paint(Look::of_status(status), &status.to_string());
    format!("{:<6} {} {shown} {} ms", text("method"), text("path"), said["duration_ms"])
}

/// Shortens a line of JSON, as functions write them.
fn parsed(who: &str, said: &Map<String, Value>) -> Option<(Look, String)> {
    if said.contains_key("_aws") {
        return None;
    }
    let Some(fields) = said.get("fields").and_then(Value::as_object) else {
        return Some((Look::Doubtful, format!("{who}: {}", Value::Object(said.clone()))));
    };
    let level = said.get("level").and_then(Value::as_str).unwrap_or("INFO");
    let message = fields.get("message").and_then(Value::as_str).unwrap_or_default();
    match message {
        "answered" => None,
        "attempted" => Some(attempt(fields)),
        _ => Some((Look::of_level(level), format!("{level} {who}: {message}{}", rest(fields)))),
    }
}

/// The event, the webhook and the outcome of an attempt.
fn attempt(fields: &Map<String, Value>) -> (Look, String) {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or_default();
    let class = text("class").unwrap_or("attempted");
    let more = match number("event.count") {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    // A queue is named `<organization>#<api>:<webhook>`.
    let webhook = text("queue").map_or("", |queue| queue.split_once('#').map_or(queue, |(_, webhook)| webhook));
    let status = match number("http.status") {
        0 => text("fault").map(|fault| format!(" {fault}")).unwrap_or_default(),
        status => format!(" {status}"),
    };
    let event = text("event.first").unwrap_or_default();
    let look = if class == AttemptClass::Delivered.to_string() { Look::Good } else { Look::Doubtful };
    let class = class.replace('_', " ");
    (look, format!("event {event}{more} to {webhook}: {class}{status} {} ms", number("duration_ms")))
}

/// The other fields of a line.
fn rest(fields: &Map<String, Value>) -> String {
    let others = fields.iter().filter(|(name, _)| *name != "message");
    others
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!(" {name}={text}"),
            None => format!(" {name}={value}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(who: &str, line: &str) -> Option<String> {
        short(Timestamp(1_795_703_415_123), who, line, false)
    }

    fn said(level: &str, fields: Value) -> String {
        json!({"level": level, "fields": fields}).to_string()
    }

    #[test]
    fn a_request_is_time_method_path_status_and_milliseconds() {
        let line = access("POST", "/api/v2/webhooks/", 201, 34);
        assert_eq!(plain(GATEWAY, &line).unwrap(), "14:30:15.123 POST   /api/v2/webhooks/ 201 34 ms");
    }

    #[test]
    fn an_attempt_is_event_webhook_and_outcome() {
        let mut fields = json!({"message": "attempted", "queue": "acme1#sdelements:7", "event.first": "01JQ", "event.count": 1,
            "http.status": 200, "duration_ms": 12, "class": "delivered", "fault": "", "http.body_bytes": 2});
        let told = |fields: &Value| plain("Drain", &said("INFO", fields.clone())).unwrap();
        assert_eq!(told(&fields), "14:30:15.123 event 01JQ to sdelements:7: delivered 200 12 ms");
        (fields["event.count"], fields["http.status"]) = (json!(3), json!(0));
        (fields["class"], fields["fault"]) = (json!("no_reply"), json!("timeout"));
        assert_eq!(told(&fields), "14:30:15.123 event 01JQ and 2 more to sdelements:7: no reply timeout 12 ms");
    }

    #[test]
    fn everything_else_is_told_with_its_level_and_all_that_it_says() {
        let line = said("WARN", json!({"message": "an event was diverted", "queue": "a#flip:x", "failures": 2}));
        let told = "14:30:15.123 WARN Drain: an event was diverted queue=a#flip:x failures=2";
        assert_eq!(plain("Drain", &line).unwrap(), told);
        let broken = "thread 'main' panicked";
        assert_eq!(plain("Tick", broken).unwrap(), "14:30:15.123 Tick: thread 'main' panicked");
        assert_eq!(plain("Tick", "{\"a\":1}").unwrap(), "14:30:15.123 Tick: {\"a\":1}");
    }

    #[test]
    fn what_the_gateway_has_told_and_metrics_are_left_out() {
        assert_eq!(plain("ListWebhooks", &said("INFO", json!({"message": "answered", "http.status": 200}))), None);
        assert_eq!(plain("Drain", &json!({"_aws": {}, "Delivered": 1}).to_string()), None);
        assert_eq!(plain("Drain", ""), None);
    }

    #[test]
    fn colours_tell_good_from_bad_and_change_nothing_else() {
        for (status, code) in [(204, "32"), (404, "33"), (503, "31")] {
            let line = access("GET", "/", status, 1);
            let told = short(Timestamp(0), GATEWAY, &line, true).unwrap();
            assert!(told.contains(&format!("\u{1b}[{code}m{status}\u{1b}[0m")), "{told}");
            let bare = told.replace(&format!("\u{1b}[{code}m"), "").replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
            assert_eq!(Some(bare), short(Timestamp(0), GATEWAY, &line, false));
        }
        for (level, code) in [("ERROR", "31"), ("WARN", "33"), ("DEBUG", "2")] {
            let told = short(Timestamp(0), "Tick", &said(level, json!({"message": "m"})), true).unwrap();
            assert!(told.ends_with(&format!("\u{1b}[{code}m{level} Tick: m\u{1b}[0m")), "{told}");
        }
    }
}
