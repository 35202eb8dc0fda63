//! What callers of every API learn about failures of the store.

use crate::store::StoreError;

/// A failure of the store as a caller sees it. The details are only in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// DynamoDB is busy. The reply is a 503, and the caller may try again.
    Transient,
    /// An item cannot be read. The reply is a 500, and trying again does not help.
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
