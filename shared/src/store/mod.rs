//! DynamoDB: keys, items and queries, one file a concern.
//!
//! [`Store`] holds the client; what can be done with it is split into small traits by use, so that a function that takes
//! `&impl GetWebhook` can do nothing else. Each trait says which actions on which tables it needs at the most; a function's policy
//! allows those that it performs.

mod attribute_json;
mod aws;
mod batch;
mod client;
mod configurations;
mod deliveries;
mod delivery_log;
mod diverted;
mod error;
mod event_ids;
mod event_image;
mod event_lists;
mod events;
mod idempotency;
mod inspection;
mod keys;
mod listing;
mod organizations;
mod queue;
mod records;
mod retry;
mod spread;
mod subscriptions;
mod tokens;
mod values;
mod webhook_writes;
mod webhooks;
mod writes;

pub(crate) use aws::variable;
pub use aws::{connect, operator_config};
pub use aws_config::SdkConfig;
pub use client::{Entropy, Store, SystemEntropy, Tables};
pub use configurations::{CreateConfiguration, NewConfiguration};
pub use deliveries::{DeliveryStore, Finish, Found, Guard, Queued, Stored};
pub use delivery_log::{DeliveryLog, LOG_READS, LogPage, LogQuery, Resend, Resent, Waiting};
pub use diverted::{Diverted, GetDiverted, ListDiverted};
pub use error::StoreError;
pub use event_image::{EventHead, event_from_image, event_head_from_image, event_item};
pub use event_lists::{EventSpan, FoundEvents, FoundImages, ListEvents, ListRequestEvents, ReplayEvents};
pub use events::{EventPage, ListProjectEvents, PublishEvent, ReadEvents};
pub use idempotency::{Earlier, Idempotency, Published};
pub use inspection::{DeliveriesSurvey, Inspect, QueueSurvey, TableSurvey, WebhooksSurvey};
pub use keys::{
    DUE_SHARDS, event_partition, is_lane, lane_key, late_lane_key, organization_of, queue_key, split_queue_key,
    webhook_of_late_lane,
};
pub use listing::{ListWebhooks, Listing};
pub use organizations::ManageOrganizations;
pub use queue::{Health, Lease, QueueStore, Release, Renewal, SKEW_MS, Touch};
pub use records::{webhook_item, webhook_of};
pub use spread::{LaneState, SpreadTask};
pub use subscriptions::Subscribers;
pub use tokens::{Authenticate, ReadWebhook};
pub use webhooks::{
    ChangeWebhook, Changed, CreateWebhook, Creation, DeleteWebhook, DescribeWebhook, GetWebhook, SuspendWebhook,
};
