//! Akinon App Maker's webhooks API. Webhooks belong to a project and may have custom headers.
//!
//! Source of the rules: docs/apis/akinon.md.

mod access;
mod failure;
mod fallback;
mod fields;
mod ids;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod reply;
mod webhook;

pub use access::Permitted;
pub use failure::AkinonFailure;
pub use fallback::unserved;
pub use ids::{belongs_to, new_key, project, webhook};
pub use reply::{CreatedBody, Sight, WebhookBody};
pub use webhook::{NewWebhook, WebhookChanges};
