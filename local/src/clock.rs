//! This machine's time.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::domain::Timestamp;

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// The present time, in the product's form.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp(i64::try_from(now_ms()).unwrap_or(i64::MAX))
}
