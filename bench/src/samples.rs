//! The samples under `events/` as what is asked of each function, and whether an answer is a success.

use std::path::Path;

use axum::body::Bytes;
use serde_json::Value;

use crate::{bed::Tenant, options::BoxError};

/// The request or event that a function is measured with.
pub(crate) struct Sample {
    text: String,
    /// Whether asking it again would not find the tables as they were.
    pub(crate) changes: bool,
    /// The method and path, or nothing for an event of another kind.
    pub(crate) route: String,
}

impl Sample {
    /// The sample of a function.
    pub(crate) fn read(root: &Path, binary: &str) -> Result<Self, BoxError> {
        let path = root.join("events").join(format!("{binary}.json"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let event: Value = serde_json::from_str(&text)?;
        let method = event["httpMethod"].as_str();
        let route = method.map(|method| format!("{method} {}", event["resource"].as_str().unwrap_or_default()));
        Ok(Self { changes: method != Some("GET"), route: route.unwrap_or_default(), text })
    }

    /// The event, adapted to an organization.
    pub(crate) fn event(&self, tenant: &Tenant) -> Bytes {
        let text = self.text.replace("AKINON_ORGANIZATION", &tenant.akinon).replace("SOCOTRA_TENANT", &tenant.socotra);
        text.replace("ORGANIZATION", &tenant.organization).replace("TOKEN", &tenant.token).into()
    }
}

/// Refuses an answer that is a failure: what is measured must be the work that the route is for. The fallback's is 404 or 405.
pub(crate) fn check(binary: &str, answer: &Bytes) -> Result<(), BoxError> {
    let value: Value = serde_json::from_slice(answer)?;
    let status = value["statusCode"].as_u64().unwrap_or(200);
    let failed = value["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
    if failed || (status >= 300 && binary != "fallback") {
        return Err(format!("{binary} answered {value}").into());
    }
    Ok(())
}
