//! Finding out who is calling, for a request.

use std::sync::Arc;

use super::{App, Request};
use crate::{
    auth::{Caller, Prefetched},
    domain::WebhookKey,
    store::StoreError,
};

impl App {
    /// The caller with that key, and beside it the webhook that is asked for, as [`crate::auth::Callers::find`] has them; noted for
    /// the log line of the request.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn caller(
        &self,
        request: &Request,
        key: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<(Arc<Caller>, Prefetched)>, StoreError> {
        let found = self.callers.find(&self.store, key, webhook).await?;
        if let Some((caller, _)) = &found {
            request.audit.note_actor(caller.organization.id.as_str(), &caller.token.id, &caller.token.user);
        }
        Ok(found)
    }
}
