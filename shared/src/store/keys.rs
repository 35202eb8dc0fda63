//! The keys of the three tables. docs/architecture.md lists them.

use crate::domain::{Api, EventId, OrganizationId, Pattern, WebhookKey, day_of};

/// Webhooks table: the partition of an organization.
pub(super) fn organization_pk(organization: &OrganizationId) -> String {
    format!("ORG#{organization}")
}

/// Webhooks table: the sort key of the organization's own item.
pub(super) const ORGANIZATION_SK: &str = "ORG";

/// Webhooks table: the partition of the register, which names every organization.
pub(super) const REGISTER_PK: &str = "ORGANIZATIONS";

/// Webhooks table: the prefix of the traces of deleted webhooks.
pub(super) const DELETED_PREFIX: &str = "DELETED#";

/// Webhooks table: the sort key of the trace that a deleted webhook leaves.
pub(super) fn deleted_sk(webhook: &WebhookKey) -> String {
    format!("{DELETED_PREFIX}{webhook}")
}

/// Webhooks table: the prefix of every pointer to a token.
pub(super) const TOKEN_POINTER_PREFIX: &str = "TOKEN#";

/// Webhooks table: the sort key of the pointer to a token, by the token's short id.
pub(super) fn token_pointer_sk(id: &str) -> String {
    format!("{TOKEN_POINTER_PREFIX}{id}")
}

/// Webhooks table: the prefix of the webhooks and counters of all APIs.
pub(super) const WEBHOOKS_PREFIX: &str = "WEBHOOK#";

/// Webhooks table: the prefix of every webhook of an API. The bare prefix is the sort key of the API's counters, so
/// that one query reads the count and the first page.
pub(super) fn webhook_prefix(api: Api) -> String {
    format!("{WEBHOOKS_PREFIX}{api}#")
}

/// Webhooks table: the sort key of a webhook. Integer ids are padded so that they sort as numbers.
pub(super) fn webhook_sk(webhook: &WebhookKey) -> String {
    let width = if webhook.api.has_integer_ids() { 19 } else { 0 };
    format!("{}{:0>width$}", webhook_prefix(webhook.api), webhook.id)
}

/// Webhooks table: the partition of a token, by the hash of its key.
pub(super) fn token_pk(hash: &str) -> String {
    format!("TOKEN#{hash}")
}

/// Webhooks table: the sort key of every token.
pub(super) const TOKEN_SK: &str = "TOKEN";

/// Webhooks table: the partition of a ticket, by the hash of its text.
pub(super) fn ticket_pk(hash: &str) -> String {
    format!("TICKET#{hash}")
}

/// Webhooks table: the sort key of every ticket.
pub(super) const TICKET_SK: &str = "TICKET";

/// Webhooks table: the partition of a session of the console, by the hash of its cookie's text.
pub(super) fn session_pk(hash: &str) -> String {
    format!("SESSION#{hash}")
}

/// Webhooks table: the sort key of every session.
pub(super) const SESSION_SK: &str = "SESSION";

/// Webhooks table: the partition of a count of attempts, by a hash of what is counted.
pub(super) fn attempts_pk(hash: &str) -> String {
    format!("ATTEMPTS#{hash}")
}

/// Webhooks table: the partition of the record of a publisher's Idempotency-Key, by the key's hash.
pub(super) fn idempotency_pk(organization: &OrganizationId, hash: &str) -> String {
    format!("ORG#{organization}#IDEMPOTENCY#{hash}")
}

/// Webhooks table: the sort key of the claim to a URL, by the URL's hash, in the organization's partition.
pub(super) fn url_claim_sk(api: Api, hash: &str) -> String {
    format!("URL#{api}#{hash}")
}

/// Webhooks table: the sort key of every idempotency record.
pub(super) const IDEMPOTENCY_SK: &str = "IDEMPOTENCY";

/// Webhooks table: the partition of the subscription index that lists the subscribers of one pattern, in one project or
/// in all projects. Projects and types are escaped, so that no two pairs share a key.
pub(super) fn subscription_pk(organization: &OrganizationId, project: Option<&str>, pattern: &Pattern) -> String {
    let project = project.map_or_else(|| "*".to_owned(), |project| format!("={}", escape(project)));
    match pattern {
        Pattern::Exact(kind) => format!("ORG#{organization}#SUB#{project}#{}", escape(kind)),
        Pattern::Prefix(prefix) => format!("ORG#{organization}#SUB#{project}#{}.*", escape(prefix)),
    }
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23").replace('*', "%2A")
}

/// Events table: the partition of an event. The id determines day and shard, so a locator leads straight to its item.
#[must_use]
pub fn event_partition(organization: &OrganizationId, event: EventId, shards: u32) -> String {
    let shard = event.number() % u128::from(shards.max(1));
    day_partition(organization, event, shard)
}

/// Events table: the partition of one shard of a day; `day` is any id of that day.
pub(super) fn day_partition(organization: &OrganizationId, day: EventId, shard: u128) -> String {
    format!("{organization}#{}#{shard}", day_of(day.time()))
}

/// Events table: the partition of an organization's request in the index by request.
pub(super) fn request_key(organization: &OrganizationId, request: &str) -> String {
    format!("{organization}#{request}")
}

/// Events table: the partition of an organization's project in the index by project.
pub(super) fn project_key(organization: &OrganizationId, project: &str) -> String {
    format!("{organization}#{project}")
}

/// Deliveries table: the partition of a webhook, `<organization>#<api>:<id>`. It is also the name that wakes drain.
#[must_use]
pub fn queue_key(organization: &OrganizationId, webhook: &WebhookKey) -> String {
    format!("{organization}#{webhook}")
}

/// Parses what [`queue_key`] prints.
#[must_use]
pub fn split_queue_key(key: &str) -> Option<(OrganizationId, WebhookKey)> {
    let (organization, webhook) = key.split_once('#')?;
    Some((OrganizationId::parse(organization)?, WebhookKey::parse(webhook)?))
}

/// The prefix of the partitions of all lanes of spread tasks. No organization id contains capital letters.
const LANE_PREFIX: &str = "SPREAD#";

/// Deliveries table: the lane of an organization's spread tasks. It is also the name that wakes spread.
#[must_use]
pub fn lane_key(organization: &OrganizationId) -> String {
    format!("{LANE_PREFIX}{organization}")
}

/// Deliveries table: the lane of events that still have to be queued for one webhook, because its partition accepted no
/// more writes.
#[must_use]
pub fn late_lane_key(queue: &str) -> String {
    format!("{LANE_PREFIX}{queue}")
}

/// Whether a partition of the Deliveries table is a lane of spread tasks rather than a queue.
#[must_use]
pub fn is_lane(key: &str) -> bool {
    key.starts_with(LANE_PREFIX)
}

/// The organization that a queue or lane belongs to.
#[must_use]
pub fn organization_of(key: &str) -> &str {
    let key = key.strip_prefix(LANE_PREFIX).unwrap_or(key);
    key.split_once('#').map_or(key, |(organization, _)| organization)
}

/// Deliveries table, in a lane: the prefix of the traces of ended subscriptions. It sorts before [`QUEUE_SK`].
pub(super) const FORMER_PREFIX: &str = "FORMER#";

/// Deliveries table, in a lane: the sort key of the trace that an ended subscription of that webhook leaves.
pub(super) fn former_sk(webhook: &WebhookKey) -> String {
    format!("{FORMER_PREFIX}{webhook}")
}

/// Deliveries table, in an organization's lane: the prefix of the marks of webhooks that are behind. It sorts between
/// [`FORMER_PREFIX`] and [`QUEUE_SK`].
pub(super) const LATE_PREFIX: &str = "LATE#";

/// Deliveries table, in an organization's lane: the sort key of the mark that sends a webhook's events through its own
/// late lane.
pub(super) fn late_sk(webhook: &WebhookKey) -> String {
    format!("{LATE_PREFIX}{webhook}")
}

/// The webhook that a late lane belongs to; `None` for any other key.
#[must_use]
pub fn webhook_of_late_lane(lane: &str) -> Option<WebhookKey> {
    split_queue_key(lane.strip_prefix(LANE_PREFIX)?).map(|(_, webhook)| webhook)
}

/// Deliveries table: the sort key of a queue. It sorts after every ULID, whose first character is a digit up to 7.
pub(super) const QUEUE_SK: &str = "QUEUE";

/// Deliveries table: a sort key after every delivery and before all other items of the partition.
pub(super) const AFTER_DELIVERIES: &str = "8";

/// Deliveries table: the prefix of every pointer to a diverted delivery.
pub(super) const DIVERTED_PREFIX: &str = "DIV#";

/// Deliveries table: the sort key of the pointer to a diverted delivery.
pub(super) fn diverted_sk(event: EventId) -> String {
    format!("{DIVERTED_PREFIX}{event}")
}

/// Deliveries table: the partition of stream records that can never be processed.
pub(super) const QUARANTINE_PK: &str = "QUARANTINE";

/// The number of partitions over which the index of due queues is spread. One tick reads them all.
pub const DUE_SHARDS: u32 = 4;

/// The partition of a queue in the index of due queues.
#[must_use]
pub fn due_shard(queue: &str) -> String {
    (hash(queue) % DUE_SHARDS).to_string()
}

/// A hash that must never change (FNV-1a), because keys that depend on it are stored in the tables.
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn organization() -> OrganizationId {
        OrganizationId::parse("acme").unwrap()
    }

    #[test]
    fn integer_ids_sort_as_numbers_after_their_counters() {
        let mut keys = [10, 9, 1].map(|id| webhook_sk(&WebhookKey::sdelements(id))).to_vec();
        keys.push(webhook_prefix(Api::SdElements));
        keys.sort();
        assert_eq!(keys[0], "WEBHOOK#sdelements#");
        assert!(keys[3].ends_with("10"));
    }

    #[test]
    fn no_project_or_type_reaches_into_another_partition() {
        let exact = |project, kind: &str| subscription_pk(&organization(), project, &Pattern::Exact(kind.to_owned()));
        assert_ne!(exact(Some("a#b"), "c"), exact(Some("a"), "b#c"));
        assert_ne!(exact(Some("*"), "c"), exact(None, "c"));
        assert_ne!(exact(None, "a.*"), subscription_pk(&organization(), None, &Pattern::Prefix("a".to_owned())));
    }

    #[test]
    fn an_event_is_found_from_its_id() {
        let id = EventId::new(Timestamp(1_743_416_100_000), 7);
        assert_eq!(event_partition(&organization(), id, 4), "acme#20250331#3");
    }

    #[test]
    fn a_lane_is_never_taken_for_a_queue() {
        let queue = queue_key(&organization(), &WebhookKey::sdelements(7));
        for lane in [lane_key(&organization()), late_lane_key(&queue)] {
            assert!(is_lane(&lane) && split_queue_key(&lane).is_none());
            assert_eq!(organization_of(&lane), "acme");
        }
        assert_eq!(webhook_of_late_lane(&late_lane_key(&queue)), split_queue_key(&queue).map(|(_, webhook)| webhook));
        assert_eq!(webhook_of_late_lane(&lane_key(&organization())), None);
        let late = late_sk(&WebhookKey::sdelements(7));
        assert!(FORMER_PREFIX < late.as_str() && late.as_str() < QUEUE_SK);
        assert!(!is_lane(&queue));
        assert_eq!(organization_of(&queue), "acme");
        assert!(former_sk(&WebhookKey::sdelements(7)).as_str() < QUEUE_SK && AFTER_DELIVERIES < FORMER_PREFIX);
    }

    #[test]
    fn queue_keys_read_back() {
        let key = WebhookKey::sdelements(7);
        assert_eq!(split_queue_key(&queue_key(&organization(), &key)), Some((organization(), key)));
    }
}
