//! Replacing the signing secret of a webhook.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::OperationsFailure;
use crate::{
    api::common::{Object, Problems},
    domain::{Endpoint, Moment, NotSigned, Secret, Timestamp},
};

/// Parses a body: `overlap_hours`, from 0 to 168; 24 by default.
///
/// # Errors
///
/// 400 with one error for each invalid or unknown member.
pub fn overlap(body: &Value) -> Result<Duration, OperationsFailure> {
    let mut problems = Problems::default();
    let object = Object::body(body)?;
    object.allow_only(&["overlap_hours"], &mut problems);
    let hours = object.integer("overlap_hours", 0..=Endpoint::MAX_OVERLAP_HOURS.into(), &mut problems);
    let hours = hours.unwrap_or(Endpoint::OVERLAP_HOURS.into());
    problems.finish(Duration::from_secs(hours * 3_600))
}

/// The new signing secret of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "NewSecret"))]
pub struct RotationBody {
    /// The new secret. It is shown only here.
    pub signing_secret: Secret,
    /// Until when messages are also signed with the old secret.
    pub old_secret_valid_until: Moment,
}

/// Checks that no secret that still signs would end before the time that was promised for it. An overlap of zero ends
/// all earlier secrets on purpose.
///
/// # Errors
///
/// 409 while the overlap of an earlier rotation runs.
pub fn check_overlap(endpoint: &Endpoint, overlap: Duration, now: Timestamp) -> Result<(), OperationsFailure> {
    match endpoint.previous_secret_until.filter(|end| *end > now && !overlap.is_zero()) {
        None => Ok(()),
        Some(end) => Err(OperationsFailure::Conflict(format!(
            "The secret before the present one is valid until {end}. Rotate after that, or now with an overlap of 0 hours, \
             which ends both."
        ))),
    }
}

impl From<NotSigned> for OperationsFailure {
    fn from(_: NotSigned) -> Self {
        Self::Conflict("The messages of this webhook are not signed.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_overlap_is_from_none_to_a_week() {
        assert_eq!(overlap(&json!({})), Ok(Duration::from_secs(86_400)));
        assert_eq!(overlap(&json!({"overlap_hours": 0})), Ok(Duration::ZERO));
        assert_eq!(overlap(&json!({"overlap_hours": 168})), Ok(Duration::from_secs(604_800)));
        for body in [json!([]), json!({"overlap_hours": 169}), json!({"overlap_hours": -1}), json!({"hours": 1})] {
            assert!(overlap(&body).is_err(), "{body}");
        }
    }
}
