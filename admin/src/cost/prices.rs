//! List prices of us-east-1 without the free tier, in US dollars, as known in 2025 and not looked up since (2026-11): those of
//! docs/operating.md.

/// A million GB-seconds of Lambda on arm64.
pub const GB_SECONDS: f64 = 13.33;

/// A million invocations.
pub const INVOCATIONS: f64 = 0.20;

/// A million write units of DynamoDB on demand.
pub const WRITE_UNITS: f64 = 0.625;

/// A million read units of DynamoDB on demand.
pub const READ_UNITS: f64 = 0.125;
