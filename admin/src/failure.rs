//! Why a command was not carried out, in words that say what to do.

use serde_json::Value;
use shared::{
    api::operations::OperationsFailure,
    domain::{OrganizationId, WebhookKey},
    http::Reply,
    store::StoreError,
};

/// Why a command failed, as a text for people.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of a command whose organization does not exist.
pub(crate) fn missing(id: &OrganizationId) -> BoxError {
    format!("organization {id} does not exist; `cargo admin list-organizations` shows those that do").into()
}

/// The error of a command whose webhook does not exist.
pub(crate) fn missing_webhook(id: &OrganizationId, key: &WebhookKey) -> BoxError {
    format!("organization {id} has no webhook {key}; `cargo admin webhooks --organization {id}` shows those it has")
        .into()
}

/// What the operations API refuses, with the names of arguments instead of parameters. `missing` is the error for what
/// does not exist.
pub(crate) fn refused(failure: OperationsFailure, missing: impl FnOnce() -> BoxError) -> BoxError {
    if failure == OperationsFailure::NotFound {
        return missing();
    }
    let body = Reply::from(failure).body.unwrap_or_default();
    let problem: Value = serde_json::from_str(&body).unwrap_or_default();
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors: Vec<String> =
        errors.iter().map(|error| format!("--{} {}", text(&error["field"]), text(&error["message"]))).collect();
    if errors.is_empty() { text(&problem["detail"]).into() } else { errors.join("; ").into() }
}

/// The error with what to do about it, if DynamoDB's own text does not say.
pub(crate) fn explained(error: BoxError) -> BoxError {
    let Some(StoreError::Unavailable { code, .. }) = error.downcast_ref::<StoreError>() else { return error };
    let advice = match code.as_str() {
        "ResourceNotFoundException" => "say which stack it is: --stack-name <stack>, and check AWS_REGION",
        "AccessDeniedException" => "your AWS credentials need this action on the stack's tables",
        "UnrecognizedClientException" | "ExpiredTokenException" | "InvalidSignatureException" => {
            "your AWS credentials are not valid, or not any more: sign in again"
        }
        "DispatchFailure" | "Timeout" => "DynamoDB cannot be reached: check the network, AWS_REGION and --endpoint",
        _ => "try again in a moment",
    };
    format!("{error}: {advice}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        let of = |code: &str| {
            let (code, message) = (code.to_owned(), "m".to_owned());
            explained(StoreError::Unavailable { code, message }.into()).to_string()
        };
        assert!(
            of("ResourceNotFoundException")
                .ends_with("say which stack it is: --stack-name <stack>, and check AWS_REGION")
        );
        assert!(of("DispatchFailure").contains("check the network"));
        assert!(of("Other").ends_with("try again in a moment"));
        assert_eq!(explained("x".into()).to_string(), "x");
        let refusal = refused(OperationsFailure::field("limit", "must be small"), || "nothing".into());
        assert_eq!(refusal.to_string(), "--limit must be small");
        assert_eq!(refused(OperationsFailure::NotFound, || "nothing".into()).to_string(), "nothing");
        assert_eq!(refused(OperationsFailure::TooSoon(3), || "nothing".into()).to_string(), "Try again in 3 s.");
    }
}
