//! Calls services whose SDKs are not built. A call is one request, signed by the SDK's signer, and its reply.
//!
//! A function makes one kind of call to Lambda, and the operator's tool two more to Lambda and EventBridge Scheduler.
//! The SDKs for everything that these services can do would be a third of what a first build compiles, and part of
//! every binary.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::client::{http::HttpConnector as _, identity::Identity, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::service_config::ServiceConfigKey;
use http::{Request, header::USER_AGENT};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::connection::Aws;

/// The longest wait before each attempt, in milliseconds. The real one is random, so that callers that were refused
/// together do not come back together.
const LONGEST_PAUSES_MS: [u64; 3] = [0, 200, 800];

/// The time limit for one attempt, unless the configuration has one.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The characters that are not encoded in a segment of a path or in a value of a query.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// AWS Lambda. (<https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>)
    Lambda,
    /// EventBridge Scheduler. (<https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html>)
    Scheduler,
}

impl Service {
    /// Its name in endpoints and signatures.
    fn name(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::Scheduler => "scheduler",
        }
    }

    /// Its name in settings of a person's environment or profile.
    fn id(self) -> &'static str {
        match self {
            Self::Lambda => "Lambda",
            Self::Scheduler => "Scheduler",
        }
    }
}

/// What to call. Repeating it must do no harm, because it is tried again when its reply is lost.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The service.
    pub service: Service,
    /// The method: `GET` or `POST`.
    pub method: &'static str,
    /// The path with its query; each part is encoded with [`segment`].
    pub path: &'a str,
    /// Headers in addition to those that every call has.
    pub headers: &'a [(&'static str, &'static str)],
    /// The body; empty if there is none.
    pub body: &'a [u8],
}

/// Why a call failed. Its display shows nothing of the reply except the error's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// There are no credentials or no region, or they cannot be read.
    NotConfigured,
    /// The request cannot be made: the endpoint is not a URL, or the region has none.
    Unsendable,
    /// No reply came in time.
    NoReply,
    /// The service refused the call.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's code; empty if there is none.
        code: String,
        /// The service's explanation for people; empty if there is none.
        message: String,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured => f.write_str("no region or no credentials"),
            Self::Unsendable => f.write_str("no usable endpoint"),
            Self::NoReply => f.write_str("no reply"),
            Self::Refused { status, code, .. } if code.is_empty() => write!(f, "status {status}"),
            Self::Refused { code, .. } => f.write_str(code),
        }
    }
}

impl std::error::Error for CallError {}

impl CallError {
    /// Whether another attempt may succeed, by the rules of the SDK.
    fn is_transient(&self) -> bool {
        match self {
            Self::NotConfigured | Self::Unsendable => false,
            Self::NoReply => true,
            Self::Refused { status, code, .. } => {
                let codes = [THROTTLING_ERRORS, TRANSIENT_ERRORS];
                matches!(status, 429 | 500 | 502 | 503 | 504)
                    || codes.iter().any(|known| known.contains(&code.as_str()))
            }
        }
    }
}

/// Encodes a text as a segment of a path, or as a value of a query.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

impl Aws {
    /// Makes a call and returns the body of its reply. There are at most three attempts, with pauses of at most a second
    /// in total. An attempt may take as long as the configuration says (3 s for functions), else 10 s.
    ///
    /// # Errors
    ///
    /// When the service refuses for a reason that lasts, or when the last attempt fails too.
    pub async fn call(&self, call: Call<'_>) -> Result<Vec<u8>, CallError> {
        let configured = self.config.timeout_config().and_then(|limits| limits.operation_attempt_timeout());
        let limit = configured.unwrap_or(ATTEMPT_TIMEOUT);
        let mut failure = CallError::NoReply;
        for longest in LONGEST_PAUSES_MS {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=longest))).await;
            let attempt = tokio::time::timeout(limit, self.try_call(call)).await;
            match attempt.unwrap_or(Err(CallError::NoReply)) {
                Err(error) if error.is_transient() => failure = error,
                done => return done,
            }
        }
        Err(failure)
    }

    async fn try_call(&self, call: Call<'_>) -> Result<Vec<u8>, CallError> {
        let request = HttpRequest::try_from(self.request(call, SystemTime::now()).await?);
        let request = request.map_err(|_| CallError::Unsendable)?;
        let reply = self.pool.0.call(request).await.map_err(|_| CallError::NoReply)?;
        let status = reply.status();
        let code = reply.headers().get("x-amzn-errortype").map(str::to_owned);
        // The connection is free again once its reply is read.
        let body = ByteStream::new(reply.into_body()).collect().await.map_err(|_| CallError::NoReply)?.to_vec();
        if status.is_success() {
            return Ok(body);
        }
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text =
            |names: [&str; 2]| names.into_iter().find_map(|name| said[name].as_str()).unwrap_or_default().to_owned();
        let code = error_code(&code.unwrap_or_else(|| text(["__type", "code"])));
        Err(CallError::Refused { status: status.as_u16(), code, message: text(["message", "Message"]) })
    }

    /// The request for a call, signed at this time.
    async fn request(&self, call: Call<'_>, now: SystemTime) -> Result<Request<SdkBody>, CallError> {
        let endpoint = self.endpoint(call.service).await?;
        let mut request = Request::builder().method(call.method).uri(format!("{endpoint}{}", call.path));
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        if let Some(id) = trace_id() {
            request = request.header("x-amzn-trace-id", id);
        }
        let request = request.body(SdkBody::from(call.body)).map_err(|_| CallError::Unsendable)?;
        let mut request = self.signed(call, request, now).await?;
        if let Some(agent) = self.config.app_name().and_then(|name| format!("outhook app/{name}").parse().ok()) {
            request.headers_mut().insert(USER_AGENT, agent);
        }
        Ok(request)
    }

    /// Adds a signature over everything that the request has so far.
    async fn signed(
        &self,
        call: Call<'_>,
        mut request: Request<SdkBody>,
        now: SystemTime,
    ) -> Result<Request<SdkBody>, CallError> {
        let (provider, region) =
            self.config.credentials_provider().zip(self.config.region()).ok_or(CallError::NotConfigured)?;
        let identity = self.kept.get(&provider, now).await.map_err(|_| CallError::NotConfigured)?;
        let identity = Identity::from(identity);
        let params = SigningParams::builder().identity(&identity).region(region.as_ref()).name(call.service.name());
        let params = params.time(now).settings(SigningSettings::default()).build();
        let params = params.map_err(|_| CallError::Unsendable)?.into();
        let (url, headers) = (request.uri().to_string(), request.headers().clone());
        let headers = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(call.method, url, headers, SignableBody::Bytes(call.body));
        let output = sign(signable.map_err(|_| CallError::Unsendable)?, &params);
        let (instructions, _) = output.map_err(|_| CallError::Unsendable)?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    /// The URL of a service: the configured one, or the one beside DynamoDB's. Lambda and EventBridge Scheduler follow
    /// the same rule in every partition, `<service>[-fips].<region>.<domain>`, and DynamoDB's SDK knows the domains.
    async fn endpoint(&self, service: Service) -> Result<String, CallError> {
        if let Some(endpoint) = self.own_endpoint(service) {
            return Ok(endpoint);
        }
        let region = self.config.region().ok_or(CallError::NotConfigured)?;
        let place = Params::builder().set_region(Some(region.to_string()));
        let place = place.set_use_dual_stack(self.config.use_dual_stack()).build();
        let beside = DefaultResolver::new().resolve_endpoint(&place.map_err(|_| CallError::Unsendable)?).await;
        let beside = beside.map_err(|_| CallError::Unsendable)?;
        let (_, domain) = beside.url().split_once("://dynamodb.").ok_or(CallError::Unsendable)?;
        let fips = if self.config.use_fips() == Some(true) { "-fips" } else { "" };
        Ok(format!("https://{}{fips}.{domain}", service.name()))
    }

    /// The configured endpoint of a service, in the order of AWS's SDKs: one that the program was given, one for this
    /// service in the environment or the profile, one for all services.
    fn own_endpoint(&self, service: Service) -> Option<String> {
        let general = self.config.endpoint_url().map(str::to_owned);
        let given = self.config.get_origin("endpoint_url").is_client_config();
        let key = ServiceConfigKey::builder().service_id(service.id()).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let settings = self.config.service_config().filter(|_| !given);
        let own = settings.zip(key.build().ok()).and_then(|(settings, key)| settings.load_config(key));
        own.or(general).map(|endpoint| endpoint.trim_end_matches('/').to_owned())
    }
}

/// The code in an error's type, which may be written as `namespace#Code:address`.
fn error_code(text: &str) -> String {
    let text = text.split(':').next().unwrap_or_default();
    text.rsplit('#').next().unwrap_or_default().to_owned()
}

/// The trace id of the current invocation. Lambda uses it to detect functions that invoke each other in a circle.
fn trace_id() -> Option<String> {
    std::env::var_os("AWS_LAMBDA_FUNCTION_NAME")?;
    let id = std::env::var("_X_AMZN_TRACE_ID").ok()?;
    Some(utf8_percent_encode(&id, CONTROLS).to_string())
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
