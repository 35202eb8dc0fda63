//! Replacing a signing secret without a moment in which the receiver can verify nothing: for a while both sign.

use std::io::Write;

use shared::{
    delivery::standard_webhooks,
    domain::{OrganizationId, Webhook, WebhookKey},
    store::{Changed, Store},
};

use crate::failure::BoxError;

/// Adds a secret before the existing one, and shows it.
pub(crate) async fn add(
    store: &Store,
    output: &mut dyn Write,
    id: &OrganizationId,
    key: &WebhookKey,
) -> Result<(), BoxError> {
    let secret = standard_webhooks::generate(store.random());
    change(store, id, key, |webhook| match webhook.endpoint.signing_secrets.len() {
        0 => Err("it signs nothing, so that there is no secret to replace"),
        1 => {
            webhook.endpoint.signing_secrets.insert(0, secret.clone());
            Ok(())
        }
        _ => Err("its secret is being replaced already; --finish ends that"),
    })
    .await?;
    Ok(writeln!(
        output,
        "{}\nThis secret is shown once. Deliveries are signed with both until `rotate-secret {id} {key} --finish`.",
        secret.expose()
    )?)
}

/// Drops all secrets but the newest.
pub(crate) async fn finish(
    store: &Store,
    output: &mut dyn Write,
    id: &OrganizationId,
    key: &WebhookKey,
) -> Result<(), BoxError> {
    change(store, id, key, |webhook| {
        if webhook.endpoint.signing_secrets.len() < 2 {
            return Err("its secret is not being replaced");
        }
        webhook.endpoint.signing_secrets.truncate(1);
        Ok(())
    })
    .await?;
    Ok(writeln!(output, "Deliveries are signed with the new secret alone.")?)
}

async fn change(
    store: &Store,
    id: &OrganizationId,
    key: &WebhookKey,
    mut change: impl FnMut(&mut Webhook) -> Result<(), &'static str> + Send,
) -> Result<(), BoxError> {
    let mut refusal = "";
    let mut decide = |webhook: &mut Webhook| match change(webhook) {
        Ok(()) => true,
        Err(why) => {
            refusal = why;
            false
        }
    };
    match store.change_webhook(id, key, &mut decide).await? {
        Changed::Done { .. } => Ok(()),
        Changed::Missing => Err(format!("organization {id} has no webhook {key}").into()),
        Changed::Refused => Err(format!("webhook {key} stays as it is: {refusal}").into()),
    }
}
