//! Lambda's limits for payloads. (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>)

/// The largest payload and answer of an invocation that is waited for, in bytes.
pub const MOST_SYNCHRONOUS: usize = 6 * 1024 * 1024;

/// The largest payload of an asynchronous invocation, in bytes.
pub(crate) const MOST_ASYNCHRONOUS: usize = 1024 * 1024;
