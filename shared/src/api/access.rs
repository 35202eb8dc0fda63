//! What an API asks of those who call a route of it.

use crate::{
    domain::{Caller, Webhook, WebhookKey},
    http::Request,
    store::StoreError,
};

/// Who may call a route. An API says where a request carries its key and what the caller needs; the app looks the caller up, and
/// checks in the order of these methods.
pub trait Access: Copy + Send + Sync {
    /// How the API answers a request that is refused.
    type Failure: From<StoreError> + Send;

    /// The key that the request carries.
    ///
    /// # Errors
    ///
    /// Without one.
    fn key(request: &Request) -> Result<&str, Self::Failure>;

    /// How a key is answered that nobody has, or that is revoked or expired.
    fn unknown() -> Self::Failure;

    /// Whether the caller may call the route.
    ///
    /// # Errors
    ///
    /// If not, or if the path names an organization that is not the caller's.
    fn check(&self, caller: &Caller, request: &Request) -> Result<(), Self::Failure>;

    /// The webhook that the path names.
    ///
    /// # Errors
    ///
    /// When the path holds no id of a webhook.
    fn webhook(request: &Request) -> Result<WebhookKey, Self::Failure>;

    /// The webhook that was found, if there is one that the caller may see.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn visible(&self, found: Option<Webhook>, caller: &Caller, request: &Request) -> Result<Webhook, Self::Failure>;
}
