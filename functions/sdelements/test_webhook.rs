//! `POST /api/v2/webhooks/{webhook_id}/test/`: sends a test message and answers with the endpoint's reply.

use std::sync::OnceLock;

use shared::{
    api::sdelements::{AttemptBody, Role, SdElementsFailure},
    app::App,
    delivery::{Form, HttpSender, SenderOptions, Wake, send_test, slack, slack_post},
    http::{Reply, Request},
    store::queue_key,
};

/// Made by the first request: a client costs milliseconds.
static SENDER: OnceLock<HttpSender> = OnceLock::new();

async fn test(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let sender = sender()?;
    let (form, queue) = (Form::of(&webhook), queue_key(&webhook.organization, &webhook.key));
    let post = slack_post(&webhook, slack::test_message(&webhook.name, app.store.clock().now()));
    let sent = send_test(&app.store, sender, &queue, form.pace(), &post).await?;
    // Whatever came meanwhile found the queue taken.
    app.waker.wake(&[queue]).await;
    let (attempt, _) = sent.ok_or(SdElementsFailure::Throttled(5))?;
    Ok(Reply::json(200, &AttemptBody::from(&attempt)))
}

fn sender() -> Result<&'static HttpSender, SdElementsFailure> {
    if let Some(sender) = SENDER.get() {
        return Ok(sender);
    }
    let sender = HttpSender::new(SenderOptions::from_env()).map_err(|_| SdElementsFailure::Internal)?;
    Ok(SENDER.get_or_init(|| sender))
}

shared::serve!(test, shared::api::sdelements::rendered);
