//! Where a request may go, and replies that never end, drip, would unpack to a huge size, or are not HTTP.

use std::process::Command;

use super::*;

/// The names would lead to a listening server if the sender connected to them.
#[tokio::test]
async fn a_name_with_any_forbidden_address_is_refused_and_not_connected_to() {
    let (address, requests) = serve(reply(OK));
    let url = format!("https://receiver.test:{}/hook", address.port());
    for addresses in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["100.64.0.1"],
        &["224.0.0.1"],
        &["0.0.0.0"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::"],
    ] {
        let options = SenderOptions { test: TestOptions::named("receiver.test", addresses), ..options() };
        assert_eq!(send(options, &post(&url)).await, Err(SendError::Refused), "{addresses:?}");
    }
    assert!(requests.try_recv().is_err(), "nobody was connected to");
}

#[tokio::test]
async fn an_address_in_the_url_is_refused_and_not_connected_to() {
    let (address, requests) = serve(reply(OK));
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "0.0.0.0"] {
        let url = format!("https://{host}:{}/hook", address.port());
        assert_eq!(send(options(), &post(&url)).await, Err(SendError::Refused), "{host}");
    }
    assert!(requests.try_recv().is_err(), "nobody was connected to");
}

#[tokio::test]
async fn a_name_without_an_address_is_a_fault_of_dns() {
    assert_eq!(send(options(), &post("https://receiver.test/hook")).await, Err(SendError::Dns));
    let options = SenderOptions { test: TestOptions::named("receiver.test", &[]), ..options() };
    assert_eq!(send(options, &post("https://receiver.test/hook")).await, Err(SendError::Dns));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (private, requests) = serve(reply(OK));
    let (address, _requests) = serve(move |connection| {
        let head = "HTTP/1.1 307 Elsewhere\r\nConnection: close\r\nContent-Length: 0\r\nLocation: http://";
        write!(connection, "{head}{private}/\r\n\r\n")
    });
    assert_eq!(send(local(address), &post(SLACK)).await.unwrap().status, 307);
    assert!(requests.try_recv().is_err(), "nobody was connected to");
}

/// Checks that the sender closed the connection. It waits in a thread of its own, because the runtime has to close it.
async fn was_dropped(requests: Receiver<String>) {
    let second = tokio::task::spawn_blocking(move || {
        requests.recv().unwrap();
        requests.recv_timeout(Duration::from_secs(5))
    });
    assert!(second.await.unwrap().unwrap().starts_with("dropped"));
}

/// Writes until the other side has dropped the connection.
fn endless(connection: &mut TcpStream, head: &str, chunk: &[u8]) -> io::Result<()> {
    connection.write_all(head.as_bytes())?;
    loop {
        connection.write_all(chunk)?;
    }
}

#[tokio::test]
async fn an_endless_reply_is_dropped_and_its_status_counts() {
    let (address, requests) =
        serve(|connection| endless(connection, "HTTP/1.1 500 Broken\r\nConnection: close\r\n\r\n", &[b'x'; 8192]));
    let answer = send(local(address), &post(SLACK)).await.unwrap();
    assert_eq!((answer.status, answer.body_start, answer.body_bytes), (500, "x".repeat(1_024), MOST_READ));
    was_dropped(requests).await;
}

#[tokio::test]
async fn at_most_20_kb_of_a_reply_are_read() {
    let (address, _requests) =
        serve(|connection| endless(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &[b'x'; 8192]));
    let mut reply =
        Client::builder().no_proxy().build().unwrap().get(format!("http://{address}")).send().await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    assert_eq!(read(&mut reply, deadline).await.len(), MOST_READ);
}

/// The reply would unpack to 100 MB of the letter A.
#[tokio::test]
async fn a_packed_reply_is_not_unpacked() {
    let (address, requests) = serve(|connection| {
        let head = "HTTP/1.1 500 Broken\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
        // The header of a gzip file, then stored blocks without end.
        connection.write_all(head.as_bytes())?;
        connection.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])?;
        let mut block = vec![0, 0xff, 0xff, 0, 0];
        block.resize(5 + 0xffff, b'A');
        for _ in 0..1_600 {
            connection.write_all(&block)?;
        }
        Ok(())
    });
    let answer = send(local(address), &post(SLACK)).await.unwrap();
    assert_eq!(answer.status, 500);
    assert!(answer.body_start.starts_with('\u{fffd}'), "{}", answer.body_start);
    was_dropped(requests).await;
}

fn drip(connection: &mut TcpStream, head: &str, drop: &[u8]) -> io::Result<()> {
    connection.write_all(head.as_bytes())?;
    loop {
        connection.write_all(drop)?;
        thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn the_status_of_a_dripping_reply_counts_once_the_time_is_up() {
    let (address, requests) =
        serve(|connection| drip(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"));
    let options = SenderOptions { attempt: Duration::from_millis(300), ..local(address) };
    let answer = send(options, &post(SLACK)).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.duration >= Duration::from_millis(300) && answer.duration < Duration::from_secs(2), "{answer:?}");
    was_dropped(requests).await;
}

#[tokio::test]
async fn a_head_that_drips_is_no_answer_in_time() {
    let (address, _requests) = serve(|connection| drip(connection, "HTTP/1.1 200 OK\r\n", b"x: y\r\n"));
    let options = SenderOptions { attempt: Duration::from_millis(200), ..local(address) };
    assert_eq!(send(options, &post(SLACK)).await, Err(SendError::Timeout));
}

#[tokio::test]
async fn silence_is_no_answer_in_time() {
    let (address, _requests) = serve(|connection| connection.read(&mut [0]).map(|_| ()));
    let options = SenderOptions { attempt: Duration::from_millis(200), ..local(address) };
    assert_eq!(send(options, &post(SLACK)).await, Err(SendError::Timeout));
}

#[tokio::test]
async fn a_huge_head_is_no_reply() {
    let (address, _requests) =
        serve(|connection| write!(connection, "HTTP/1.1 200 OK\r\nX-Huge: {}\r\n\r\n", "x".repeat(4 << 20)));
    assert_eq!(send(local(address), &post(SLACK)).await, Err(SendError::BadReply));
    let (address, _requests) =
        serve(|connection| write!(connection, "HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: x\r\n".repeat(1_000)));
    assert_eq!(send(local(address), &post(SLACK)).await, Err(SendError::BadReply));
}

#[tokio::test]
async fn garbage_and_a_closed_connection_are_no_reply() {
    for text in ["", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 two hundred\r\n\r\n", "HTTP/1.1 200 O"] {
        let (address, _requests) = serve(reply(text));
        assert_eq!(send(local(address), &post(SLACK)).await, Err(SendError::BadReply), "{text}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_does_not_change_the_status() {
    let (address, _requests) = serve(reply("HTTP/1.1 404 Gone\r\nContent-Length: 100\r\n\r\npart"));
    let answer = send(local(address), &post(SLACK)).await.unwrap();
    assert_eq!((answer.status, answer.body_start.as_str()), (404, "part"));
}

#[tokio::test]
async fn nobody_listening_is_a_fault_of_connecting() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(send(local(address), &post(SLACK)).await, Err(SendError::Connect));
}

/// Runs itself again in a process whose environment variables name proxies that do not exist.
#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    const INNER: &str = "OUTHOOK_TEST_PROXIES";
    if std::env::var_os(INNER).is_some() {
        let (address, _requests) = serve(reply(OK));
        assert_eq!(send(local(address), &post(SLACK)).await.unwrap().status, 200);
        return;
    }
    let name = concat!(module_path!(), "::proxies_of_the_environment_are_ignored");
    let (_, name) = name.split_once("::").unwrap();
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", name, "--nocapture"]).env(INNER, "1");
    for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        inner.env(variable, "http://127.0.0.1:9");
    }
    inner.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = inner.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
