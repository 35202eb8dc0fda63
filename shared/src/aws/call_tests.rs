use std::{collections::BTreeMap, net::SocketAddr};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::{SdkConfig, app_name::AppName, region::Region};
use ring::hmac;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::encoding::{hex, sha256_hex};

/// A configuration for that region, with credentials of a session.
fn configured(region: &'static str) -> aws_types::sdk_config::Builder {
    let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(Region::new(region));
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
    config.credentials_provider(SharedCredentialsProvider::new(credentials))
}

/// All services at one address.
fn at(address: SocketAddr) -> Aws {
    let config = configured("eu-west-1").endpoint_url(format!("http://{address}/"));
    Aws::of(config.app_name(AppName::new("Drain").unwrap()).build())
}

const INVOKE: Call<'_> = Call {
    service: Service::Lambda,
    method: "POST",
    path: "/2015-03-31/functions/drain%3Alive/invocations",
    headers: &[("x-amz-invocation-type", "Event")],
    body: b"{\"a\":1}",
};

/// A request as it arrived.
#[derive(Debug)]
struct Arrived {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// The body of every reply.
const REPLY: &str = r#"{"message":"why"}"#;

/// Answers one request after the other with these statuses and codes, and returns what arrived.
async fn serve(listener: TcpListener, answers: &[(u16, &str)]) -> Vec<Arrived> {
    let mut arrived = Vec::new();
    for (status, code) in answers {
        let accepted = tokio::time::timeout(Duration::from_secs(5), listener.accept()).await;
        let (mut stream, _) = accepted.expect("another request").unwrap();
        let mut bytes = Vec::new();
        let end = loop {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let (first, rest) = head.split_once("\r\n").unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: BTreeMap<_, _> = rest.split("\r\n").filter_map(header).collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        while bytes.len() < end + 4 + length {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        }
        let (method, path) = first.strip_suffix(" HTTP/1.1").unwrap().split_once(' ').unwrap();
        let (method, path) = (method.to_owned(), path.to_owned());
        arrived.push(Arrived { method, path, headers, body: bytes[end + 4..].to_vec() });
        let head = format!(
            "HTTP/1.1 {status} x\r\nx-amzn-errortype: {code}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            REPLY.len()
        );
        stream.write_all(format!("{head}{REPLY}").as_bytes()).await.unwrap();
    }
    arrived
}

async fn listen() -> (TcpListener, Aws) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, at(address))
}

fn refused(status: u16, code: &str) -> Result<Vec<u8>, CallError> {
    Err(CallError::Refused { status, code: code.to_owned(), message: "why".to_owned() })
}

/// The signature of a request by AWS's rules, computed here so that it can be compared with what arrives.
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>)
fn signature(request: &Arrived, service: &str, signed: &str) -> String {
    let headers: String = signed.split(';').map(|name| format!("{name}:{}\n", request.headers[name])).collect();
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    // A path is encoded once more than it is sent.
    let path = path.replace('%', "%25");
    let canonical = format!("{}\n{path}\n{query}\n{headers}\n{signed}\n{}", request.method, sha256_hex(&request.body));
    let time = &request.headers["x-amz-date"];
    let scope = format!("{}/eu-west-1/{service}/aws4_request", &time[..8]);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let mut key = b"AWS4secret".to_vec();
    for part in scope.split('/').chain([text.as_str()]) {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    hex(&key)
}

/// The `Authorization` header that the request must have.
fn authorization(request: &Arrived, service: &str, signed: &str) -> String {
    let day = &request.headers["x-amz-date"][..8];
    let signature = signature(request, service, signed);
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/eu-west-1/{service}/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

#[tokio::test]
async fn a_call_is_one_signed_request() {
    let (listener, aws) = listen().await;
    let (arrived, done) = tokio::join!(serve(listener, &[(202, "")]), aws.call(INVOKE));
    assert_eq!(done, Ok(REPLY.as_bytes().to_vec()));
    let [request] = &arrived[..] else { panic!("{arrived:?}") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", INVOKE.path));
    assert_eq!(request.body, INVOKE.body);
    let header = |name: &str| request.headers[name].as_str();
    assert_eq!((header("x-amz-invocation-type"), header("x-amz-security-token")), ("Event", "session"));
    assert_eq!(header("user-agent"), "outhook app/Drain");
    let signed = "host;x-amz-date;x-amz-invocation-type;x-amz-security-token";
    assert_eq!(header("authorization"), authorization(request, "lambda", signed));
}

#[tokio::test]
async fn signatures_are_those_of_the_aws_command_line() {
    // Made by botocore 1.44.8, the AWS command line's signer, for the same requests, credentials and time.
    let stream = segment("arn:aws-cn:dynamodb:cn-north-1:1:table/E/stream/2026-11-26T00:00:00.000");
    let mappings = format!("/2015-03-31/event-source-mappings?EventSourceArn={stream}");
    let get = |service, path| Call { service, method: "GET", path, headers: &[], body: b"" };
    for (region, call, wanted) in [
        ("eu-west-1", INVOKE, "eeb8dc11e4dd0fd502a8f87c49968e963ec8f465fa758e417f7f29ccf36d59b7"),
        (
            "eu-west-1",
            get(Service::Scheduler, "/schedules/outhook-tick"),
            "34d20a7c62e1fa535285a560a183d7ed06e46cb50e10a0d15b52da575c387e3b",
        ),
        (
            "cn-north-1",
            get(Service::Lambda, &mappings),
            "f9044367151062a3cc87535d8f00cf4c8688bbf70ab37a5a870ed39f8fc479a0",
        ),
    ] {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_703_415);
        let request = Aws::of(configured(region).build()).request(call, now).await.unwrap();
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("x-amz-date"), header("x-amz-security-token")),
            ("20261126T143015Z".into(), "session".into())
        );
        let authorization = header("authorization");
        assert!(authorization.ends_with(&format!(", Signature={wanted}")), "{authorization} for {}", request.uri());
    }
}

#[tokio::test]
async fn a_query_is_signed_too() {
    let (listener, aws) = listen().await;
    let path = format!("/schedules/a?groupName={}", segment("b:c d"));
    let call = Call { service: Service::Scheduler, method: "GET", path: &path, headers: &[], body: b"" };
    let (arrived, done) = tokio::join!(serve(listener, &[(200, "")]), aws.call(call));
    assert!(done.is_ok());
    assert_eq!((arrived[0].method.as_str(), arrived[0].path.as_str()), ("GET", "/schedules/a?groupName=b%3Ac%20d"));
    let signed = "host;x-amz-date;x-amz-security-token";
    assert_eq!(arrived[0].headers["authorization"], authorization(&arrived[0], "scheduler", signed));
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again_and_nothing_else() {
    for (answers, wanted) in [
        (
            &[(500, "ServiceException"), (429, "TooManyRequestsException:"), (202, "")][..],
            Ok(REPLY.as_bytes().to_vec()),
        ),
        (&[(503, ""), (503, ""), (429, "TooManyRequestsException:http://x")], refused(429, "TooManyRequestsException")),
        (&[(400, "ThrottlingException"), (400, "RequestTimeout"), (202, "")], Ok(REPLY.as_bytes().to_vec())),
        (&[(403, "AccessDeniedException")], refused(403, "AccessDeniedException")),
        (&[(501, "")], refused(501, "")),
    ] {
        let (listener, aws) = listen().await;
        let (arrived, done) = tokio::join!(serve(listener, answers), aws.call(INVOKE));
        assert_eq!((arrived.len(), done), (answers.len(), wanted));
    }
}

#[tokio::test]
async fn nobody_there_is_no_reply() {
    let (listener, aws) = listen().await;
    drop(listener);
    assert_eq!(aws.call(INVOKE).await, Err(CallError::NoReply));
}

#[tokio::test]
async fn who_never_answers_is_no_reply() {
    // The kernel accepts the connections; nobody reads what is sent.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let limits = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(20)).build();
    let config = configured("eu-west-1").endpoint_url(format!("http://{}", listener.local_addr().unwrap()));
    assert_eq!(Aws::of(config.timeout_config(limits).build()).call(INVOKE).await, Err(CallError::NoReply));
}

#[test]
fn credentials_are_not_shown() {
    let shown = format!("{:?}", Aws::of(configured("eu-west-1").build()));
    assert!(!shown.contains("\"secret\"") && !shown.contains("session\""), "{shown}");
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let config = SdkConfig::builder().region(Region::new("us-east-1")).endpoint_url("http://127.0.0.1:9").build();
    assert_eq!(Aws::of(config).call(INVOKE).await, Err(CallError::NotConfigured));
}

#[test]
fn an_error_shows_nothing_of_the_reply_but_its_code() {
    let CallError::Refused { code, .. } = refused(403, "AccessDenied").unwrap_err() else { panic!() };
    let shown = |code: &str| refused(403, code).unwrap_err().to_string();
    assert_eq!((shown(&code), shown("")), ("AccessDenied".to_owned(), "status 403".to_owned()));
}

#[test]
fn a_code_is_freed_of_what_surrounds_it() {
    for text in ["Code", "Code:http://x", "com.amazonaws#Code", "com.amazonaws#Code:http://x/#y"] {
        assert_eq!(error_code(text), "Code", "{text}");
    }
}

#[tokio::test]
async fn services_are_beside_dynamodb_in_every_partition() {
    for (region, fips, dual, wanted) in [
        ("us-east-1", false, false, "https://lambda.us-east-1.amazonaws.com"),
        ("us-east-1", true, false, "https://lambda-fips.us-east-1.amazonaws.com"),
        ("eu-west-1", false, true, "https://lambda.eu-west-1.api.aws"),
        ("cn-north-1", false, false, "https://lambda.cn-north-1.amazonaws.com.cn"),
        ("cn-north-1", false, true, "https://lambda.cn-north-1.api.amazonwebservices.com.cn"),
        ("us-gov-west-1", false, false, "https://lambda.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", true, false, "https://lambda-fips.us-gov-west-1.amazonaws.com"),
        ("us-iso-east-1", false, false, "https://lambda.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", true, false, "https://lambda-fips.us-isob-east-1.sc2s.sgov.gov"),
        ("us-isof-south-1", false, false, "https://lambda.us-isof-south-1.csp.hci.ic.gov"),
        ("eu-isoe-west-1", false, false, "https://lambda.eu-isoe-west-1.cloud.adc-e.uk"),
        ("eusc-de-east-1", false, false, "https://lambda.eusc-de-east-1.amazonaws.eu"),
    ] {
        let config = SdkConfig::builder().region(Region::new(region)).use_fips(fips).use_dual_stack(dual).build();
        assert_eq!(Aws::of(config).endpoint(Service::Lambda).await.as_deref(), Ok(wanted));
    }
}
