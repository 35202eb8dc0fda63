//! `POST /api/v2/webhooks/{webhook_id}/test/`: sends a test message and answers with the endpoint's reply.

use shared::{
    api::{
        common::AttemptBody,
        sdelements::{Role, SdElementsFailure},
    },
    app::{App, TestFailure},
    http::{Reply, Request},
};

async fn test(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let sent = app.send_test(&webhook).await.map_err(|failure| match failure {
        TestFailure::Busy => SdElementsFailure::Throttled(5),
        TestFailure::Unsendable => SdElementsFailure::Internal,
        TestFailure::Store(error) => error.into(),
    });
    let (_, attempt) = sent?;
    Ok(Reply::json(200, &AttemptBody::from(&attempt)))
}

shared::serve!(test, shared::api::sdelements::rendered);
