//! Resends finished deliveries page by page. A cursor on the queue holds the progress.

use super::worker::Worker;
use crate::{
    domain::{DeliveryState, ResendCursor},
    store::StoreError,
};

/// How many deliveries a page has. What a page makes pending is sent before the next page, so a large resend starts at
/// once.
const PAGE: i32 = 100;

impl Worker<'_> {
    /// Makes the next page of the requested deliveries pending again. Returns false if no resend is requested or the
    /// lease is lost.
    pub(super) async fn resend_page(&mut self) -> Result<bool, StoreError> {
        let Some(cursor) = self.state.resend.clone() else { return Ok(false) };
        let store = &self.drain.store;
        let (page, more) = store.deliveries(self.queue, cursor.next, cursor.last, PAGE).await?;
        let mut revived = Vec::new();
        for delivery in &page {
            let again = match delivery.state {
                // It may have become pending just before a crash, without the touch below.
                DeliveryState::Pending => true,
                state if state != cursor.state => false,
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
