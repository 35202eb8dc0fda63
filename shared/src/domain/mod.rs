//! The domain: plain types and rules for webhooks, subscriptions, events, deliveries and queues. It knows neither AWS
//! nor HTTP.

mod caller;
mod delivery;
mod endpoint;
mod event;
mod event_source;
mod history;
mod hold;
mod ids;
mod json_text;
mod operational_event;
mod organization;
mod policy;
mod secret;
mod session;
mod subscription;
mod target;
mod ticket;
mod time;
mod token;
mod told;
mod webhook;

pub use caller::Caller;
pub use delivery::{
    Attempt, AttemptClass, Delivery, DeliveryState, MAX_ATTEMPTS, QueueState, ResendCursor, SpreadCursor,
};
pub use endpoint::{Endpoint, NotSigned};
pub use event::{Event, EventId, MAX_HOPS, day_of};
pub use event_source::EventSource;
pub use history::{Counts, HISTORY_HOURS, History, HourOfHistory, hour_of};
pub use hold::{Hold, Suspension};
pub use ids::{Api, OrganizationId, WebhookKey};
#[cfg(test)]
pub(crate) use json_text::tests::texts as json_texts;
pub use json_text::{BadJsonText, JsonText, MAX_DATA, MAX_DEPTH, check as check_json, members};
pub use operational_event::OperationalEvent;
pub use organization::{Organization, Permission, WebhookLimits};
pub use policy::{End, FailurePolicy, Growth, RetryStrategy, Trigger, jittered};
pub use secret::Secret;
pub use session::{Session, Visitor};
pub use subscription::{Configuration, Pattern, Subscription};
pub use target::TargetKind;
pub use ticket::Ticket;
pub use time::{Clock, Moment, NotADateTime, SystemClock, Timestamp};
pub use token::Token;
pub use told::{Told, ToldOfHour};
pub use webhook::{TooSoon, Webhook};
