//! Single writes, one call each.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
    types::ReturnValue,
};

use super::{
    description::{Delete, Put, Update, Write},
    retry::Tried,
};
use crate::store::{
    Store, StoreError,
    error::{failed, is_conflict},
    values::Item,
};

/// The error code with which DynamoDB says that a condition is not satisfied.
const REFUSED: &str = "ConditionalCheckFailedException";

/// The result of a write: the item after it (before it, if it is deleted), or as an error the item that refused it. Both are empty unless asked for
/// ([`Write::showing_items`]).
pub(in crate::store) type Written = Result<Item, Item>;

impl Store {
    /// Puts an item. Retries for five seconds while other writers are changing it.
    pub(in crate::store) async fn put_item(&self, put: Write<Put>) -> Result<Written, StoreError> {
        let request = request!(self.client.put_item().set_item(Some(put.item)), put.table, put.terms);
        self.retry_conflicts(|| async {
            decided(request.clone().send().await.map(|_| None), |error| match error {
                PutItemError::ConditionalCheckFailedException(refusal) => refusal.item,
                _ => None,
            })
        })
        .await
    }

    /// Updates an item. Retries for five seconds while other writers are changing it.
    pub(in crate::store) async fn update_item(&self, update: Write<Update>) -> Result<Written, StoreError> {
        self.retry_conflicts(|| self.try_update_item(update.clone())).await
    }

    /// Updates an item, with one attempt.
    pub(in crate::store) async fn try_update_item(&self, update: Write<Update>) -> Result<Tried<Written>, StoreError> {
        let request = self.client.update_item().set_key(Some(update.item));
        let request = request.set_update_expression(update.terms.update_expression());
        let request = request.set_return_values(update.terms.shows_items.then_some(ReturnValue::AllNew));
        let request = request!(request, update.table, update.terms);
        decided(request.send().await.map(|reply| reply.attributes), |error| match error {
            UpdateItemError::ConditionalCheckFailedException(refusal) => refusal.item,
            _ => None,
        })
    }

    /// Deletes an item. Retries for five seconds while other writers are changing it.
    pub(in crate::store) async fn delete_item(&self, delete: Write<Delete>) -> Result<Written, StoreError> {
        let request = self.client.delete_item().set_key(Some(delete.item));
        let request = request.set_return_values(delete.terms.shows_items.then_some(ReturnValue::AllOld));
        let request = request!(request, delete.table, delete.terms);
        self.retry_conflicts(|| async {
            decided(request.clone().send().await.map(|reply| reply.attributes), |error| match error {
                DeleteItemError::ConditionalCheckFailedException(refusal) => refusal.item,
                _ => None,
            })
        })
        .await
    }
}

/// Classifies the reply to a write: done, refused, to be retried, or failed.
fn decided<E, R>(
    reply: Result<Option<Item>, SdkError<E, R>>,
    refuser: impl FnOnce(E) -> Option<Item>,
) -> Result<Tried<Written>, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match reply {
        Ok(item) => Ok(Tried::Done(Ok(item.unwrap_or_default()))),
        Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
        Err(SdkError::ServiceError(refusal)) if refusal.err().code() == Some(REFUSED) => {
            Ok(Tried::Done(Err(refuser(refusal.into_err()).unwrap_or_default())))
        }
        Err(error) => Err(failed(&error)),
    }
}
