//! DynamoDB: keys, items and queries, one file a concern.
//!
//! [`Store`] holds the client; what can be done with it is split into small traits by use, so that a function that takes
//! `&impl GetWebhook` can do nothing else. Each trait says which actions on which tables it needs.

mod batch;
mod client;
mod configurations;
mod deliveries;
mod delivery_log;
mod diverted;
mod error;
mod event_lists;
mod events;
mod idempotency;
mod keys;
mod listing;
mod organizations;
mod queue;
mod records;
mod retry;
mod subscriptions;
mod tokens;
mod values;
mod webhooks;
mod writes;

pub(crate) use client::variable;
pub use client::{Entropy, Store, SystemEntropy, Tables, aws_config};
pub use configurations::{CreateConfiguration, NewConfiguration};
pub use deliveries::{DeliveryStore, Finish, Queued, Stored};
pub use delivery_log::{DeliveryLog, LogQuery, Resend, Resent};
pub use diverted::{Diverted, GetDiverted, ListDiverted};
pub use error::StoreError;
pub use event_lists::{EventSpan, FoundEvents, ListEvents, ListRequestEvents};
pub use events::{EventPage, ListProjectEvents, PublishEvent, ReadEvents};
pub use idempotency::{Idempotency, Published};
pub use keys::{DUE_SHARDS, event_partition, queue_key, split_queue_key};
pub use listing::{ListWebhooks, Listing};
pub use organizations::ManageOrganizations;
pub use queue::{Health, Lease, QueueStore, Release, Renewal, SKEW_MS, Touch};
pub use records::event_from_image;
pub use subscriptions::FindSubscribers;
pub use tokens::Authenticate;
pub use webhooks::{
    ChangeWebhook, Changed, CreateWebhook, Creation, DeleteWebhook, DescribeWebhook, GetWebhook, SuspendWebhook,
};
