//! Errors of the store.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

/// A failure of the store. Its text may be logged: it never contains an item's values.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB rejected the call or did not answer; the same call may succeed later.
    #[error("DynamoDB did not serve the request: {code}: {message}")]
    Unavailable {
        /// DynamoDB's error code, or the kind of failure if the call did not get that far.
        code: String,
        /// The message.
        message: String,
    },
    /// Other writers kept changing the same items until the retries ran out.
    #[error("other writes kept conflicting with this one")]
    Contended,
    /// An item does not have the format that this version writes.
    #[error("the item {key} cannot be read: {reason}")]
    Corrupt {
        /// The item's keys.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// Whether DynamoDB throttled the call because a partition or the table is at its limit.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        let throttled = ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"];
        matches!(self, Self::Unavailable { code, .. } if throttled.contains(&code.as_str()))
    }
}

/// Whether the write failed because another transaction was changing the item.
pub(super) fn is_conflict<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(error.code(), Some("TransactionConflictException" | "TransactionInProgressException"))
}

/// Converts an SDK error to a store error, without the request's values.
pub(super) fn failed<E, R>(error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error.as_service_error() {
        Some(service) => StoreError::Unavailable {
            code: service.code().unwrap_or("Unknown").to_owned(),
            message: service.message().unwrap_or_default().to_owned(),
        },
        None => StoreError::Unavailable { code: kind(error).to_owned(), message: causes(error) },
    }
}

/// The error for a request that lacks a required part.
pub(super) fn incomplete(error: &BuildError) -> StoreError {
    StoreError::Unavailable { code: "ConstructionFailure".to_owned(), message: error.to_string() }
}

/// The error and its causes, by their names only. `Debug` would print the reply that could not be read, which is an
/// item that may hold secrets.
fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn kind<E, R>(error: &SdkError<E, R>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "DispatchFailure",
        SdkError::ResponseError(_) => "ResponseError",
        _ => "Unknown",
    }
}
