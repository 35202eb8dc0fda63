//! Why an invocation has no answer, in Lambda's words.

use std::{fmt, time::Duration};

use axum::body::Bytes;
use serde_json::json;

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvocationFailure {
    /// The function reported an error, in Lambda's JSON.
    Reported(String),
    /// It took longer than the template allows.
    TimedOut(Duration),
    /// Its process used more memory than the template allows.
    OutOfMemory {
        /// What it used at its peak, in bytes.
        used: u64,
        /// What the template allows, in MB.
        limit_mb: u64,
    },
    /// All places were taken for too long; of the function's own if it has reserved some.
    Throttled {
        /// Whether they are reserved for the function.
        reserved: bool,
    },
    /// Its process cannot be started, or ended.
    Ended(String),
}

impl fmt::Display for InvocationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported(error) => write!(f, "the function reported {error}"),
            Self::TimedOut(limit) => write!(f, "Task timed out after {:.2} seconds", limit.as_secs_f64()),
            Self::OutOfMemory { used, limit_mb } => {
                write!(f, "Runtime.OutOfMemory: it used {} MB of its {limit_mb} MB and was killed", used.div_ceil(MB))
            }
            Self::Throttled { .. } => f.write_str("Rate Exceeded."),
            Self::Ended(why) => f.write_str(why),
        }
    }
}

/// Bytes in a MB, as Lambda counts.
pub(crate) const MB: u64 = 1024 * 1024;

impl InvocationFailure {
    /// The error as Lambda's Invoke API answers it.
    pub(crate) fn payload(&self) -> String {
        let kind = match self {
            Self::Reported(error) => return error.clone(),
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::OutOfMemory { .. } => "Runtime.OutOfMemory",
            Self::Throttled { .. } => "TooManyRequestsException",
            Self::Ended(_) => "Runtime.ExitError",
        };
        json!({"errorType": kind, "errorMessage": self.to_string()}).to_string()
    }
}

/// The result of an invocation.
pub(crate) type Outcome = Result<Bytes, InvocationFailure>;
