//! What operational events have told about a webhook. Each mark changes in the transaction that puts the event, so that
//! an outcome that the worker does not hear of leads neither to no event nor to two.

use super::{Renewal, change::not_deleted};
use crate::store::{
    Announcement, Store, StoreError,
    condition::Condition::{Absent, Exists},
    records::queue_of,
    values::{Item, moment},
    write::Part,
};

impl Store {
    /// Stores the progress, marks the webhook as known to be failing, and puts the event that says so, in one
    /// transaction. Returns false if that is known already, the lease is lost, or the webhook has changed since the
    /// failures of `progress` were counted. Needs `UpdateItem` on the Deliveries table and `PutItem` on the Events
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn tell_failing(
        &self,
        queue: &str,
        lease: &str,
        progress: &Renewal,
        told: &Announcement,
    ) -> Result<bool, StoreError> {
        let now = moment(self.clock.now());
        let update = self.queue_progress(queue, lease, progress, true)?;
        let update = update.set("failing", now.clone()).set_if_absent("trouble", now).only_if(Absent("failing"));
        let put = self.event_put(&told.event, told.shards);
        Ok(self.transact([update.only_if(not_deleted()).into(), put.into()]).await?.is_ok())
    }

    /// Stores the progress, removes the marks that say that the webhook is in trouble, and puts the event that says
    /// that it has recovered, in one transaction. Returns false if there are no marks, the lease is lost, or the webhook
    /// is deleted. Needs `UpdateItem` on the Deliveries table and `PutItem` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn tell_recovered(
        &self,
        queue: &str,
        lease: &str,
        progress: &Renewal,
        told: &Announcement,
    ) -> Result<bool, StoreError> {
        let mut same = true;
        loop {
            let update = self.queue_progress(queue, lease, progress, same)?.remove(["trouble", "failing"]);
            let update = update.only_if(Exists("trouble")).only_if(not_deleted());
            let put: Part = self.event_put(&told.event, told.shards).into();
            let Err(refused) = self.transact([update.into(), put]).await? else { return Ok(true) };
            // A success counts also if the webhook was changed while it was on its way, but not as the new one's health.
            let item: Option<Item> = refused.into_iter().find_map(|(_, item)| item);
            let changed = item.map(queue_of).transpose()?.is_some_and(|found| !progress.is_of(found.generation));
            if !std::mem::replace(&mut same, false) || !changed {
                return Ok(false);
            }
        }
    }
}
