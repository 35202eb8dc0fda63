//! Putting transactions together.

use aws_sdk_dynamodb::types::{
    Delete, Put, TransactWriteItem,
    builders::{ConditionCheckBuilder, DeleteBuilder, PutBuilder, UpdateBuilder},
};

use super::{StoreError, error::incomplete, values::Item};

/// The writes of one transaction, in order: cancellation reasons come in the same order.
#[derive(Default)]
pub(super) struct Writes(Vec<TransactWriteItem>);

impl Writes {
    pub(super) fn put(&mut self, put: PutBuilder) -> Result<(), StoreError> {
        self.0.push(TransactWriteItem::builder().put(put.build().map_err(|e| incomplete(&e))?).build());
        Ok(())
    }

    pub(super) fn update(&mut self, update: UpdateBuilder) -> Result<(), StoreError> {
        self.0.push(TransactWriteItem::builder().update(update.build().map_err(|e| incomplete(&e))?).build());
        Ok(())
    }

    pub(super) fn check(&mut self, check: ConditionCheckBuilder) -> Result<(), StoreError> {
        let check = check.build().map_err(|e| incomplete(&e))?;
        self.0.push(TransactWriteItem::builder().condition_check(check).build());
        Ok(())
    }

    pub(super) fn delete(&mut self, delete: DeleteBuilder) -> Result<(), StoreError> {
        self.0.push(TransactWriteItem::builder().delete(delete.build().map_err(|e| incomplete(&e))?).build());
        Ok(())
    }
}

impl From<Writes> for Vec<TransactWriteItem> {
    fn from(writes: Writes) -> Self {
        writes.0
    }
}

/// An unconditional put.
pub(super) fn put(table: &str, item: Item) -> PutBuilder {
    Put::builder().table_name(table).set_item(Some(item))
}

/// An unconditional delete.
pub(super) fn delete(table: &str, key: Item) -> DeleteBuilder {
    Delete::builder().table_name(table).set_key(Some(key))
}
