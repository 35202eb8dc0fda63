//! Links that enter the console as a user.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::OperationsFailure;
use crate::{
    api::common::{Object, Problems, REQUIRED},
    domain::{Caller, Permission},
    http::Request,
};

/// How long a session that a link begins may last, at most: 8 hours.
pub(super) const LONGEST_SESSION_S: u64 = 8 * 3_600;

/// The longest name of a user, in characters.
pub(super) const LONGEST_USER: usize = 200;

/// A request for a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalRequest {
    /// The user as whom the link enters.
    pub user: String,
    /// What the user may do there.
    pub permissions: Vec<Permission>,
    /// How long the session lasts.
    pub session: Duration,
}

impl PortalRequest {
    /// Parses a body: `user` (required), `permissions` (`operations:read` by default; only what the caller may do too, at
    /// least one)
    /// and `expires_in`, the length of the session in seconds (8 hours by default and at most).
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid, missing or unknown member.
    pub fn parse(body: &Value, caller: &Caller) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let object = Object::body(body)?;
        object.allow_only(&["user", "permissions", "expires_in"], &mut problems);
        let user = object.text("user", &mut problems).unwrap_or_default();
        let printable = user.bytes().all(|byte| byte.is_ascii_graphic());
        if user.is_empty() {
            problems.add("user", REQUIRED);
        } else if user.len() > LONGEST_USER || !printable {
            problems.add("user", format!("must have 1 to {LONGEST_USER} visible ASCII characters"));
        }
        let permissions = object.texts("permissions", &mut problems);
        let names = permissions.unwrap_or_else(|| vec![Permission::OperationsRead.as_str()]);
        let known: Vec<_> = names.iter().filter_map(|name| Permission::parse(name)).collect();
        let permissions: Vec<_> = Permission::ALL.iter().copied().filter(|one| known.contains(one)).collect();
        if known.len() != names.len() || !permissions.iter().all(|permission| caller.may(*permission)) {
            problems.add("permissions", "must be permissions that you have yourself");
        } else if permissions.is_empty() {
            problems.add("permissions", "must have at least one");
        }
        let seconds = object.integer("expires_in", 60..=LONGEST_SESSION_S, &mut problems);
        let session = Duration::from_secs(seconds.unwrap_or(LONGEST_SESSION_S));
        problems.finish(Self { user: user.to_owned(), permissions, session })
    }
}

/// A link that enters the console once, within five minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "PortalLink"))]
pub struct PortalBody {
    /// The link. Whoever has it can enter.
    pub url: String,
}

/// The address of the console with this ticket, below the address at which this request arrived.
#[must_use]
pub fn portal_url(request: &Request, ticket: &str) -> String {
    let base = request.url.trim_end_matches('/').strip_suffix("/operations/portal").unwrap_or(&request.url);
    format!("{base}/console/enter?ticket={ticket}")
}
