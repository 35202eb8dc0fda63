//! Who is calling.

use super::{Organization, Permission, Token};

/// Who is calling: a user of an organization with permissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The organization, with its flags.
    pub organization: Organization,
    /// The token.
    pub token: Token,
}

impl Caller {
    /// Whether the token's user has that permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.token.permissions.contains(&permission)
    }

    /// Whether the token's user may publish events: a producer, or a super user, who may do all that SD Elements' API has.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        self.may(Permission::EventsWrite) || self.may(Permission::SuperUser)
    }
}
