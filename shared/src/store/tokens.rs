//! Looks up the organization that a token belongs to.

use super::{
    Store, StoreError,
    keys::{ORGANIZATION_SK, TOKEN_SK, organization_pk, token_pk, webhook_sk},
    records::{read, webhook_of},
    values::{key, text_of},
};
use crate::domain::{Organization, OrganizationId, Token, Webhook, WebhookKey};

/// The result of reading a webhook: `None` if it does not exist, an error if it cannot be read.
pub type ReadWebhook = Result<Option<Webhook>, StoreError>;

impl Store {
    /// Reads the token with that hash, its organization and, if asked for, one webhook of the organization, in one
    /// call. `None` unless token and organization exist and belong together; an unreadable webhook matters only if they
    /// do. Needs `BatchGetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
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
        // Consistent reads, so that a revoked token stops working when its cache entry expires and no later.
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
