//! Ids of organizations, projects and webhooks in paths: 24 hex digits, in upper or lower case.

use super::AkinonFailure;
use crate::{
    domain::{Api, Caller, Timestamp, Webhook, WebhookKey},
    encoding::hex,
    http::Request,
    validation::object_id,
};

/// Makes the key of a new webhook in the way MongoDB makes ids: the time in seconds as 8 hex digits, then 16 random
/// ones.
#[must_use]
pub fn new_key(now: Timestamp, random: [u8; 8]) -> WebhookKey {
    // Unix seconds fit into 32 bits until 2106. After that, ids need not be in order.
    let seconds = u32::try_from(now.seconds()).unwrap_or(u32::MAX);
    WebhookKey { api: Api::Akinon, id: hex(&seconds.to_be_bytes()) + &hex(&random) }
}

/// Returns the project in the path segment `projectId`, after checking that `organizationId` is the caller's
/// organization. Outhook does not know which projects exist: each has the webhooks that were created in it.
///
/// # Errors
///
/// 404 if a segment is not a valid id, or if the organization is not the caller's.
pub fn project(caller: &Caller, request: &Request) -> Result<String, AkinonFailure> {
    let organization = object_id::parse(request.path_param("organizationId"));
    if organization.as_ref() != Some(&caller.organization.akinon_organization) {
        return Err(AkinonFailure::NotFound);
    }
    object_id::parse(request.path_param("projectId")).ok_or(AkinonFailure::NotFound)
}

/// Returns the key of the webhook in the path segment `webhookId`. Use [`belongs_to`] to check that the webhook is in
/// the path's project.
///
/// # Errors
///
/// 404 if the segment is not a valid id.
pub fn webhook(request: &Request) -> Result<WebhookKey, AkinonFailure> {
    let id = object_id::parse(request.path_param("webhookId")).ok_or(AkinonFailure::NotFound)?;
    Ok(WebhookKey { api: Api::Akinon, id })
}

/// Returns whether the webhook was created in this project.
#[must_use]
pub fn belongs_to(webhook: &Webhook, project: &str) -> bool {
    webhook.project.as_deref() == Some(project)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Path;

    #[test]
    fn ids_are_made_of_time_and_chance() {
        let key = new_key(Timestamp(0x665f_1c2a_i64 * 1000 + 999), [0xb7; 8]);
        assert_eq!(key.id, "665f1c2ab7b7b7b7b7b7b7b7");
        assert_eq!(object_id::parse(&new_key(Timestamp(i64::MAX), [0; 8]).id).map(|id| id.len()), Some(24));
    }

    #[test]
    fn webhooks_are_named_in_either_case() {
        let at = |id: &str| {
            let path = Path::from(format!("/organizations/o/projects/p/settings/webhooks/{id}").as_str());
            webhook(&Request { path, ..Request::default() }).map(|key| key.id)
        };
        assert_eq!(at("665F1C2AB7E9D0A1B2C3D4E5"), Ok("665f1c2ab7e9d0a1b2c3d4e5".to_owned()));
        assert_eq!(at("1"), Err(AkinonFailure::NotFound));
        assert_eq!(at("%3665f1c2ab7e9d0a1b2c3d4e5"), Err(AkinonFailure::NotFound));
    }
}
