//! `POST /operations/portal`: makes a link that enters the console once, within five minutes, as the user that is named.

use shared::{
    api::operations::{OperationsFailure, Permitted, PortalBody, PortalRequest, parse_body, portal_url},
    app::App,
    domain::Ticket,
    http::{Reply, Request},
};

async fn create(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let PortalRequest { user, permissions, session } = PortalRequest::parse(&parse_body(request)?, &caller)?;
    let (issuer, store) = (&caller.token, &app.store);
    let (text, ticket) = Ticket::issue(issuer, &user, &permissions, session, store.random(), store.clock().now());
    store.put_ticket(&ticket).await?;
    Ok(Reply::json(201, &PortalBody { url: portal_url(request, &text) }))
}

shared::serve!(create);
