//! Listing an organization's webhooks.

use super::{
    Store, StoreError,
    condition::Condition::{BeginsWith, Is},
    keys::{DELETED_PREFIX, WEBHOOKS_PREFIX, organization_pk, webhook_prefix, webhook_sk},
    records::webhook_of,
    values::{Item, key, number_of, text, text_of},
};
use crate::domain::{Api, OrganizationId, Webhook, WebhookKey};

/// A page of an organization's webhooks, with their total number.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// How many webhooks the organization has through the API, in total.
    pub count: usize,
    /// The webhooks of the page, ordered by id.
    pub webhooks: Vec<Webhook>,
}

impl Store {
    /// Skips `skip` webhooks and reads at most `limit`, together with the count. An organization's first page takes one
    /// call; further pages also read the keys of the webhooks that they skip. Needs `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn list_webhooks(
        &self,
        organization: &OrganizationId,
        api: Api,
        skip: usize,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        let mut count = 0;
        // The counters sort before every webhook, so the first item read is theirs.
        let mut start = None;
        if skip > 0 {
            let keys = self.webhook_items(organization, api, skip + 1, None, true).await?;
            let past_the_end = keys.len() <= skip;
            for item in keys {
                count = count_of(&item, api).unwrap_or(count);
                start = Some(key(text_of(&item, "pk"), text_of(&item, "sk")));
            }
            if past_the_end || limit == 0 {
                return Ok(Listing { count, webhooks: Vec::new() });
            }
        }
        let wanted = if skip == 0 { limit + 1 } else { limit };
        let mut webhooks = Vec::new();
        for item in self.webhook_items(organization, api, wanted, start, false).await? {
            match count_of(&item, api) {
                Some(found) => count = found,
                None => webhooks.push(webhook_of(organization, item)?),
            }
        }
        webhooks.truncate(limit);
        Ok(Listing { count, webhooks })
    }

    /// Reads all webhooks that the organization has through the API, oldest first, for lists that show only some of
    /// them. Needs `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn all_webhooks(&self, organization: &OrganizationId, api: Api) -> Result<Vec<Webhook>, StoreError> {
        let items = self.webhook_items(organization, api, usize::MAX, None, false).await?;
        let webhooks = items.into_iter().filter(|item| count_of(item, api).is_none());
        let mut webhooks =
            webhooks.map(|item| webhook_of(organization, item)).collect::<Result<Vec<_>, StoreError>>()?;
        webhooks.sort_by(|one, other| (one.created, &one.key).cmp(&(other.created, &other.key)));
        Ok(webhooks)
    }

    /// Reads the organization's webhooks of all APIs, or of one, in the order of their APIs and ids: at most `limit`
    /// after the webhook `after`. Also returns whether there may be more. Needs `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhooks_after(
        &self,
        organization: &OrganizationId,
        api: Option<Api>,
        after: Option<&WebhookKey>,
        limit: usize,
    ) -> Result<(Vec<Webhook>, bool), StoreError> {
        let prefix = api.map_or_else(|| WEBHOOKS_PREFIX.to_owned(), webhook_prefix);
        let of = [Is("pk", text(organization_pk(organization))), BeginsWith("sk", text(&prefix))];
        let query = self.query(&self.tables.webhooks, of);
        let mut webhooks = Vec::new();
        let mut start = after.map(|after| key(organization_pk(organization), webhook_sk(after)));
        loop {
            // Each API's counters are an item among the webhooks.
            let (items, next) = query.first(limit + 1 - webhooks.len(), start).await?;
            for item in items.into_iter().filter(|item| !text_of(item, "sk").ends_with('#')) {
                webhooks.push(webhook_of(organization, item)?);
            }
            start = next;
            if start.is_none() || webhooks.len() > limit {
                let more = webhooks.len() > limit;
                webhooks.truncate(limit);
                return Ok((webhooks, more));
            }
        }
    }

    /// Reads which webhooks were deleted not longer ago than deliveries are kept. Needs `Query` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn deleted_webhooks(&self, organization: &OrganizationId) -> Result<Vec<WebhookKey>, StoreError> {
        let of = [Is("pk", text(organization_pk(organization))), BeginsWith("sk", text(DELETED_PREFIX))];
        let query = self.query(&self.tables.webhooks, of).showing(&["sk"]);
        let (traces, _) = query.first(usize::MAX, None).await?;
        let keys = traces.iter().filter_map(|item| text_of(item, "sk").strip_prefix(DELETED_PREFIX));
        Ok(keys.filter_map(WebhookKey::parse).collect())
    }

    async fn webhook_items(
        &self,
        organization: &OrganizationId,
        api: Api,
        limit: usize,
        start: Option<Item>,
        keys_only: bool,
    ) -> Result<Vec<Item>, StoreError> {
        let of = [Is("pk", text(organization_pk(organization))), BeginsWith("sk", text(webhook_prefix(api)))];
        let mut query = self.query(&self.tables.webhooks, of);
        if keys_only {
            query = query.showing(&["pk", "sk", "webhooks"]);
        }
        Ok(query.first(limit, start).await?.0)
    }
}

fn count_of(item: &Item, api: Api) -> Option<usize> {
    (text_of(item, "sk") == webhook_prefix(api)).then(|| number_of(item, "webhooks").unwrap_or(0))
}
