//! Parameters and failures that several operations share.

use serde_json::{Value, json};

use crate::api::{
    openapi::{Operation, also},
    sdelements::{SdElementsFailure, pagination},
};

/// Adds the header `Idempotency-Key` and the failures of a publication. Both publishing operations use it. The header
/// with the count of hops is not listed, because clients do not set it themselves: whoever forwards a delivery forwards
/// its header.
pub(in crate::api) fn publishing(op: &mut Operation<'_>) {
    let description = "For 24 hours, a repeat with the same key gets the first reply and publishes nothing.";
    op.header("Idempotency-Key", description, json!({"type": "string", "minLength": 1, "maxLength": 255}));
    op.fails([SdElementsFailure::IdempotencyMismatch, SdElementsFailure::Loop]);
}

/// Adds the parameters `page` and `page_size`.
pub(super) fn page_parameters(op: &mut Operation<'_>) {
    let last = json!({"type": "string", "enum": ["last"]});
    let page = also(json!({"type": "integer", "minimum": 1, "default": 1}), [last]);
    op.query("page", "The page, from 1, or `last`. A page that does not exist is a 404.", page);
    page_size(op);
    op.fails([SdElementsFailure::InvalidPage]);
}

/// Adds the parameter `page_size`.
fn page_size(op: &mut Operation<'_>) {
    let (most, default) = (pagination::MOST, pagination::DEFAULT_SIZE);
    let description = format!("A positive integer; more than {most} counts as {most}, anything else as {default}.");
    let size = json!({"type": "integer", "default": default});
    op.query("page_size", &description, also(size, [json!({"type": "string"})]));
}

/// Adds the parameters `cursor` and `page_size`.
pub(super) fn cursor_parameters(op: &mut Operation<'_>) {
    op.query("cursor", "From `next` or `previous`; any other is a 404.", json!({"type": "string"}));
    page_size(op);
    op.fails([SdElementsFailure::InvalidCursor]);
}

/// The schema of an id: a positive integer of at most 63 bits.
pub(super) fn id() -> Value {
    json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX})
}
