//! The subscription index: from an event to the webhooks that want it, without reading any other.

use std::collections::BTreeSet;

use super::{
    Store, StoreError,
    error::failed,
    keys::subscription_pk,
    values::{Item, key, text, text_of},
};
use crate::domain::{OrganizationId, Pattern, Webhook, WebhookKey};

/// Finding who wants an event. Needs `Query` on the Webhooks table.
pub trait FindSubscribers {
    /// The webhooks that want events of that type in that project, by consistent reads.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn subscribers(
        &self,
        organization: &OrganizationId,
        project: Option<&str>,
        event_type: &str,
    ) -> impl Future<Output = Result<BTreeSet<WebhookKey>, StoreError>> + Send;
}

impl FindSubscribers for Store {
    async fn subscribers(
        &self,
        organization: &OrganizationId,
        project: Option<&str>,
        event_type: &str,
    ) -> Result<BTreeSet<WebhookKey>, StoreError> {
        let projects = [None].into_iter().chain(project.map(Some)).collect::<Vec<_>>();
        let patterns = Pattern::all_matching(event_type);
        let partitions = projects
            .iter()
            .flat_map(|project| patterns.iter().map(|pattern| subscription_pk(organization, *project, pattern)));
        let found = futures_util::future::try_join_all(partitions.map(|pk| self.subscribers_in(pk))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Store {
    async fn subscribers_in(&self, partition: String) -> Result<Vec<WebhookKey>, StoreError> {
        let query = self.client.query().table_name(&self.tables.webhooks).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk").expression_attribute_values(":pk", text(partition));
        let mut pages = query.projection_expression("sk").into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let items = page.map_err(|error| failed(&error))?.items.unwrap_or_default();
            found.extend(items.iter().filter_map(|item| WebhookKey::parse(text_of(item, "sk"))));
        }
        Ok(found)
    }
}

/// The index items of a webhook as it is now.
pub(super) fn index_keys(webhook: &Webhook) -> Vec<Item> {
    let project = webhook.project.as_deref();
    let pks: BTreeSet<_> = webhook.wanted().map(|p| subscription_pk(&webhook.organization, project, p)).collect();
    pks.into_iter().map(|pk| key(pk, webhook.key.to_string())).collect()
}
