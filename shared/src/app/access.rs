//! Authentication and authorization of requests.

use std::sync::Arc;

use super::{App, Prefetched};
use crate::{
    api::Access,
    domain::{Caller, Webhook, WebhookKey},
    http::Request,
};

impl App {
    /// Authenticates the caller and checks that they may do what `access` says. The caller is added to the log line of
    /// the request. Needs `BatchGetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// The API's errors for a request without a valid key, for a caller without permission, and for a failure of
    /// DynamoDB.
    pub async fn caller<A: Access>(&self, request: &Request, access: A) -> Result<Arc<Caller>, A::Failure> {
        Ok(self.admit(request, &access, None).await?.0)
    }

    /// Authenticates the caller as [`App::caller`] does, and reads the webhook in the path, which the caller must be
    /// allowed to see. Needs `BatchGetItem` and `GetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// Those of [`App::caller`], and the API's error for a webhook that does not exist or that the caller may not see.
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
