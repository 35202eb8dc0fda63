//! The caller of a request.

use super::{Organization, Permission, Token};

/// The caller of a request: a user of an organization, with the permissions of the token.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The organization for which the token acts.
    pub organization: Organization,
    /// The token with which the caller authenticated.
    pub token: Token,
}

impl Caller {
    /// Whether the caller has this permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.token.permissions.contains(&permission)
    }

    /// Whether the caller may publish events: a producer (`events:write`), or a super user, who may do everything in SD
    /// Elements' API.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        self.may(Permission::EventsWrite) || self.may(Permission::SuperUser)
    }
}
