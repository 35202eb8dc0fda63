//! Replacing a signing secret without a moment in which the receiver can verify nothing: for a while both sign.

use std::time::Duration;

use serde_json::json;
use shared::{
    delivery::standard_webhooks,
    domain::{OrganizationId, Webhook, WebhookKey},
    store::{Changed, Store},
};

use crate::{
    failure::{BoxError, missing_webhook},
    screen::Screen,
};

/// Replaces the secret and shows the new one. The old one goes on signing beside it for that many hours.
pub(crate) async fn rotate(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    key: &WebhookKey,
    overlap_hours: u16,
) -> Result<(), BoxError> {
    let secret = standard_webhooks::generate(store.random());
    let (now, overlap) = (store.clock().now(), Duration::from_secs(u64::from(overlap_hours) * 3_600));
    let mut alone = now;
    change(store, id, key, |webhook| {
        alone = webhook.endpoint.rotate(secret.clone(), overlap, now).map_err(|refusal| refusal.to_string())?;
        Ok(())
    })
    .await?;
    let until = match overlap {
        Duration::ZERO => "Deliveries are signed with it alone.".to_owned(),
        _ => format!("Deliveries are signed with both until {alone} or `rotate-secret {id} {key} --finish`."),
    };
    let body = json!({
        "signing_secret": secret.expose(),
        "old_secret_valid_until": (!overlap.is_zero()).then(|| alone.to_string()),
    });
    screen.result(&body, format!("{}\nThis secret is shown once. {until}\n", secret.expose()))
}

/// Ends the old secret before its time.
pub(crate) async fn finish(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    key: &WebhookKey,
) -> Result<(), BoxError> {
    let now = store.clock().now();
    change(store, id, key, |webhook| {
        let ended = webhook.endpoint.end_previous_secret(now);
        ended.then_some(()).ok_or_else(|| "its secret is not being replaced".to_owned())
    })
    .await?;
    screen.result(&json!({"finished": key.to_string()}), "Deliveries are signed with the new secret alone.\n")
}

async fn change(
    store: &Store,
    id: &OrganizationId,
    key: &WebhookKey,
    mut change: impl FnMut(&mut Webhook) -> Result<(), String> + Send,
) -> Result<(), BoxError> {
    let mut refusal = String::new();
    let mut decide = |webhook: &mut Webhook| match change(webhook) {
        Ok(()) => true,
        Err(why) => {
            refusal = why;
            false
        }
    };
    match store.change_webhook(id, key, &mut decide).await? {
        Changed::Done { .. } => Ok(()),
        Changed::Missing => Err(missing_webhook(id, key)),
        Changed::Refused => Err(format!("webhook {key} stays as it is: {refusal}").into()),
    }
}
