//! Finds the webhook that a request names, and decides who may see it.

use super::FlipFailure;
use crate::{
    domain::{Api, Caller, Webhook, WebhookKey},
    encoding::uuid,
    http::Request,
    validation,
};

/// Makes the key of a new webhook: a random UUID.
#[must_use]
pub fn new_key(random: [u8; 16]) -> WebhookKey {
    WebhookKey { api: Api::Flip, id: uuid(random) }
}

/// Returns the key of the webhook in the path segment `webhook_id`. The segment is checked without percent-decoding.
///
/// # Errors
///
/// 404 if the segment is not a UUID in its canonical form.
pub fn webhook(request: &Request) -> Result<WebhookKey, FlipFailure> {
    let id = request.path_param("webhook_id");
    if !validation::uuid::is_canonical(id) {
        return Err(FlipFailure::WebhookNotFound);
    }
    Ok(WebhookKey { api: Api::Flip, id: id.to_owned() })
}

/// Returns whether the caller may see the webhook. Only the user who registered it may. Flip's documents: "Lists all
/// webhooks that were registered for the current user".
#[must_use]
pub fn owned_by(webhook: &Webhook, caller: &Caller) -> bool {
    webhook.owner.as_ref() == Some(&caller.token.user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Path;

    #[test]
    fn only_uuids_name_webhooks() {
        let key = new_key([7; 16]);
        for (segment, wanted) in [(key.id.as_str(), Ok(key.clone())), ("1", Err(FlipFailure::WebhookNotFound))] {
            let path = Path::from(format!("/api/webhooks/v4/webhooks/{segment}/pause/").as_str());
            let request = Request { path, ..Request::default() };
            assert_eq!(webhook(&request), wanted);
        }
    }
}
