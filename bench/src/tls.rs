//! Over TLS: the first request after init against a warm one. The connection is made in init, so it should cost little more.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use local::Template;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::{
    bed::Bed,
    machine::Machine,
    options::{BoxError, Options},
    samples::{Sample, check},
    stats::{median, ms, ratio},
};

/// The function that is asked.
const FUNCTION: &str = "sdelements-retrieve-webhook";

/// Measures it; `null` if other functions were asked for.
pub(crate) async fn measure(options: &Options, template: &Template) -> Result<Value, BoxError> {
    let wanted = options.only.is_empty() || options.only.iter().any(|only| only == FUNCTION);
    let function = template.functions.iter().find(|function| function.binary == FUNCTION && wanted);
    let Some(function) = function else { return Ok(Value::Null) };
    let (machine, bed) = (Machine::start().await?, Bed::new(options).await?);
    let tenant = bed.tenant().await?;
    let event = Sample::read(&options.root, FUNCTION)?.event(&tenant);
    let (endpoint, roots) = front(&bed.address).await?;
    let mut environment = bed.environment();
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint);
    environment.insert("SSL_CERT_FILE".to_owned(), roots.display().to_string());
    let (mut first, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..options.times(20, 5) {
        let mut process = machine.spawn(&options.binary(FUNCTION), Some(function), &environment)?;
        let (took, answer) = process.call(&event).await?;
        check(FUNCTION, &answer)?;
        first.push(took);
        let mut others = Vec::<Duration>::new();
        for _ in 0..options.times(20, 10) {
            process.ready().await?;
            others.push(process.call(&event).await?.0);
        }
        warm.push(median(&others));
        process.end().await?;
    }
    std::fs::remove_file(roots)?;
    let (first, warm) = (median(&first), median(&warm));
    Ok(json!({
        "function": FUNCTION, "first_ms": ms(first), "warm_ms": ms(warm), "first_times_warm": ratio(first, warm)
    }))
}

/// Serves the DynamoDB at that address over TLS: the new address, and a file with the certificate to trust.
async fn front(upstream: &str) -> Result<(String, std::path::PathBuf), BoxError> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let path = std::env::temp_dir().join(format!("outhook-bench-{}.pem", std::process::id()));
    let certificate = STANDARD.encode(made.cert.der());
    std::fs::write(&path, format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"))?;
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)?;
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?);
    let address = format!("https://localhost:{}", listener.local_addr()?.port());
    let upstream = upstream.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                stream.set_nodelay(true)?;
                let mut inside = TcpStream::connect(upstream).await?;
                inside.set_nodelay(true)?;
                let mut outside = acceptor.accept(stream).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    Ok((address, path))
}
