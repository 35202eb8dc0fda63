//! Finding the queues in which something waits, without reading whole tables.
//!
//! What is due, or will be, is in the index `due`. What is held is in no index: it is found by the webhooks of each
//! organization, whose ids the register has.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use shared::{
    domain::{EventId, Hold, OrganizationId, QueueState, Timestamp, Webhook},
    store::{DUE_SHARDS, Store, StoreError, organization_of, queue_key},
};

/// The most keys that are read from one shard of the index `due`.
const MOST: usize = 10_000;

/// How many webhooks are read at once.
const PAGE: usize = 1_000;

/// How many organizations are read at the same time.
const AT_ONCE: usize = 8;

/// A queue or a lane with its state.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The key of the queue, or of a lane of spread tasks.
    pub(crate) key: String,
    /// The queue's webhook; `None` for a lane, and for the queue of a deleted webhook.
    pub(crate) webhook: Option<Webhook>,
    pub(crate) queue: QueueState,
}

impl Waiting {
    /// When the oldest event that waits was accepted.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        // A request to resend puts the highest id there if nothing waits.
        self.queue.head.filter(|head| *head != EventId::last()).map(EventId::time)
    }

    /// Whether anything waits or is being worked on.
    fn is_any(&self) -> bool {
        self.queue.due_at.is_some() || self.queue.head.is_some()
    }
}

/// What is due or held, of one organization or of all.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The queues and lanes in which something waits.
    pub(crate) waiting: Vec<Waiting>,
    /// The webhooks that the system has suspended, also those for which nothing waits.
    pub(crate) suspended: Vec<Webhook>,
    /// How many organizations and webhooks there are.
    pub(crate) organizations: usize,
    pub(crate) webhooks: usize,
}

/// Reads what is due in the index, and the webhooks of each organization with the queues of those that are held. With an
/// organization, only what is that organization's.
pub(crate) async fn survey(
    store: &Store,
    of: Option<&OrganizationId>,
    progress: &ProgressBar,
) -> Result<Survey, StoreError> {
    let organizations = match of {
        Some(id) => vec![id.clone()],
        None => store.organization_ids().await?,
    };
    let shards = stream::iter(0..DUE_SHARDS).map(|shard| store.due(shard, Timestamp(i64::MAX), MOST));
    let due: Vec<Vec<(String, Timestamp)>> = shards.buffered(DUE_SHARDS as usize).try_collect().await?;
    let keys = due.into_iter().flatten().map(|(key, _)| key);
    let due: HashSet<String> = keys.filter(|key| of.is_none_or(|id| organization_of(key) == id.as_str())).collect();
    let mut survey = Survey { organizations: organizations.len(), ..Survey::default() };
    progress.set_length(organizations.len() as u64);
    let mut found: HashMap<String, Webhook> = HashMap::new();
    let mut wanted = due;
    let all = stream::iter(&organizations).map(|id| webhooks(store, id)).buffered(AT_ONCE);
    let mut all = std::pin::pin!(all);
    while let Some(webhooks) = all.next().await {
        progress.inc(1);
        for webhook in webhooks? {
            survey.webhooks += 1;
            if webhook.hold() == Some(Hold::Suspended) {
                survey.suspended.push(webhook.clone());
            }
            let key = queue_key(&webhook.organization, &webhook.key);
            if webhook.hold().is_some() {
                wanted.insert(key.clone());
            }
            if wanted.contains(&key) {
                found.insert(key, webhook);
            }
        }
    }
    let mut wanted: Vec<String> = wanted.into_iter().collect();
    wanted.sort();
    let mut states = store.queues(&wanted).await?;
    let waiting = wanted.into_iter().filter_map(|key| {
        let queue = states.remove(&key)?;
        Some(Waiting { webhook: found.remove(&key), key, queue })
    });
    survey.waiting = waiting.filter(Waiting::is_any).collect();
    Ok(survey)
}

async fn webhooks(store: &Store, id: &OrganizationId) -> Result<Vec<Webhook>, StoreError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (webhooks, more) = store.webhooks_after(id, None, after.as_ref(), PAGE).await?;
        after = webhooks.last().map(|webhook| webhook.key.clone());
        all.extend(webhooks);
        if !more {
            return Ok(all);
        }
    }
}
