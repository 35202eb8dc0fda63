//! Decides who may use this API. As in DRF, content negotiation, authentication and permissions are checked in that
//! order before a handler runs.

use super::{SdElementsFailure, negotiation, webhook};
use crate::{
    api::{
        Access,
        common::credentials::{self, Credentials},
    },
    domain::{Caller, Organization, Permission, Webhook, WebhookKey},
    http::{Request, Route},
};

/// What a caller must be to use a route. Other requests are refused with 406, 401 or 403, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A super user, of an organization with the feature flag `Webhooks`.
    SuperUser,
    /// A caller who may publish activities, of an organization with the feature flag `Webhooks`.
    ActivityPublisher,
    /// A caller who may publish events.
    EventPublisher,
    /// Anyone with a valid token.
    Anyone,
}

impl Role {
    /// Returns who may learn the methods of the route's path. As in DRF, a caller who may not use a view does not learn
    /// its methods.
    #[must_use]
    pub fn of_unserved(route: &Route) -> Self {
        match route.path {
            "/api/v2/projects/{project_id}/activities" => Self::ActivityPublisher,
            path if path.starts_with("/api/v2/") => Self::SuperUser,
            _ => Self::Anyone,
        }
    }
}

impl Access for Role {
    type Failure = SdElementsFailure;

    fn key(request: &Request) -> Result<&str, SdElementsFailure> {
        negotiation::check(request)?;
        key_of(credentials::of_any_bytes(request))
    }

    fn unknown() -> SdElementsFailure {
        SdElementsFailure::InvalidToken("Invalid token.")
    }

    fn check(&self, caller: &Caller, _: &Request) -> Result<(), SdElementsFailure> {
        let (permitted, needs_flag) = match self {
            Self::SuperUser => (caller.may(Permission::SuperUser), true),
            Self::ActivityPublisher => (caller.may_publish(), true),
            Self::EventPublisher => (caller.may_publish(), false),
            Self::Anyone => (true, false),
        };
        if !permitted {
            return Err(SdElementsFailure::PermissionDenied);
        }
        if needs_flag && !caller.organization.has_flag(Organization::WEBHOOKS_FLAG) {
            return Err(SdElementsFailure::FlagOff(Organization::WEBHOOKS_FLAG));
        }
        Ok(())
    }

    fn webhook(request: &Request) -> Result<WebhookKey, SdElementsFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, _: &Caller, _: &Request) -> Result<Webhook, SdElementsFailure> {
        found.ok_or(SdElementsFailure::NotFound)
    }
}

/// Returns the key, or DRF's error for other credentials (authentication.TokenAuthentication).
fn key_of(credentials: Credentials<'_>) -> Result<&str, SdElementsFailure> {
    match credentials {
        Credentials::None => Err(SdElementsFailure::NotAuthenticated),
        Credentials::NoKey => Err(SdElementsFailure::InvalidToken("Invalid token header. No credentials provided.")),
        Credentials::Spaces => {
            Err(SdElementsFailure::InvalidToken("Invalid token header. Token string should not contain spaces."))
        }
        Credentials::NotText => Err(SdElementsFailure::InvalidToken(
            "Invalid token header. Token string should not contain invalid characters.",
        )),
        Credentials::Key(key) => Ok(key),
    }
}
