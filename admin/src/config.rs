//! The operator's AWS configuration.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::{Credentials, provider::ProvideCredentials as _};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use shared::aws::SdkConfig;

/// Why AWS cannot be called. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// There is no region.
    #[error("no AWS region is set: export AWS_REGION=<region>")]
    NoRegion,
    /// There are no credentials, or they are of a kind that this program cannot read.
    #[error(
        "no AWS credentials were found: set AWS_PROFILE, or for a profile with SSO, a login or a credential process run \
         eval \"$(aws configure export-credentials --format env)\" first"
    )]
    NoCredentials,
}

/// The configuration for a person at a terminal: AWS's default chain of profiles and so on, and the system's
/// certificates. An `endpoint` on this machine is an emulator. It accepts any credentials and any region, so none need
/// to be set up.
///
/// # Errors
///
/// When there is no region, or no credentials are found.
pub(crate) async fn config(endpoint: Option<&str>) -> Result<SdkConfig, ConfigError> {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint);
        if ["http://127.0.0.1:", "http://localhost:"].iter().any(|local| endpoint.starts_with(local)) {
            let anybody = Credentials::new("local", "local", None, None, "local");
            loader = loader.credentials_provider(anybody).region(Region::new("us-east-1"));
        }
    }
    let config = loader.load().await;
    if config.region().is_none() {
        return Err(ConfigError::NoRegion);
    }
    // Asked for here, because the first call would only say that it was not sent.
    let provider = config.credentials_provider().ok_or(ConfigError::NoCredentials)?;
    provider.provide_credentials().await.map_err(|_| ConfigError::NoCredentials)?;
    Ok(config)
}
