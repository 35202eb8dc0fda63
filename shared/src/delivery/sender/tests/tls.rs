//! Certificates: trusted, not trusted, for another name, and none at all.

use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

use super::*;

/// Starts a TLS server with a self-signed certificate for `name`. Returns its address and the certificate.
fn serve_tls(name: &str) -> (SocketAddr, reqwest::Certificate) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = reqwest::Certificate::from_der(made.cert.der()).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), connection);
            if !read_request(&mut stream).is_empty() {
                let _ = stream.write_all(OK.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    (address, certificate)
}

/// Posts to `receiver.test`, which resolves to 127.0.0.1 here. That address is allowed.
async fn send_to(address: SocketAddr, roots: Vec<reqwest::Certificate>) -> Result<Answer, SendError> {
    let test = TestOptions { exempt: true, roots, ..TestOptions::named("receiver.test", &["127.0.0.1"]) };
    let url = format!("https://receiver.test:{}/hook", address.port());
    send(SenderOptions { test, ..options() }, &post(&url)).await
}

#[tokio::test]
async fn a_trusted_certificate_is_accepted() {
    let (address, certificate) = serve_tls("receiver.test");
    let answer = send_to(address, vec![certificate]).await.unwrap();
    assert_eq!((answer.status, answer.body_bytes), (200, 2));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_a_fault_of_tls() {
    let (address, _certificate) = serve_tls("receiver.test");
    assert_eq!(send_to(address, Vec::new()).await, Err(SendError::Tls("the certificate's issuer is not trusted")));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_fault_of_tls() {
    let (address, certificate) = serve_tls("other.test");
    let result = send_to(address, vec![certificate]).await;
    assert_eq!(result, Err(SendError::Tls("the certificate is for another name")));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_fault_of_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // The connection stays open, so that the answer is what fails.
        let _ = connection.read_to_end(&mut Vec::new());
    });
    assert_eq!(send_to(address, Vec::new()).await, Err(SendError::Tls("no secure connection could be agreed on")));
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_no_answer_in_time() {
    let (address, _requests) = serve(|connection| connection.read(&mut [0]).map(|_| ()));
    let test = TestOptions { exempt: true, ..TestOptions::named("receiver.test", &["127.0.0.1"]) };
    let limits = SenderOptions { connect: Duration::from_millis(200), test, ..options() };
    let url = format!("https://receiver.test:{}/hook", address.port());
    assert_eq!(send(limits, &post(&url)).await, Err(SendError::Timeout));
}
