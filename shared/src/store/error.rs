//! What can go wrong with the tables.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

/// A failure of the store. Its text may be logged; it never holds an item's values.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB refused or did not answer; the same call may succeed later.
    #[error("DynamoDB did not serve the request: {code}: {message}")]
    Unavailable {
        /// The service's error code, or the kind of failure before it.
        code: String,
        /// The message.
        message: String,
    },
    /// Other writers kept changing the same items for as long as we tried.
    #[error("other writes kept conflicting with this one")]
    Contended,
    /// An item does not have the shape that this version writes.
    #[error("the item {key} cannot be read: {reason}")]
    Corrupt {
        /// The item's keys.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// Whether a partition or the table takes no more requests at the moment.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        let throttled = ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"];
        matches!(self, Self::Unavailable { code, .. } if throttled.contains(&code.as_str()))
    }
}

/// Whether another transaction was at the item.
pub(super) fn is_conflict<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(error.code(), Some("TransactionConflictException" | "TransactionInProgressException"))
}

/// An error without the request's values.
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

/// A request of which a part is missing.
pub(super) fn incomplete(error: &BuildError) -> StoreError {
    StoreError::Unavailable { code: "ConstructionFailure".to_owned(), message: error.to_string() }
}

/// The error and what caused it, by their names alone: `Debug` would show the reply that could not be read, an item with its
/// secrets in it.
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
