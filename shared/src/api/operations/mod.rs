//! Operations: one API for the webhooks of all others. It shows what is delivered and what is not, and why; it tests,
//! resends and replaces secrets; and it manages where operational events go.
//!
//! The rules are in docs/operations.md.

mod access;
mod cursor;
mod delivery;
mod event;
mod failure;
mod fallback;
mod history;
mod ids;
mod list;
mod notification;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod portal;
mod rotation;
mod state;
mod summary;
mod webhook;

pub use access::Permitted;
pub use cursor::{DEFAULT_LIMIT, List, MOST_LIMIT, no_parameters};
pub use delivery::{
    DeliveredEvent, DeliveryBody, DeliveryDetailBody, DeliveryQuery, ResendBody, ResendRequest, SentRequest, TestBody,
    WholeEvent,
};
pub use event::{EventBody, EventDelivery, EventDetailBody, EventQuery, NotQueued};
pub use failure::{OperationsFailure, parse_body};
pub use fallback::unserved;
pub use history::HourBody;
pub use ids::{event, new_target_key, target_key, webhook, webhook_key};
pub use list::ListBody;
pub use notification::{Places, TargetBody, TargetQuery, TargetRequest};
pub use portal::{PortalBody, PortalRequest, portal_url};
pub use rotation::{RotationBody, check_overlap, overlap};
pub use state::State;
pub use summary::{StateCounts, SummaryBody, Summing, Trouble, TroubleBody};
pub use webhook::{WebhookBody, WebhookDetailBody, WebhookQuery};
