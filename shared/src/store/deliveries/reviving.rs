//! Making finished deliveries pending again.

use super::DELETED;
use crate::{
    domain::{DeliveryState, EventId, Timestamp},
    store::{
        Store, StoreError,
        condition::Condition::{Absent, AtMost, Is, IsNot},
        keys::diverted_sk,
        values::{key, moment, text},
        write::{Update, Write},
    },
};

impl Store {
    /// Makes a finished delivery pending again, if it is in `state` and was finished at or before `requested`. Returns
    /// false otherwise, and if its owner deleted it. Needs `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn revive(
        &self,
        queue: &str,
        event: EventId,
        state: DeliveryState,
        requested: Timestamp,
    ) -> Result<bool, StoreError> {
        let revival = self.revival(queue, event, state).only_if(AtMost("finished", moment(requested)));
        let mut writes = vec![revival.into()];
        if state == DeliveryState::Diverted {
            writes.push(Write::delete(&self.tables.deliveries, key(queue, diverted_sk(event))).into());
        }
        Ok(self.transact(writes).await?.is_ok())
    }

    /// Deletes the pointer by which a diverted delivery is listed. Needs `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn forget_pointer(&self, queue: &str, event: EventId) -> Result<(), StoreError> {
        let pointer = Write::delete(&self.tables.deliveries, key(queue, diverted_sk(event)));
        self.delete_item(pointer).await.map(|_| ())
    }

    /// Makes a delivery in the state `from` pending again, unless its owner has deleted it.
    pub(in crate::store) fn revival(&self, queue: &str, event: EventId, from: DeliveryState) -> Write<Update> {
        Write::update(&self.tables.deliveries, key(queue, event.to_string()))
            .set("state", text(DeliveryState::Pending.as_str()))
            .set("queued", moment(self.clock.now()))
            .remove(["finished", "reason", "expires_at"])
            .only_if(Is("state", text(from.as_str())))
            .only_if(Absent("reason").or(IsNot("reason", text(DELETED))))
    }
}
