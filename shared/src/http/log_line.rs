//! The log line of each request: who did what to which webhook, from where, and with what result.

use std::time::Duration;

use super::{Reply, Request};

/// The method for the log: `other` for an unknown one, because a caller may have sent anything in its place.
fn method(text: &str) -> &str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    if known.contains(&text) { text } else { "other" }
}

/// Writes the log line of a request.
pub(crate) fn write(request: &Request, reply: &Reply, duration: Duration) {
    let (audit, actor) = (&request.audit, request.audit.actor.get());
    tracing::info!(
        http.request_id = request.id,
        http.method = method(request.method.as_str()),
        http.route = audit.route.as_deref(),
        http.status = reply.status,
        audit.outcome = outcome(reply.status),
        audit.organization = actor.map(|actor| actor.organization.as_str()),
        audit.token = actor.map(|actor| actor.token.as_str()),
        audit.user = actor.map(|actor| actor.user.as_str()),
        audit.webhook = audit.webhook.get().map(String::as_str),
        audit.address = audit.address.map(tracing::field::display),
        duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
}

/// The outcome for the log: `done`, `refused` (401, 403 and 404), `rejected` (other 4xx) or `failed` (5xx).
fn outcome(status: u16) -> &'static str {
    match status {
        ..400 => "done",
        401 | 403 | 404 => "refused",
        400..500 => "rejected",
        _ => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_follows_the_status() {
        let outcomes = [200, 204, 400, 401, 403, 404, 409, 429, 500, 503].map(outcome);
        let wanted = "done done rejected refused refused refused rejected rejected failed failed";
        assert_eq!(outcomes.join(" "), wanted);
    }
}
