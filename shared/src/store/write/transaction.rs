//! Several writes in one call, all or nothing.

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{self, TransactWriteItem},
};

use super::{
    description::{Check, Delete, Put, Update, Write},
    retry::Tried,
};
use crate::store::{
    Store, StoreError,
    error::{failed, incomplete, is_conflict},
    values::Item,
};

/// The code of a transaction's part whose condition is not satisfied.
const REFUSED: &str = "ConditionalCheckFailed";

/// The codes of a part that may succeed when retried.
const TRANSIENT: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// One write of a transaction.
pub(in crate::store) struct Part(pub(super) Result<TransactWriteItem, BuildError>);

/// The parts of a transaction whose conditions are not satisfied: the position of each, and the item that refused it if
/// it was asked for ([`Write::showing_items`]).
pub(in crate::store) type Refused = Vec<(usize, Option<Item>)>;

impl From<Write<Put>> for Part {
    fn from(put: Write<Put>) -> Self {
        let built = request!(types::Put::builder().set_item(Some(put.item)), put.table, put.terms).build();
        Self(built.map(|put| TransactWriteItem::builder().put(put).build()))
    }
}

impl From<Write<Update>> for Part {
    fn from(update: Write<Update>) -> Self {
        let built = types::Update::builder().set_key(Some(update.item));
        let built = built.set_update_expression(update.terms.update_expression());
        let built = request!(built, update.table, update.terms).build();
        Self(built.map(|update| TransactWriteItem::builder().update(update).build()))
    }
}

impl From<Write<Delete>> for Part {
    fn from(delete: Write<Delete>) -> Self {
        let built = request!(types::Delete::builder().set_key(Some(delete.item)), delete.table, delete.terms).build();
        Self(built.map(|delete| TransactWriteItem::builder().delete(delete).build()))
    }
}

impl From<Write<Check>> for Part {
    fn from(check: Write<Check>) -> Self {
        let built =
            request!(types::ConditionCheck::builder().set_key(Some(check.item)), check.table, check.terms).build();
        Self(built.map(|check| TransactWriteItem::builder().condition_check(check).build()))
    }
}

impl Store {
    /// Makes all of the writes or none. Retries for five seconds while other writers are changing the items.
    pub(in crate::store) async fn transact(
        &self,
        parts: impl IntoIterator<Item = Part>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let writes = built(parts)?;
        self.retry_conflicts(|| self.try_transact(writes.clone())).await
    }

    /// Makes all of the writes or none, with one attempt. Returns false if a condition is not satisfied or other
    /// writers are changing the items; the caller must then read the items again.
    pub(in crate::store) async fn commit(&self, parts: impl IntoIterator<Item = Part>) -> Result<bool, StoreError> {
        Ok(matches!(self.try_transact(built(parts)?).await?, Tried::Done(Ok(()))))
    }

    async fn try_transact(&self, writes: Vec<TransactWriteItem>) -> Result<Tried<Result<(), Refused>>, StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Tried::Done(Ok(()))),
            Err(error) => refused(&error),
        }
    }
}

fn built(parts: impl IntoIterator<Item = Part>) -> Result<Vec<TransactWriteItem>, StoreError> {
    parts.into_iter().map(|part| part.0.map_err(|error| incomplete(&error))).collect()
}

/// Classifies the refusal of a transaction: final, to be retried, or failed.
fn refused<R: std::fmt::Debug>(
    error: &SdkError<TransactWriteItemsError, R>,
) -> Result<Tried<Result<(), Refused>>, StoreError> {
    if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() {
        let reasons = canceled.cancellation_reasons();
        let refusals = reasons.iter().enumerate().filter(|(_, reason)| reason.code() == Some(REFUSED));
        let refusals: Refused = refusals.map(|(at, reason)| (at, reason.item().cloned())).collect();
        if !refusals.is_empty() {
            return Ok(Tried::Done(Err(refusals)));
        }
        if reasons.iter().any(|reason| reason.code().is_some_and(|code| TRANSIENT.contains(&code))) {
            return Ok(Tried::Conflict);
        }
    }
    if is_conflict(error) { Ok(Tried::Conflict) } else { Err(failed(error)) }
}
