//! Which webhook a request is about, and who may see it.

use super::FlipFailure;
use crate::{
    domain::{Api, Caller, Webhook, WebhookKey},
    encoding::uuid,
    http::Request,
    validation,
};

/// The key of a new webhook: a random uuid.
#[must_use]
pub fn new_key(random: [u8; 16]) -> WebhookKey {
    WebhookKey { api: Api::Flip, id: uuid(random) }
}

/// The webhook named by the segment `webhook_id`, checked as it stands in the path.
///
/// # Errors
///
/// 404 for what is not a uuid.
pub fn webhook(request: &Request) -> Result<WebhookKey, FlipFailure> {
    let id = request.path_param("webhook_id");
    if !validation::uuid::is_canonical(id) {
        return Err(FlipFailure::WebhookNotFound);
    }
    Ok(WebhookKey { api: Api::Flip, id: id.to_owned() })
}

/// Whether the caller is allowed to see the webhook: the user who registered it is. Flip's documents: "Lists all webhooks that were
/// registered for the current user".
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
