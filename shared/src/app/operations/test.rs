//! Sending a test to a webhook of any API.

use std::sync::OnceLock;

use crate::{
    api::{
        common::AttemptBody,
        operations::{OperationsFailure, SentRequest, TestBody},
    },
    app::App,
    delivery::{Form, HttpSender, Post, SenderOptions, Wake as _, post_once, send_test, slack, slack_post},
    domain::{Attempt, Event, JsonText, Webhook},
    store::{StoreError, queue_key},
};

/// Made by the first request: a client costs milliseconds.
static SENDER: OnceLock<HttpSender> = OnceLock::new();

/// The type of the event of a test. It is one that producers cannot publish.
const TEST_TYPE: &str = "outhook.test";

/// Why a test could not be sent.
#[derive(Debug)]
pub enum TestFailure {
    /// A worker is delivering to the webhook at the moment.
    Busy,
    /// The message cannot be made: a signing secret is malformed.
    Unsendable,
    /// DynamoDB does not answer.
    Store(StoreError),
}

impl From<StoreError> for TestFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TestFailure> for OperationsFailure {
    fn from(failure: TestFailure) -> Self {
        match failure {
            TestFailure::Busy => Self::TooSoon(5),
            TestFailure::Unsendable => Self::Conflict("The message cannot be signed.".to_owned()),
            TestFailure::Store(error) => error.into(),
        }
    }
}

impl App {
    /// Sends a test to the webhook in its own form, under the lease of its queue. Returns what was sent and the
    /// attempt. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// A [`TestFailure`].
    pub async fn send_test(&self, webhook: &Webhook) -> Result<(Post, Attempt), TestFailure> {
        let sender = sender().ok_or(TestFailure::Unsendable)?;
        let (form, queue) = (Form::of(webhook), queue_key(&webhook.organization, &webhook.key));
        let post = self.test_post(webhook, form).ok_or(TestFailure::Unsendable)?;
        let sent = send_test(&self.store, sender, &queue, form.pace(), &post).await?;
        // Whatever came meanwhile found the queue taken.
        self.waker.wake(&[queue]).await;
        let (attempt, _) = sent.ok_or(TestFailure::Busy)?;
        Ok((post, attempt))
    }

    /// Sends a test to a webhook that is not stored yet, without a lease, because no worker can know it.
    ///
    /// # Errors
    ///
    /// [`TestFailure::Unsendable`].
    pub async fn try_out(&self, webhook: &Webhook) -> Result<TestBody, TestFailure> {
        let sender = sender().ok_or(TestFailure::Unsendable)?;
        let post = self.test_post(webhook, Form::of(webhook)).ok_or(TestFailure::Unsendable)?;
        let attempt = post_once(&self.store, sender, &post).await;
        Ok(TestBody { request: SentRequest::from(&post), attempt: AttemptBody::from(&attempt) })
    }

    /// What the webhook, which need not be stored yet, would get of this event. `None` if the message cannot be made.
    #[must_use]
    pub fn preview(&self, webhook: &Webhook, event: &Event) -> Option<SentRequest> {
        let post = Form::of(webhook).compose(webhook, &[event], self.store.clock().now()).ok()?;
        Some(SentRequest::from(&post))
    }

    /// The result of [`App::send_test`] as the operations API shows it.
    ///
    /// # Errors
    ///
    /// Those of [`App::send_test`].
    pub async fn test_body(&self, webhook: &Webhook) -> Result<TestBody, OperationsFailure> {
        let (post, attempt) = self.send_test(webhook).await?;
        Ok(TestBody { request: SentRequest::from(&post), attempt: AttemptBody::from(&attempt) })
    }

    fn test_post(&self, webhook: &Webhook, form: Form) -> Option<Post> {
        let now = self.store.clock().now();
        if form == Form::Slack {
            return Some(slack_post(webhook, slack::test_message(&webhook.name, now)));
        }
        let text = "This is a test. Nothing has happened.";
        let data = JsonText::of(&serde_json::json!({"test": true, "message": text})).ok()?;
        let event = Event::new(self.store.new_ulid(), webhook.organization.clone(), TEST_TYPE.to_owned(), now, data);
        form.compose(webhook, &[&event], now).ok()
    }
}

fn sender() -> Option<&'static HttpSender> {
    if let Some(sender) = SENDER.get() {
        return Some(sender);
    }
    let sender = HttpSender::new(SenderOptions::from_env()).ok()?;
    Some(SENDER.get_or_init(|| sender))
}
