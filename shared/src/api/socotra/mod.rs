//! Socotra's Webhooks, Diverted Events and Events APIs (Enterprise Core).
//!
//! Source of the rules: docs/apis/socotra.md. Where it leaves a question open, `docs/compatibility.md` says what was
//! decided.

mod access;
mod body;
mod diverted;
mod endpoint;
mod event_types;
mod events;
mod failure;
mod failure_handling;
mod fallback;
mod filters;
mod ids;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod paging_token;
mod parameters;
mod retry;
mod sight;
mod webhook;

pub use access::Permitted;
pub use body::parse_body;
pub use diverted::{DivertedBody, DivertedQuery};
pub use endpoint::{EndpointBody, EndpointChanges};
pub use events::{EventListBody, EventQuery, MOST_OF_A_REQUEST, event_bodies};
pub use failure::SocotraFailure;
pub use failure_handling::{FailureHandlingBody, FailureHandlingChanges};
pub use fallback::unserved;
pub use filters::{ListQuery, WebhookList};
pub use ids::{event, new_webhook_key, request_locator, webhook};
pub use retry::{RetryBody, RetryChanges};
pub use sight::{Given, Sight};
pub use webhook::{WebhookBody, WebhookChanges, elsewhere, new_webhook};
