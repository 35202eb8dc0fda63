//! `POST /api/v2/webhooks/{webhook_id}/test/`: sends a message that says it is a test and answers with what the endpoint said.

use std::sync::OnceLock;

use shared::{
    api::sdelements::{AttemptBody, Failure, super_user, webhook},
    delivery::{Form, HttpSender, Post, SenderOptions, Wake, send_test, slack},
    http::{App, Reply, Request},
    store::{GetWebhook, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/test";

/// Made by the first request: a client costs milliseconds.
static SENDER: OnceLock<HttpSender> = OnceLock::new();

async fn test(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let found = app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let sender = sender()?;
    let (form, queue) = (Form::of(&found), queue_key(organization, &key));
    let post = Post::json(found.url.clone(), slack::test_message(&found.name, app.store.clock().now()));
    let sent = send_test(&app.store, sender, &queue, form.pace(), &post).await?;
    // Whatever came meanwhile found the queue taken.
    app.waker.wake(&[queue]).await;
    let (attempt, _) = sent.ok_or(Failure::Throttled(5))?;
    Ok(Reply::json(200, &AttemptBody::from(&attempt)))
}

fn sender() -> Result<&'static HttpSender, Failure> {
    if let Some(sender) = SENDER.get() {
        return Ok(sender);
    }
    let sender = HttpSender::new(SenderOptions::from_env()).map_err(|_| Failure::Internal)?;
    Ok(SENDER.get_or_init(|| sender))
}

shared::serve!(test);
