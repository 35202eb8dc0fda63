//! What each change of a webhook writes, all or nothing.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update, builders::UpdateBuilder};

use super::{
    Store, StoreError,
    keys::{organization_pk, url_claim_sk, webhook_prefix, webhook_sk},
    queue::Renewal,
    records::webhook_item,
    subscriptions::index_keys,
    values::{Item, key, moment, number},
    writes::{Writes, delete, put},
};
use crate::domain::{Suspension, Webhook};

const NEW: &str = "attribute_not_exists(pk)";

impl Store {
    /// The webhook, its subscriptions and the API's count. The count, where the limit stands, is the first write; the claim to a
    /// URL the second.
    pub(super) fn creation(&self, webhook: &Webhook, limit: Option<u32>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let table = &self.tables.webhooks;
        let mut count = Update::builder()
            .table_name(table)
            .set_key(Some(key(organization_pk(&webhook.organization), webhook_prefix(webhook.key.api))))
            .update_expression("ADD webhooks :one")
            .expression_attribute_values(":one", number(1));
        if let Some(limit) = limit {
            count = count
                .condition_expression("attribute_not_exists(webhooks) OR webhooks < :limit")
                .expression_attribute_values(":limit", number(limit));
        }
        let mut writes = Writes::default();
        writes.update(count)?;
        if let Some(claim) = webhook.url_claim() {
            writes.put(Put::builder().table_name(table).set_item(Some(claim)).condition_expression(NEW))?;
        }
        writes
            .put(Put::builder().table_name(table).set_item(Some(webhook_item(webhook)?)).condition_expression(NEW))?;
        for index in index_keys(webhook) {
            writes.put(put(table, index))?;
        }
        Ok(writes.into())
    }

    /// The same the other way round, and a tombstone for the queue, provided that the webhook is as it was read.
    pub(super) fn deletion(&self, webhook: &Webhook) -> Result<Vec<TransactWriteItem>, StoreError> {
        let table = &self.tables.webhooks;
        let (pk, sk) = (organization_pk(&webhook.organization), webhook_sk(&webhook.key));
        let mut writes = Writes::default();
        writes.delete(
            delete(table, key(&pk, sk))
                .condition_expression("generation = :generation")
                .expression_attribute_values(":generation", number(webhook.generation)),
        )?;
        for index in index_keys(webhook) {
            writes.delete(delete(table, index))?;
        }
        if let Some(claim) = webhook.url_claim() {
            writes.delete(delete(table, claim))?;
        }
        writes.update(
            Update::builder()
                .table_name(table)
                .set_key(Some(key(pk, webhook_prefix(webhook.key.api))))
                .update_expression("ADD webhooks :less")
                .expression_attribute_values(":less", number(-1)),
        )?;
        writes.update(self.queue_tombstone(webhook))?;
        Ok(writes.into())
    }

    /// The suspension and the queue's hold, provided that the webhook is as the worker saw it and the lease still its own.
    pub(super) fn suspension(
        &self,
        webhook: &Webhook,
        suspension: &Suspension,
        lease: &str,
        progress: &Renewal,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let value = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(suspension)
            .map_err(|error| StoreError::Corrupt { key: webhook.key.to_string(), reason: error.to_string() })?;
        let mut writes = Writes::default();
        writes.update(
            Update::builder()
                .table_name(&self.tables.webhooks)
                .set_key(Some(key(organization_pk(&webhook.organization), webhook_sk(&webhook.key))))
                .update_expression("SET suspended = :suspension, generation = :next")
                .condition_expression("generation = :seen")
                .expression_attribute_values(":suspension", value)
                .expression_attribute_values(":next", number(webhook.generation + 1))
                .expression_attribute_values(":seen", number(webhook.generation)),
        )?;
        writes.update(self.queue_suspension(webhook, lease, progress))?;
        Ok(writes.into())
    }

    /// What differs between two states of a webhook, provided that it is still in the first.
    pub(super) fn replacement(&self, before: &Webhook, after: &Webhook) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = Writes::default();
        writes.update(difference(&self.tables.webhooks, before, after)?)?;
        let (old, new) = (index_keys(before), index_keys(after));
        if old.iter().any(|index| !new.contains(index)) {
            // Fan-out may have put a delivery, and end before it has touched the queue. When the record comes again, the
            // webhook is no longer a subscriber: this trace says that there may be something to touch.
            writes.update(
                Update::builder()
                    .table_name(&self.tables.deliveries)
                    .set_key(Some(self.former_key(after)))
                    .update_expression("SET removed = :now, expires_at = :expires")
                    .expression_attribute_values(":now", moment(self.clock.now()))
                    .expression_attribute_values(":expires", number(self.former_expiry())),
            )?;
        }
        for index in old.iter().filter(|index| !new.contains(index)) {
            writes.delete(delete(&self.tables.webhooks, index.clone()))?;
        }
        for index in new.iter().filter(|index| !old.contains(index)) {
            writes.put(put(&self.tables.webhooks, index.clone()))?;
        }
        if let Some(queue) = self.queue_change(before, after) {
            writes.update(queue)?;
        }
        Ok(writes.into())
    }
}

/// Sets and removes only the attributes that differ, so that a change of the name at the same time survives.
fn difference(table: &str, before: &Webhook, after: &Webhook) -> Result<UpdateBuilder, StoreError> {
    let (old, new) = (webhook_item(before)?, webhook_item(after)?);
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(key(organization_pk(&before.organization), webhook_sk(&before.key))))
        .condition_expression("generation = :seen")
        .expression_attribute_values(":seen", number(before.generation));
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names.into_iter().filter(|name| old.get(*name) != new.get(*name)) {
        update = update.expression_attribute_names(format!("#{name}"), name);
        match new.get(name) {
            Some(value) => {
                set.push(format!("#{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), value.clone());
            }
            None => remove.push(format!("#{name}")),
        }
    }
    let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
    Ok(update.update_expression(format!("SET {}{remove}", set.join(", "))))
}

impl Webhook {
    /// The item that claims the URL for this webhook alone. The key holds the URL's hash, not the URL; spellings of one URL
    /// (the case of its host, a default port) are one claim.
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
