//! The last 24 hours of a webhook in replies.

use serde::Serialize;

use crate::domain::{HourOfHistory, Moment};

/// What happened in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Hour"))]
pub struct HourBody {
    /// When the hour began.
    pub hour: Moment,
    /// How many deliveries the endpoint accepted.
    pub delivered: u32,
    /// How many requests failed. One that was answered with 429 did not fail.
    pub failed: u32,
    /// How many deliveries were diverted.
    pub diverted: u32,
}

impl From<HourOfHistory> for HourBody {
    fn from(hour: HourOfHistory) -> Self {
        let counts = hour.counts;
        Self { hour: hour.start.into(), delivered: counts.delivered, failed: counts.failed, diverted: counts.diverted }
    }
}
