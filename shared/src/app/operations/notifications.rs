//! Notification targets with the state of their queues.

use serde_json::Value;

use crate::{
    api::operations::{ListBody, OperationsFailure, Places, TargetBody, TargetQuery, TargetRequest, new_target_key},
    app::App,
    domain::{Api, Caller, Organization, OrganizationId, Webhook},
    http::Request,
    store::{Creation, StoreError, queue_key},
};

impl App {
    /// Reads a page of notification targets. Needs `Query` on the Webhooks table and `BatchGetItem` on the Deliveries
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn target_page(
        &self,
        organization: &OrganizationId,
        query: &TargetQuery,
    ) -> Result<ListBody<TargetBody>, StoreError> {
        let (api, limit) = (Some(Api::Operations), query.list.limit);
        let (targets, more) = self.webhooks_with_queues(organization, api, query.after.as_ref(), limit).await?;
        let items = targets.iter().map(|(target, queue)| TargetBody::new(target, queue)).collect();
        let next = targets.last().filter(|_| more).map(|(last, _)| query.list.cursor(&last.key));
        Ok(ListBody { items, next })
    }

    /// Creates a target as a request's body says, and returns it with its secret. Needs the same permissions as
    /// [`App::create_webhook`].
    ///
    /// # Errors
    ///
    /// 400 if the body is not valid, 409 if the organization has as many targets as it may, and the failures of the store.
    pub async fn create_target(
        &self,
        request: &Request,
        caller: &Caller,
        body: &Value,
    ) -> Result<Webhook, OperationsFailure> {
        let new = TargetRequest::parse_new(body, &Places::of(request, &caller.organization))?;
        let (store, organization) = (&self.store, caller.organization.id.clone());
        let target = new.target(organization, new_target_key(store), store.random(), store.clock().now())?;
        match self.create_webhook(request, caller, &target).await? {
            Creation::Created => Ok(target),
            Creation::LimitReached(limit) => Err(OperationsFailure::too_many(limit)),
            // Several targets may have one URL.
            Creation::DuplicateUrl => Err(OperationsFailure::Internal),
        }
    }

    /// Changes the target as a request's body says, and returns it. Needs the same permissions as
    /// [`App::change_webhook`].
    ///
    /// # Errors
    ///
    /// 400 if the body is not valid, 404 if the target was deleted meanwhile, and the failures of the store.
    pub async fn change_target(
        &self,
        request: &Request,
        organization: &Organization,
        target: &Webhook,
        body: &Value,
    ) -> Result<Webhook, OperationsFailure> {
        let change = TargetRequest::parse_change(body, target, &Places::of(request, organization))?;
        let now = self.store.clock().now();
        let changed = self.change_webhook(&organization.id, &target.key, |target| {
            change.apply(target, now);
            Ok::<_, OperationsFailure>(())
        });
        changed.await?.ok_or(OperationsFailure::NotFound)
    }

    /// Reads the target's queue, and shows the target. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn target_body(&self, target: &Webhook) -> Result<TargetBody, StoreError> {
        let queue = self.store.queue(&queue_key(&target.organization, &target.key)).await?;
        Ok(TargetBody::new(target, &queue))
    }
}
