//! Listing an organization's webhooks.

use super::{
    Store, StoreError,
    condition::Condition::{BeginsWith, Is},
    keys::{organization_pk, webhook_prefix},
    records::webhook_of,
    values::{Item, key, number_of, text, text_of},
};
use crate::domain::{Api, OrganizationId, Webhook};

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
