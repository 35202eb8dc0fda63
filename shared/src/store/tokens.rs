//! Finding out for whom a token acts.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{
    Store, StoreError,
    error::failed,
    keys::{ORGANIZATION_SK, TOKEN_SK, organization_pk, token_pk},
    records::read,
    values::{key, text_of},
};
use crate::domain::{Organization, OrganizationId, Token};

/// Looking a token up. Needs `BatchGetItem` on the Webhooks table.
pub trait Authenticate {
    /// The token with that hash and its organization, in one call; `None` unless both exist and belong together.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn find_token(
        &self,
        organization: &OrganizationId,
        hash: &str,
    ) -> impl Future<Output = Result<Option<(Token, Organization)>, StoreError>> + Send;
}

impl Authenticate for Store {
    async fn find_token(
        &self,
        organization: &OrganizationId,
        hash: &str,
    ) -> Result<Option<(Token, Organization)>, StoreError> {
        let wanted = [key(token_pk(hash), TOKEN_SK), key(organization_pk(organization), ORGANIZATION_SK)];
        let table = &self.tables.webhooks;
        self.until_decided(|| async {
            // Consistent, so that a revoked token ends with its cache entry and not some time after.
            let keys = KeysAndAttributes::builder().set_keys(Some(wanted.to_vec())).consistent_read(true).build();
            let keys = keys.map_err(|error| StoreError::Unavailable {
                code: "ConstructionFailure".to_owned(),
                message: error.to_string(),
            })?;
            let request = HashMap::from([(table.clone(), keys)]);
            let reply = self.client.batch_get_item().set_request_items(Some(request)).send().await;
            let reply = reply.map_err(|error| failed(&error))?;
            if reply.unprocessed_keys().is_some_and(|keys| !keys.is_empty()) {
                return Ok(super::retry::Tried::Conflict);
            }
            let items = reply.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
            let (mut token, mut owner) = (None, None);
            for item in items {
                if text_of(&item, "sk") == TOKEN_SK {
                    token = Some(read::<Token>(item)?);
                } else {
                    owner = Some(read::<Organization>(item)?);
                }
            }
            let found = token.zip(owner).filter(|(token, owner)| token.organization == owner.id);
            Ok(super::retry::Tried::Done(found))
        })
        .await
    }
}
