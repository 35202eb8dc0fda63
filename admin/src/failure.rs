//! Why a command was not carried out.

use shared::domain::OrganizationId;

/// Why a command failed, as a text for people.
pub type BoxError = Box<dyn std::error::Error>;

/// The error of a command whose organization does not exist.
pub(crate) fn missing(id: &OrganizationId) -> BoxError {
    format!("organization {id} does not exist").into()
}
