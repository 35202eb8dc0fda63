//! Pauses webhooks and resumes them, as the operations API does.

use serde_json::{Value, to_value};
use shared::{
    domain::{OrganizationId, Timestamp, TooSoon, Webhook, WebhookKey},
    store::StoreError,
};

use crate::{
    arguments::Owner,
    failure::{BoxError, missing_webhook},
    screen::{Screen, lines},
    stack::Stack,
};

/// A change of a webhook's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Pause,
    Unpause,
    Unsuspend,
}

impl Change {
    fn apply(self, webhook: &mut Webhook, now: Timestamp) -> Result<(), TooSoon> {
        match self {
            Self::Pause => webhook.pause(now),
            Self::Unpause => webhook.unpause(now)?,
            Self::Unsuspend => webhook.unsuspend(),
        }
        Ok(())
    }
}

/// Why the state was not changed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the webhook was unpaused a moment ago; try again in {} s", .0.seconds)]
    TooSoon(#[from] TooSoon),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes the state and shows the webhook.
pub(crate) async fn change(
    stack: &Stack,
    screen: &mut Screen<'_>,
    owner: &Owner,
    key: &WebhookKey,
    change: Change,
) -> Result<(), BoxError> {
    let id = stack.organization_id(owner)?;
    let webhook = changed(stack, &id, key, change).await?;
    let body = stack.app.webhook_body(&webhook).await?;
    let shown = to_value(&body)?;
    let text = |name: &str| match &shown[name] {
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    let names = ["id", "name", "endpoint", "state", "reason", "since", "oldest_queued", "next_attempt"];
    screen.result(&body, lines(&names.map(|name| (name, text(name)))))
}

async fn changed(stack: &Stack, id: &OrganizationId, key: &WebhookKey, change: Change) -> Result<Webhook, BoxError> {
    let now = stack.store().clock().now();
    let changed = stack.app.change_webhook(id, key, |webhook| change.apply(webhook, now).map_err(Refusal::from)).await;
    changed?.ok_or_else(|| missing_webhook(id, key))
}
