//! Tests that every event of a gateway is answered: no event makes the conversion panic, and each gets a reply.

use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};

use super::{App, Callers, ReplyFuture, defect, fallback, run::serve};
use crate::{
    delivery::Waker,
    http::{Answer, Event, Reply, Request, read},
    store::nowhere,
};

/// Texts that callers may put into hosts, headers, paths and queries to break a parser.
fn texts() -> impl Strategy<Value = String> {
    let odd = [
        "",
        " ",
        "a b",
        "é",
        "\u{0}",
        "\r\nX: y",
        "\u{7f}",
        "%",
        "%zz",
        "%FF%00%2F",
        "//",
        "/..",
        "?a=b",
        "#",
        "[::1",
        "http://x:99999",
        "\u{feff}",
        "\u{202e}",
        ",",
        "&=&",
        "$default",
        "oh_acme_x",
        "GET",
        "PATCH",
        "2.0",
        "Token \"x\"",
        "/api/v2/webhooks/1/",
        "/event/t/webhooks",
        "/organizations/1/projects/2/settings/webhooks",
        "/api/webhooks/v4/webhooks/%31",
        "/events",
    ];
    prop_oneof![
        8 => select(odd.map(str::to_owned).to_vec()),
        2 => "\\PC{0,20}",
        1 => (select(vec![",", "a", "%", "é", "/"]), select(vec![300_usize, 8_192, 53_000])).prop_map(|(text, count)| text.repeat(count)),
    ]
}

/// Names of headers and parameters.
fn names() -> impl Strategy<Value = String> {
    let known = [
        "Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Authorization",
        "Content-Type",
        "Accept",
        "Cookie",
        "x-amzn-trace-id",
        "page",
        "show_authentication",
        "webhook_id",
    ];
    prop_oneof![4 => select(known.map(str::to_owned).to_vec()), 1 => texts()]
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => select(vec![Value::Null, json!(true), json!(-1), json!(1e300), json!([]), json!({}), json!([[null]]), json!({"a": {"b": []}})]),
        3 => texts().prop_map(Value::String),
    ]
}

/// An object whose members are texts, lists of texts, or of a wrong type.
fn maps() -> impl Strategy<Value = Value> {
    let values = prop_oneof![
        6 => texts().prop_map(Value::String),
        2 => prop::collection::vec(texts(), 0..3).prop_map(|texts| json!(texts)),
        1 => anything(),
    ];
    let map =
        prop::collection::vec((names(), values), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect()));
    prop_oneof![9 => map, 1 => anything()]
}

fn contexts() -> impl Strategy<Value = Value> {
    let fields =
        ["domainName", "path", "requestId", "stage", "httpMethod", "resourcePath", "identity", "http", "authorizer"];
    let places = json!({"sourceIp": "a b", "method": "POST", "path": "x"});
    let values = prop_oneof![4 => texts().prop_map(Value::String), 1 => Just(places), 1 => anything()];
    let context = prop::collection::vec((select(fields.to_vec()), values), 0..9);
    prop_oneof![
        9 => context.prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()),
        1 => anything(),
    ]
}

/// An event of either version, with fields that are missing, null, odd or of a wrong type.
fn events() -> impl Strategy<Value = Value> {
    let field = |name: &'static str| {
        let value = match name {
            "headers"
            | "multiValueHeaders"
            | "queryStringParameters"
            | "multiValueQueryStringParameters"
            | "pathParameters" => maps().boxed(),
            "requestContext" => contexts().boxed(),
            "isBase64Encoded" => prop_oneof![any::<bool>().prop_map(Value::Bool), anything()].boxed(),
            _ => prop_oneof![4 => texts().prop_map(Value::String), 1 => anything()].boxed(),
        };
        prop::option::weighted(0.8, value).prop_map(move |value| (name, value))
    };
    let names = [
        "resource",
        "path",
        "httpMethod",
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "requestContext",
        "body",
        "isBase64Encoded",
        "version",
        "rawPath",
        "rawQueryString",
        "cookies",
    ];
    let fields = names.map(field).to_vec();
    let event = fields.prop_map(|fields| {
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
    });
    prop_oneof![30 => event, 1 => anything()]
}

/// Handles requests with the fallback. Its replies have the shape of the path's API, and without a key it needs no
/// table.
fn handle<'a>(app: &'a App, request: &'a Request) -> ReplyFuture<'a> {
    Box::pin(fallback(app, request))
}

fn answered(text: &str) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = nowhere();
        let app = App { store, callers: Callers::default(), waker: Waker::default() };
        let event: Event = serde_json::from_str(text).unwrap();
        serde_json::to_value(serve(handle, defect, &app, event, None).await).unwrap()
    })
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let answer = answered(text);
    let status = answer["statusCode"].as_u64().unwrap_or_default();
    prop_assert!((200..500).contains(&status) || status == 503, "{}", answer);
    if let Some(body) = answer["body"].as_str() {
        prop_assert!(serde_json::from_str::<Value>(body).is_ok_and(|body| body.is_object()), "{}", answer);
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_event_of_a_gateway_is_answered(event in events()) {
        check(&event.to_string())?;
    }
}

#[test]
fn an_event_that_is_none_is_answered() {
    let nested = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let twice = r#"{"path": "/events", "path": "/event/", "headers": {"Host": "a", "host": "b"}}"#;
    for text in ["null", "1", "\"x\"", "[]", "{}", r#"{"body": "\ud800", "path": "\udfff"}"#, &nested, twice] {
        check(text).unwrap();
    }
}

#[test]
fn more_headers_than_a_map_holds_and_a_query_longer_than_a_url_are_read() {
    let headers: Map<_, _> = (0..40_000).map(|number| (format!("x-{number}"), json!("y"))).collect();
    let event = json!({"path": "/events", "httpMethod": "PUT", "headers": headers,
        "multiValueQueryStringParameters": {",".repeat(53_000): [",".repeat(53_000)]}});
    check(&event.to_string()).unwrap();
    let request = read(serde_json::from_value::<Event>(event).unwrap(), None);
    assert!(request.headers.len() > 10_000);
    assert_eq!(request.query[0].0.len(), 53_000);
}

#[test]
fn headers_that_make_no_url_change_nothing() {
    let with = |name: &str, value: &str| {
        let event = json!({"path": "/api/v2/webhooks/", "httpMethod": "PUT", "headers": {name: value},
            "multiValueHeaders": {name: [value]}, "requestContext": {"domainName": "a.example", "path": "/prod/api/v2/webhooks/"}});
        (read(serde_json::from_value::<Event>(event.clone()).unwrap(), None).url, answered(&event.to_string()))
    };
    let (url, plain) = with("X-Other", "x");
    assert_eq!((url.as_str(), &plain["statusCode"]), ("https://a.example/prod/api/v2/webhooks/", &json!(401)));
    for name in ["Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-For"] {
        for value in ["a b", "", "é", "[::1", "a:99999", "\u{0}", &"h".repeat(300)] {
            assert_eq!(with(name, value), (url.clone(), plain.clone()), "{name}: {value}");
        }
    }
}

#[test]
fn what_is_missing_is_read_as_empty() {
    let request = read(serde_json::from_str("{}").unwrap(), None);
    assert_eq!((request.method.as_str(), request.path.as_str(), request.url.as_str()), ("GET", "", ""));
    assert!(request.query.is_empty() && request.headers.is_empty() && request.body.is_empty());
    let event = json!({"path": null, "headers": null, "multiValueHeaders": {"A": ["1", null, 2], "b\n": ["x"]}, "requestContext": null,
        "body": "%%%", "isBase64Encoded": true, "queryStringParameters": {"page": "1"}});
    let request = read(serde_json::from_value(event).unwrap(), None);
    assert_eq!((request.header("a"), request.headers.len(), request.parameter("page")), (Some("1"), 1, Some("1")));
    assert_eq!(request.body, b"%%%", "the API refuses it");
    let Answer::Version1(answer) = Answer::new(&request, Reply::no_content(), false) else { panic!("version 1") };
    assert_eq!(answer.status_code, 204);
}
