//! What callers are told of the store's failures, whatever their API.

use crate::store::StoreError;

/// How a failure of the store looks from outside. The log has the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// DynamoDB is busy: a 503, the caller may try again.
    Transient,
    /// An item cannot be read: a 500, trying again does not help.
    Permanent,
}

impl From<StoreError> for StoreFailure {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "the store failed");
        match error {
            StoreError::Corrupt { .. } => Self::Permanent,
            StoreError::Contended | StoreError::Unavailable { .. } => Self::Transient,
        }
    }
}
