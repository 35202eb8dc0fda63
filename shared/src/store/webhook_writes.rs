//! The writes of each change of a webhook, for one transaction.

use std::collections::BTreeSet;

use super::{
    Announcement, Store, StoreError,
    condition::Condition::{self, Absent, Below, Is},
    keys::{deleted_sk, organization_pk, url_claim_sk, webhook_prefix, webhook_sk},
    queue::Renewal,
    records::{attribute, webhook_item},
    subscriptions::index_keys,
    values::{Item, key, number},
    write::{Part, Update, Write},
};
use crate::domain::{Suspension, Webhook};

impl Store {
    /// Writes a new webhook, its subscriptions and the API's count. The first write is the count, which enforces the
    /// limit; the second is the URL's claim.
    pub(super) fn creation(&self, webhook: &Webhook, limit: Option<u32>) -> Result<Vec<Part>, StoreError> {
        let table = &self.tables.webhooks;
        let mut count = self.counted(webhook, 1);
        if let Some(limit) = limit {
            count = count.only_if(Absent("webhooks").or(Below("webhooks", number(limit))));
        }
        let mut writes = vec![count.into()];
        for item in webhook.url_claim().into_iter().chain([webhook_item(webhook)?]) {
            writes.push(Write::put(table, item).only_if(Absent("pk")).into());
        }
        writes.extend(index_keys(webhook).into_iter().map(|index| Write::put(table, index).into()));
        Ok(writes)
    }

    /// Deletes what a creation writes and marks the queue as deleted, provided that the webhook has not changed since
    /// it was read.
    pub(super) fn deletion(&self, webhook: &Webhook) -> Vec<Part> {
        let table = &self.tables.webhooks;
        let mut writes = vec![Write::delete(table, webhook_key(webhook)).only_if(unchanged(webhook)).into()];
        let others = index_keys(webhook).into_iter().chain(webhook.url_claim());
        writes.extend(others.map(|key| Write::delete(table, key).into()));
        writes.push(self.counted(webhook, -1).into());
        writes.push(self.queue_tombstone(webhook).into());
        writes.push(Write::put(table, self.deleted_trace(webhook)).into());
        writes
    }

    /// The trace of a deleted webhook, by which its deliveries are still found. It expires together with the last of
    /// them.
    fn deleted_trace(&self, webhook: &Webhook) -> Item {
        let mut item = key(organization_pk(&webhook.organization), deleted_sk(&webhook.key));
        item.insert("expires_at".to_owned(), number(self.delivery_expiry(self.clock.now())));
        item
    }

    /// Suspends the webhook, holds its queue and puts the event that tells of it, provided that the webhook has not
    /// changed since the worker read it and the worker still holds the lease.
    pub(super) fn suspension(
        &self,
        webhook: &Webhook,
        suspension: &Suspension,
        lease: &str,
        progress: &Renewal,
        told: Option<&Announcement>,
    ) -> Result<Vec<Part>, StoreError> {
        let update = Write::update(&self.tables.webhooks, webhook_key(webhook))
            .set("suspended", attribute(suspension)?)
            .set("generation", number(webhook.generation + 1))
            .only_if(unchanged(webhook));
        let mut writes = vec![update.into(), self.queue_suspension(webhook, lease, progress, told.is_some()).into()];
        writes.extend(told.map(|told| self.event_put(&told.event, told.shards).into()));
        Ok(writes)
    }

    /// Writes the difference between two states of a webhook, provided that it is still in the first.
    pub(super) fn replacement(&self, before: &Webhook, after: &Webhook) -> Result<Vec<Part>, StoreError> {
        let table = &self.tables.webhooks;
        let mut writes = vec![difference(table, before, after)?.into()];
        let (old, new) = (index_keys(before), index_keys(after));
        if old.iter().any(|index| !new.contains(index)) {
            // Fan-out may have put a delivery and stop before it touches the queue. When the stream repeats the record,
            // the webhook is no longer a subscriber. This trace says that its queue may still need a touch.
            writes.push(self.former_trace(after).into());
        }
        let ended = old.iter().filter(|index| !new.contains(index));
        writes.extend(ended.map(|index| Write::delete(table, index.clone()).into()));
        let begun = new.iter().filter(|index| !old.contains(index));
        writes.extend(begun.map(|index| Write::put(table, index.clone()).into()));
        writes.extend(self.queue_change(before, after).map(Part::from));
        Ok(writes)
    }

    /// Changes the API's count of webhooks by `more`.
    fn counted(&self, webhook: &Webhook, more: i32) -> Write<Update> {
        let counters = key(organization_pk(&webhook.organization), webhook_prefix(webhook.key.api));
        Write::update(&self.tables.webhooks, counters).add("webhooks", more)
    }
}

fn webhook_key(webhook: &Webhook) -> Item {
    key(organization_pk(&webhook.organization), webhook_sk(&webhook.key))
}

/// The condition that the webhook has not changed since it was read.
fn unchanged(webhook: &Webhook) -> Condition {
    Is("generation", number(webhook.generation))
}

/// Sets and removes only the attributes that differ, so that a simultaneous change of the name survives.
fn difference(table: &str, before: &Webhook, after: &Webhook) -> Result<Write<Update>, StoreError> {
    let (old, new) = (webhook_item(before)?, webhook_item(after)?);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let update = Write::update(table, webhook_key(before)).only_if(unchanged(before));
    Ok(changed.fold(update, |update, name| update.set_or_remove(name, new.get(name).cloned())))
}

impl Webhook {
    /// The item that claims the URL for this webhook alone. Its key holds the URL's hash, not the URL. Different
    /// spellings of one URL (upper-case host, explicit default port) give the same claim.
    pub(super) fn url_claim(&self) -> Option<Item> {
        let written = self.endpoint.url.expose();
        let hash = match url::Url::parse(written) {
            Ok(url) => crate::encoding::sha256_hex(url.as_str().as_bytes()),
            Err(_) => crate::encoding::sha256_hex(written.as_bytes()),
        };
        self.key
            .api
            .has_unique_urls()
            .then(|| key(organization_pk(&self.organization), url_claim_sk(self.key.api, &hash)))
    }
}
