//! The floor: a minimal function that makes one GetItem and answers it. Never deployed; `cargo local bench` measures against
//! it.
//!
//! It has nothing that it does not need: no token, no log, no credential chain, no warm-up. Its certificates are the
//! system's, or those of `SSL_CERT_FILE`.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::AttributeValue,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, table) = (client()?, std::env::var("WEBHOOKS_TABLE")?);
        let (pk, sk) = (std::env::var("FLOOR_PK")?, std::env::var("FLOOR_SK")?);
        let (client, table, pk, sk) = (&client, &table, &pk, &sk);
        lambda_http::run(service_fn(move |_: Request| async move {
            let read = client.get_item().table_name(table).consistent_read(true);
            let read = read.key("pk", AttributeValue::S(pk.clone())).key("sk", AttributeValue::S(sk.clone()));
            let item = read.send().await?.item.unwrap_or_default();
            let texts: serde_json::Map<String, serde_json::Value> =
                item.into_iter().filter_map(|(name, value)| Some((name, value.as_s().ok()?.clone().into()))).collect();
            let body = serde_json::to_string(&texts)?;
            Ok::<_, Error>(Response::builder().header("Content-Type", "application/json").body(Body::from(body))?)
        }))
        .await
    })
}

fn client() -> Result<Client, Error> {
    let variable = |name: &str| std::env::var(name);
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variable("AWS_REGION")?))
        .credentials_provider(credentials)
        .endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB")?)
        .http_client(http);
    Ok(Client::from_conf(config.build()))
}
