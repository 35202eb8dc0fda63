//! Examples of requests and replies. They are snapshots of the integration test `openapi::examples`, which records real
//! requests to the functions and their replies. Times, ids and secrets are the same in each run.

use serde_json::Value;

const RECORDED: [(&str, &str); 6] = [
    ("sdelements", include_str!("examples/sdelements.snap")),
    ("flip", include_str!("examples/flip.snap")),
    ("akinon", include_str!("examples/akinon.snap")),
    ("socotra", include_str!("examples/socotra.snap")),
    ("events", include_str!("examples/events.snap")),
    ("operations", include_str!("examples/operations.snap")),
];

/// Returns the examples of a document by operation id. Each has a `request` and a `reply`; either is missing if it has
/// no body.
pub(super) fn of(document: &str) -> Value {
    let recorded = RECORDED.iter().find(|(name, _)| *name == document).map(|(_, text)| *text);
    let body = recorded.and_then(|text| text.split("\n---\n").nth(1));
    body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default()
}
