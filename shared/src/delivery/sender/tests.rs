//! Tests of the sender against small servers on 127.0.0.1 that misbehave in various ways.

mod network;
mod tls;

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use super::*;
use crate::domain::Secret;

/// Options that only tests can set: the addresses of names, trusted certificates, and whether 127.0.0.1 is allowed.
#[derive(Clone, Default)]
pub(super) struct TestOptions {
    pub(super) exempt: bool,
    pub(super) roots: Vec<reqwest::Certificate>,
    names: BTreeMap<String, Vec<SocketAddr>>,
}

impl TestOptions {
    pub(super) fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        self.names.get(name).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn named(name: &str, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
        Self { names: BTreeMap::from([(name.to_owned(), addresses)]), ..Self::default() }
    }
}

/// Starts a server that reads one request per connection and lets `answer` write the reply. The receiver yields each
/// request, and an error text if the connection was closed while `answer` was writing.
fn serve<F>(answer: F) -> (SocketAddr, Receiver<String>)
where
    F: Fn(&mut TcpStream) -> io::Result<()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, requests) = channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { continue };
            let _ = seen.send(read_request(&mut connection));
            if let Err(error) = answer(&mut connection) {
                let _ = seen.send(format!("dropped: {:?}", error.kind()));
            }
        }
    });
    (address, requests)
}

fn read_request(connection: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn reply(text: &'static str) -> impl Fn(&mut TcpStream) -> io::Result<()> {
    move |connection| connection.write_all(text.as_bytes())
}

/// Short limits, so that no test waits long.
fn options() -> SenderOptions {
    SenderOptions {
        connect: Duration::from_millis(2_000),
        attempt: Duration::from_millis(2_000),
        ..SenderOptions::default()
    }
}

fn local(address: SocketAddr) -> SenderOptions {
    SenderOptions { local_receiver: Some(format!("http://{address}")), ..options() }
}

fn post(url: &str) -> Post {
    Post::json(Secret::new(url), "{\"text\":\"hello\"}".to_owned())
}

async fn send(options: SenderOptions, post: &Post) -> Result<Answer, SendError> {
    HttpSender::new(options).unwrap().post(post).await
}

const SLACK: &str = "https://hooks.slack.com/services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

#[tokio::test]
async fn a_message_arrives_with_its_headers() {
    let (address, requests) = serve(reply(OK));
    let mut message = post(SLACK);
    message.headers = vec![("X-Key".to_owned(), Secret::new("value")), ("Host".to_owned(), Secret::new("evil"))];
    message.own_headers = vec![("webhook-id", "msg_1".to_owned())];
    let answer = send(local(address), &message).await.unwrap();
    assert_eq!(
        (answer.status, answer.body_start.as_str(), answer.retry_after),
        (200, "", None),
        "what success says is not kept"
    );
    let request = requests.recv().unwrap();
    assert!(
        request.starts_with("POST /services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n{\"text\":\"hello\"}"), "{request}");
    let lower = request.to_ascii_lowercase();
    for header in ["content-type: application/json", "x-key: value", "webhook-id: msg_1", "user-agent: outhook/"] {
        assert!(lower.contains(header), "{header} in {lower}");
    }
    for absent in ["evil", "accept-encoding", "cookie", "referer"] {
        assert!(!lower.contains(absent), "{absent} in {lower}");
    }
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms() {
    let (address, _requests) =
        serve(reply("HTTP/1.1 429 Slow down\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    let answer = send(local(address), &post(SLACK)).await.unwrap();
    assert_eq!((answer.status, answer.retry_after), (429, Some(Duration::from_secs(30))));
    let (address, _requests) = serve(reply(
        "HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ));
    let answer = send(local(address), &post(SLACK)).await.unwrap();
    assert_eq!((answer.status, answer.retry_after), (503, Some(Duration::from_secs(3_600))));
}

#[tokio::test]
async fn what_a_receiver_echoes_is_kept_without_secrets() {
    let (address, _requests) = serve(|connection| {
        let body = format!("no such hook {SLACK}, path /services/T0000000A; key was Bearer key-12345678\nbye\u{7}");
        write!(connection, "HTTP/1.1 404 Gone\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    });
    let mut message = post(SLACK);
    message.headers = vec![("Authorization".to_owned(), Secret::new("Bearer key-12345678"))];
    let answer = send(local(address), &message).await.unwrap();
    assert_eq!(answer.body_start, "no such hook https://hooks.slack.com***, path /services/***; key was *** bye");
}

#[tokio::test]
async fn slack_has_taken_a_message_when_it_says_ok() {
    for (status, body, success) in [
        (200, "ok", true),
        (200, " ok\n", true),
        (200, "<html>Sign in to the network</html>", false),
        (200, "", false),
        (200, "okay", false),
        (202, "{\"ok\":true}", false),
        (404, "ok", false),
    ] {
        let (address, _requests) = serve(move |connection| {
            write!(
                connection,
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        });
        let message = Post { success: Success::SaysOk, ..post(SLACK) };
        let answer = send(local(address), &message).await.unwrap();
        assert_eq!((answer.status, answer.is_success(), answer.body_bytes), (status, success, body.len()), "{body}");
        assert_eq!(answer.body_start.is_empty(), success || body.is_empty(), "{body}");
        let other = send(local(address), &post(SLACK)).await.unwrap();
        assert_eq!(other.is_success(), status < 300, "of other endpoints the status alone counts: {body}");
    }
}

#[test]
fn nothing_shows_a_secret_in_its_debug_text() {
    let mut message = post(SLACK);
    message.headers = vec![("x-key".to_owned(), Secret::new("secret-value"))];
    message.own_headers = vec![("webhook-signature", "v1,signature".to_owned())];
    let text = format!("{message:?} {:?}", HttpSender::new(options()).unwrap());
    for secret in ["T0000000A", "hooks.slack", "secret-value", "signature", "hello"] {
        assert!(!text.contains(secret), "{text}");
    }
}
