//! `POST /operations/webhooks/{webhook_id}/resend`: resends the deliveries that finished in a state and a span of time, or only
//! counts them; drain paces them.

use shared::{
    api::operations::{OperationsFailure, Permitted, ResendRequest, parse_body},
    app::App,
    http::{Reply, Request},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Writer).await?;
    let wanted = ResendRequest::parse(&parse_body(request)?, app.store.clock().now())?;
    Ok(Reply::json(202, &app.resend_many(&webhook, &wanted).await?))
}

shared::serve!(resend);
