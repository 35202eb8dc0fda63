//! DynamoDB: keys, items and queries, one file per concern.
//!
//! [`Store`] holds the client. Each of its methods says which actions on which table it needs. The policy in
//! `template.yaml` limits what a function may do; tests compare it in both directions with the calls that the real
//! binaries make.

mod attribute_json;
mod batches;
mod client;
mod condition;
mod configurations;
mod deliveries;
mod delivery_log;
mod diverted;
mod error;
mod event_ids;
mod event_image;
mod event_lists;
mod event_summaries;
mod events;
mod history;
mod idempotency;
mod inspection;
mod keys;
mod listing;
mod organizations;
mod placeholders;
mod quarantine;
mod queue;
mod read;
mod records;
mod sessions;
mod spread;
mod subscriptions;
mod tickets;
mod tokens;
mod values;
mod webhook_writes;
mod webhooks;
mod write;

pub use batches::Publication;
#[cfg(test)]
pub(crate) use client::nowhere;
pub use client::{Entropy, Store, SystemEntropy, Tables};
pub use configurations::NewConfiguration;
pub use deliveries::{Finish, Found, Guard, NewDelivery, Queued, Remembered, Stored};
pub use delivery_log::{FirstWaiting, LOG_READS, LogFilter, LogPage, LogQuery, Resent, Waiting};
pub use diverted::Diverted;
pub use error::StoreError;
pub use event_image::{EventHead, event_from_image, event_head_from_image, event_item};
pub use event_lists::{EventSpan, FoundEvents, FoundImages};
pub use event_summaries::{EventSummary, FoundSummaries};
pub use events::{Announcement, EventPage};
pub use idempotency::{Earlier, Idempotency, Published};
pub use inspection::{DeliveriesSurvey, ItemKey, QueueSurvey, TableSurvey, WebhooksSurvey};
pub use keys::{
    DUE_SHARDS, due_shard, event_partition, is_lane, lane_key, late_lane_key, organization_of, queue_key,
    split_queue_key, webhook_of_late_lane,
};
pub use listing::Listing;
pub use quarantine::Quarantined;
pub use queue::{Health, Lease, LeaseFor, Release, Renewal, SKEW_MS, Touch};
pub use records::{webhook_item, webhook_of};
pub use sessions::{Entrance, Visit};
pub use spread::{LaneState, SpreadTask};
pub use subscriptions::Subscribers;
pub use tokens::ReadWebhook;
pub use webhooks::{Changed, Creation};
