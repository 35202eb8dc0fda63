//! The subscription index: finds the webhooks that want an event without reading any others.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::{
    Store, StoreError,
    condition::Condition::{Above, Is},
    keys::subscription_pk,
    values::{Item, key, text, text_of},
};
use crate::domain::{OrganizationId, Pattern, Webhook, WebhookKey};

/// A page of the webhooks that want an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscribers {
    /// The webhooks, in the order of their keys in the index.
    pub webhooks: Vec<WebhookKey>,
    /// The last key that was read, if there may be more after it.
    pub next: Option<String>,
}

impl Store {
    /// Reads at most `limit` of the webhooks that want events of that type in that project, after the key `after`, with
    /// consistent reads. Needs `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn subscribers(
        &self,
        organization: &OrganizationId,
        project: Option<&str>,
        event_type: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Subscribers, StoreError> {
        let projects = [None].into_iter().chain(project.map(Some)).collect::<Vec<_>>();
        let patterns = Pattern::all_matching(event_type);
        let partitions = projects
            .iter()
            .flat_map(|project| patterns.iter().map(|pattern| subscription_pk(organization, *project, pattern)));
        let pages = join_all(partitions.map(|pk| self.subscribers_in(pk, after, limit))).await;
        let pages = pages.into_iter().collect::<Result<Vec<_>, _>>()?;
        // Up to this key every partition was read; beyond it one of them may have more.
        let bound = pages.iter().filter_map(|(_, end)| end.as_ref()).min().cloned();
        let keys: BTreeSet<String> = pages.into_iter().flat_map(|(keys, _)| keys).collect();
        let mut keys: Vec<String> =
            keys.into_iter().filter(|key| bound.as_ref().is_none_or(|end| key <= end)).collect();
        let cut = keys.len() > limit;
        keys.truncate(limit);
        let next = if cut { keys.last().cloned() } else { bound };
        Ok(Subscribers { webhooks: keys.iter().filter_map(|key| WebhookKey::parse(key)).collect(), next })
    }

    /// Reads at most `limit` keys of a partition after the key `after`. Also returns the last of them if there may be
    /// more.
    async fn subscribers_in(
        &self,
        partition: String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, Option<String>), StoreError> {
        let of = [Is("pk", text(partition))].into_iter().chain(after.map(|after| Above("sk", text(after))));
        let query = self.query(&self.tables.webhooks, of).showing(&["sk"]);
        let (items, next) = query.first(limit, None).await?;
        let found: Vec<String> = items.iter().map(|item| text_of(item, "sk").to_owned()).collect();
        let end = next.and_then(|_| found.last().cloned());
        Ok((found, end))
    }
}

/// The keys of the webhook's items in the subscription index, for its current state.
pub(super) fn index_keys(webhook: &Webhook) -> Vec<Item> {
    let pk = |(project, pattern)| subscription_pk(&webhook.organization, project, pattern);
    let pks: BTreeSet<_> = webhook.wanted().map(pk).collect();
    pks.into_iter().map(|pk| key(pk, webhook.key.to_string())).collect()
}
