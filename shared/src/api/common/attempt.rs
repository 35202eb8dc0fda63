//! An attempt in a reply.

use serde::Serialize;

use crate::domain::{Attempt, Moment};

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Attempt"))]
pub struct AttemptBody {
    /// When it was sent.
    pub at: Moment,
    /// The status of the reply; `null` if there was none.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it failed; `null` if it did not.
    pub failure: Option<String>,
}

impl From<&Attempt> for AttemptBody {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { at, status, duration_ms, failure } = attempt.clone();
        Self { at: at.into(), status, duration_ms, failure }
    }
}
