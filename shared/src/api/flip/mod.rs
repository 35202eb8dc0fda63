//! Flip's webhooks API, version 4. Each webhook belongs to a user and is registered for the whole tenant. Deliveries
//! are signed according to Standard Webhooks.
//!
//! Source of the rules: docs/apis/flip.md.

mod access;
mod failure;
mod fallback;
mod ids;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod reply;
mod subscription;
mod webhook;

pub use access::Manager;
pub use failure::{Code, FlipFailure};
pub use fallback::{identified, unserved};
pub use ids::{new_key, owned_by, webhook};
pub use reply::{DeletedBody, WebhookBody, WebhooksBody, shows_authentication};
pub use webhook::NewWebhook;
