//! Finding out for whom a token acts.

use super::{
    Store, StoreError,
    keys::{ORGANIZATION_SK, TOKEN_SK, organization_pk, token_pk, webhook_sk},
    records::{read, webhook_of},
    values::{key, text_of},
};
use crate::domain::{Organization, OrganizationId, Token, Webhook, WebhookKey};

/// A webhook, if it exists and can be read.
pub type ReadWebhook = Result<Option<Webhook>, StoreError>;

impl Store {
    /// The token with that hash and its organization, and that webhook of the organization if one is asked for, in one call;
    /// `None` unless token and organization exist and belong together. Whether the webhook can be read matters only then.
    /// Needs `BatchGetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn find_token(
        &self,
        organization: &OrganizationId,
        hash: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<(Token, Organization, ReadWebhook)>, StoreError> {
        let owner = organization_pk(organization);
        let mut wanted = vec![key(token_pk(hash), TOKEN_SK), key(owner.as_str(), ORGANIZATION_SK)];
        wanted.extend(webhook.map(|webhook| key(owner.as_str(), webhook_sk(webhook))));
        let (mut token, mut owner, mut found) = (None, None, None);
        // By consistent reads, so that a revoked token ends with its cache entry and not some time after.
        for item in self.batch_get(&self.tables.webhooks, wanted).await? {
            match text_of(&item, "sk") {
                TOKEN_SK => token = Some(read::<Token>(item)?),
                ORGANIZATION_SK => owner = Some(read::<Organization>(item)?),
                _ => found = Some(item),
            }
        }
        let both = token.zip(owner).filter(|(token, owner)| token.organization == owner.id);
        Ok(both.map(|(token, owner)| {
            let webhook = found.map(|item| webhook_of(organization, item)).transpose();
            (token, owner, webhook)
        }))
    }
}
