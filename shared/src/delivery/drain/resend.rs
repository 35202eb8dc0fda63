//! Sending finished deliveries again, by a cursor on the queue, a page at a time.

use super::worker::Worker;
use crate::{
    domain::{DeliveryState, ResendCursor},
    store::StoreError,
};

/// How many deliveries are looked at before what was found is sent: a large resend goes out as it is found.
const PAGE: i32 = 100;

impl Worker<'_> {
    /// Makes the next page of the asked-for deliveries pending again; false if nothing was asked for.
    pub(super) async fn resend_page(&mut self) -> Result<bool, StoreError> {
        let Some(cursor) = self.state.resend.clone() else { return Ok(false) };
        let store = &self.drain.store;
        let (page, more) = store.deliveries(self.queue, cursor.next, cursor.last, PAGE).await?;
        let mut revived = Vec::new();
        for delivery in &page {
            let again = match delivery.state {
                // Revived before a crash: the touch below may not have happened.
                DeliveryState::Pending => true,
                _ => store.revive(self.queue, delivery.event, cursor.state, cursor.requested).await?,
            };
            if again {
                revived.push(delivery.event);
            }
        }
        if let Some(lowest) = revived.into_iter().min() {
            store.touch(self.queue, lowest).await?;
        }
        let rest = page.last().map(|delivery| delivery.event.next()).filter(|next| more && *next <= cursor.last);
        let rest = rest.map(|next| ResendCursor { next, ..cursor });
        self.renew_resend(rest).await
    }
}
