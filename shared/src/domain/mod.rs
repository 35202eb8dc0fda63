//! Webhooks, subscriptions, events, deliveries and queues: plain types and rules, without AWS and without HTTP.

mod delivery;
mod event;
mod ids;
mod organization;
mod policy;
mod secret;
mod time;
mod webhook;

pub use delivery::{Attempt, Delivery, DeliveryState, MAX_ATTEMPTS, QueueState, ResendCursor, SpreadCursor};
pub use event::{Event, EventId, MAX_DATA, day_of};
pub use ids::{Api, OrganizationId, WebhookKey};
pub use organization::{Organization, Permission, Token};
pub use policy::{End, Endpoint, FailurePolicy, Growth, RetryStrategy, Trigger, jittered};
pub use secret::Secret;
pub use time::{Clock, Moment, SystemClock, Timestamp};
pub use webhook::{Configuration, Hold, Pattern, Subscription, Suspension, TooSoon, Webhook};
