//! Connects to AWS: for functions, with what Lambda gives them; for the operator, the way the AWS command line does.
//!
//! A function pays for its start in each new environment. So it does not look for credentials where Lambda puts none,
//! and does not read certificate authorities that no AWS endpoint uses.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    config::{
        AppName, BehaviorVersion, Credentials, Region, SharedCredentialsProvider, SharedHttpClient,
        endpoint::{DefaultResolver, Params, ResolveEndpoint as _},
    },
};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector as _, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{byte_stream::ByteStream, timeout::TimeoutConfig};
use aws_types::{
    SdkConfig,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use super::credentials::KeptCredentials;

/// The roots of Amazon Trust Services, which sign the certificates of AWS endpoints
/// (<https://www.amazontrust.com/repository/>). A test compares them with Mozilla's list.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The time limit for making a connection: the SDK's default.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);

/// The time limit for one attempt of a call. DynamoDB answers within tens of milliseconds; a half-open connection never
/// does.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The time limit for a call with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limits of every call, for one attempt and for all of them, so that nothing waits for a reply that never
/// comes.
fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .operation_timeout(call)
        .build()
}

/// How AWS is reached: region, credentials and endpoints, and one connection pool for all services.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(super) config: SdkConfig,
    pub(super) pool: Pool,
    pub(super) kept: KeptCredentials,
}

impl Aws {
    /// Reaches AWS with a configuration that was made elsewhere, and trusts the system's certificates.
    #[must_use]
    pub fn of(config: SdkConfig) -> Self {
        Self { config, pool: Pool::new(TrustStore::default()), kept: KeptCredentials::default() }
    }
}

/// Makes a function's DynamoDB client and opens its connection. Also returns the way to other services. Region,
/// credentials and endpoints come only from the environment variables that Lambda, `sam local` and `cargo lambda watch`
/// set. All clients share one HTTP client and TLS stack.
pub async fn connect() -> (Aws, Client) {
    let pool = Pool::new(trust(variable));
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let http = SharedHttpClient::new(pool.clone());
    let builder = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).http_client(http);
    let mut builder = builder.region(region.map(Region::new)).service_config(Endpoints);
    builder = builder.timeout_config(timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT));
    builder.set_credentials_provider(credentials().map(SharedCredentialsProvider::new));
    builder.set_app_name(variable("AWS_SDK_UA_APP_ID").and_then(|name| AppName::new(name).ok()));
    builder.set_use_fips(switch("AWS_USE_FIPS_ENDPOINT")).set_use_dual_stack(switch("AWS_USE_DUALSTACK_ENDPOINT"));
    let config = builder.build();
    // The connection is opened while the client is built.
    let opened = tokio::time::timeout(CONNECT_TIMEOUT, open(&pool, &config));
    let (opened, client) = tokio::join!(opened, async { Client::new(&config) });
    if opened.ok().flatten().is_none() {
        tracing::debug!("the connection to DynamoDB could not be opened early");
    }
    (Aws { config, pool, kept: KeptCredentials::default() }, client)
}

/// Opens a connection to DynamoDB, so that the first request does not have to. `None` if that fails: the first request
/// then meets the same failure. It calls DynamoDB's health check, which everybody may call: it costs no capacity and
/// needs no permission.
async fn open(pool: &Pool, config: &SdkConfig) -> Option<()> {
    let place = Params::builder().set_region(config.region().map(ToString::to_string));
    let place = place.set_use_fips(config.use_fips()).set_use_dual_stack(config.use_dual_stack());
    let place = place.set_endpoint(own_endpoint("AWS_ENDPOINT_URL", "DYNAMODB")).build().ok()?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&place).await.ok()?;
    let answer = pool.0.call(HttpRequest::get(endpoint.url()).ok()?).await.ok()?;
    // The connection is free again once its answer is read.
    ByteStream::new(answer.into_body()).collect().await.ok().map(|_| ())
}

/// One connection pool for all clients and settings. The SDK's own HTTP client reads the certificates again for each
/// client that is made from it, and once more for each setting of timeouts.
#[derive(Clone, Debug)]
pub(super) struct Pool(pub(super) SharedHttpConnector);

impl Pool {
    pub(super) fn new(trusted: TrustStore) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
        // It cannot fail; the default trusts the system's certificates.
        let context = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
        Self(SharedHttpConnector::new(connector.tls_context(context).connector_settings(settings).build()))
    }
}

impl HttpClient for Pool {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

/// Which certificate authorities to trust: only Amazon's, unless the environment names certificates or an endpoint that
/// is not Amazon's, or the region belongs to a partition with authorities of its own.
fn trust(variable: impl Fn(&str) -> Option<String>) -> TrustStore {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| variable(name).is_some());
    let endpoints = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_LAMBDA"];
    let elsewhere = endpoints.iter().filter_map(|name| variable(name)).any(|url| url.starts_with("https:"));
    let region = variable("AWS_REGION").unwrap_or_default();
    let apart = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|partition| region.starts_with(partition));
    if named || elsewhere || apart {
        TrustStore::default()
    } else {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    }
}

/// Lambda's credentials, which are valid for as long as the environment lives.
fn credentials() -> Option<Credentials> {
    let (id, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    Some(Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment"))
}

/// `AWS_ENDPOINT_URL_<SERVICE>` and `AWS_ENDPOINT_URL`.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        own_endpoint(key.env(), &key.service_id().to_uppercase().replace([' ', '-'], "_"))
    }
}

fn own_endpoint(general: &str, service: &str) -> Option<String> {
    variable(&format!("{general}_{service}")).or_else(|| variable(general))
}

fn switch(name: &str) -> Option<bool> {
    variable(name).map(|value| value.eq_ignore_ascii_case("true"))
}

/// The environment variable's value, if it is set and not empty. The template sets a variable to the empty string when
/// the operator gives no value.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    fn trusts_amazon_alone(variables: &[(&str, &str)]) -> bool {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        !format!("{:?}", trust(find)).contains("enable_native_roots: true")
    }

    #[tokio::test]
    async fn a_call_to_who_never_answers_ends() {
        // The kernel accepts the connection; nobody reads what is sent.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (attempt, call) = (Duration::from_millis(40), Duration::from_millis(150));
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(address);
        let config = config.region(Region::new("us-east-1")).timeout_config(timeouts(attempt, call));
        let config = config.http_client(SharedHttpClient::new(Pool::new(TrustStore::empty())));
        let anybody = SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test"));
        let client = Client::new(&config.credentials_provider(anybody).build());
        let error = client.list_tables().send().await.unwrap_err();
        assert!(matches!(error, aws_sdk_dynamodb::error::SdkError::TimeoutError(_)), "{error:?}");
    }

    #[test]
    fn the_roots_are_in_mozillas_list() {
        let ours: Vec<_> = CertificateDer::pem_slice_iter(AMAZON_ROOTS).map(Result::unwrap).collect();
        assert_eq!(ours.len(), 5);
        for root in &ours {
            assert!(webpki_root_certs::TLS_SERVER_ROOT_CERTS.contains(root));
            rustls::RootCertStore::empty().add(root.clone()).unwrap();
        }
    }

    #[test]
    fn on_lambda_only_amazon_is_trusted() {
        assert!(trusts_amazon_alone(&[("AWS_REGION", "us-east-1")]));
        assert!(trusts_amazon_alone(&[
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")
        ]));
    }

    #[test]
    fn where_others_may_have_signed_the_systems_certificates_count() {
        for (name, value) in [
            ("SSL_CERT_FILE", "/etc/ssl/own.pem"),
            ("SSL_CERT_DIR", "/etc/ssl/certs"),
            ("AWS_ENDPOINT_URL", "https://aws.example.com"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "https://localhost:8000"),
            ("AWS_REGION", "cn-north-1"),
            ("AWS_REGION", "us-gov-west-1"),
        ] {
            assert!(!trusts_amazon_alone(&[(name, value)]), "{name}={value}");
        }
    }
}
