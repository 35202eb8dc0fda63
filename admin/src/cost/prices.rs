//! List prices of us-east-1 without the free tier, in US dollars, as known in 2025 and not looked up since (2026-11).
//! `cargo admin cost`, the scale scenario and docs/operating.md use these.

/// When the prices were right, as far as is known.
pub const AS_OF: &str = "us-east-1, without the free tier, as known in 2025 and not looked up since (2026-11)";

/// A million requests to API Gateway's REST API.
pub const REQUESTS: f64 = 3.50;

/// A million GB-seconds of Lambda on arm64.
pub const GB_SECONDS: f64 = 13.33;

/// A million invocations of Lambda.
pub const INVOCATIONS: f64 = 0.20;

/// A million write units of DynamoDB on demand.
pub const WRITE_UNITS: f64 = 0.625;

/// A million read units of DynamoDB on demand.
pub const READ_UNITS: f64 = 0.125;

/// A GB in a table for a month, with point-in-time recovery: 0.25 and 0.20.
pub const STORED_GB: f64 = 0.45;

/// A GB of logs.
pub const LOGGED_GB: f64 = 0.50;

/// A million traces of X-Ray.
pub const TRACES: f64 = 5.00;

/// A GB to the internet.
pub const SENT_GB: f64 = 0.09;

/// A million invocations by EventBridge Scheduler.
pub const SCHEDULED: f64 = 1.00;

/// The metric of an alarm for a month.
pub const ALARM: f64 = 0.10;

/// A custom metric for a month.
pub const METRIC: f64 = 0.30;

/// A dashboard for a month; an account's first three are free.
pub const DASHBOARD: f64 = 3.00;
