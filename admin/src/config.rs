//! The operator's AWS configuration.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use shared::aws::SdkConfig;

/// The configuration for a person at a terminal: AWS's default chain of profiles and so on, and the system's
/// certificates. An `endpoint` on this machine is an emulator. It accepts any credentials and any region, so none need
/// to be set up.
pub(crate) async fn config(endpoint: Option<&str>) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint);
        if ["http://127.0.0.1:", "http://localhost:"].iter().any(|local| endpoint.starts_with(local)) {
            let anybody = Credentials::new("local", "local", None, None, "local");
            loader = loader.credentials_provider(anybody).region(Region::new("us-east-1"));
        }
    }
    loader.load().await
}
