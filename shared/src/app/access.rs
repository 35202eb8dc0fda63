//! Finding out who is calling, and whether they may.

use std::sync::Arc;

use super::{App, Prefetched};
use crate::{
    api::Access,
    domain::{Caller, Webhook, WebhookKey},
    http::Request,
};

impl App {
    /// The caller, who is allowed to do what `access` says; noted for the log line of the request. Needs `BatchGetItem` on the
    /// Webhooks table.
    ///
    /// # Errors
    ///
    /// What the API says of a request without a valid key, and of a caller who is not allowed to; what the store's failure becomes.
    pub async fn caller<A: Access>(&self, request: &Request, access: A) -> Result<Arc<Caller>, A::Failure> {
        Ok(self.admit(request, &access, None).await?.0)
    }

    /// The caller, as [`App::caller`] finds it, and the webhook in the path, which the caller is allowed to see. Needs
    /// `BatchGetItem` and `GetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// Those of [`App::caller`]; then what the API says of a webhook that does not exist.
    pub async fn webhook<A: Access>(&self, request: &Request, access: A) -> Result<(Arc<Caller>, Webhook), A::Failure> {
        let key = A::webhook(request);
        let (caller, prefetched) = self.admit(request, &access, key.as_ref().ok()).await?;
        let found = prefetched.webhook(&self.store, &caller, &key?).await?;
        access.visible(found, &caller, request).map(|webhook| (caller, webhook))
    }

    async fn admit<A: Access>(
        &self,
        request: &Request,
        access: &A,
        webhook: Option<&WebhookKey>,
    ) -> Result<(Arc<Caller>, Prefetched), A::Failure> {
        let found = self.callers.find(&self.store, A::key(request)?, webhook).await?;
        let (caller, prefetched) = found.ok_or_else(A::unknown)?;
        request.audit.note_actor(caller.organization.id.as_str(), &caller.token.id, &caller.token.user);
        access.check(&caller, request)?;
        Ok((caller, prefetched))
    }
}
