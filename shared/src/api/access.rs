//! The checks that an API makes before one of its routes runs.

use crate::{
    domain::{Caller, Webhook, WebhookKey},
    http::Request,
    store::StoreError,
};

/// Decides who may call a route. An API says where a request carries its key and what the caller needs. The app looks
/// the caller up and makes the checks in the order of these methods.
pub trait Access: Copy + Send + Sync {
    /// The API's error type, with which it answers a refused request.
    type Failure: From<StoreError> + Send;

    /// Returns the key that the request carries.
    ///
    /// # Errors
    ///
    /// If the request has no usable key.
    fn key(request: &Request) -> Result<&str, Self::Failure>;

    /// The answer to a key that is unknown, revoked or expired.
    fn unknown() -> Self::Failure;

    /// Checks that the caller may call the route.
    ///
    /// # Errors
    ///
    /// If the caller may not, or if the path names an organization other than the caller's.
    fn check(&self, caller: &Caller, request: &Request) -> Result<(), Self::Failure>;

    /// Returns the key of the webhook that the path names.
    ///
    /// # Errors
    ///
    /// If the path contains no valid webhook id.
    fn webhook(request: &Request) -> Result<WebhookKey, Self::Failure>;

    /// Returns the webhook that was found if the caller may see it.
    ///
    /// # Errors
    ///
    /// If no webhook was found, or the caller may not see it.
    fn visible(&self, found: Option<Webhook>, caller: &Caller, request: &Request) -> Result<Webhook, Self::Failure>;
}
