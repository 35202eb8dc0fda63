//! What each page reads, and what each form does, one file each.

pub(crate) mod delivery;
pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod new_url;
pub(crate) mod new_webhook;
pub(crate) mod overview;
pub(crate) mod resend;
pub(crate) mod secret;
pub(crate) mod state;
pub(crate) mod targets;
pub(crate) mod test;
pub(crate) mod webhook;
pub(crate) mod webhooks;

use shared::{
    api::operations::OperationsFailure,
    domain::{Permission, Webhook},
    http::Reply,
};

use crate::{
    failure::Failure,
    reply::redirect,
    view::{Frame, Notice},
};

/// Goes on to the page at this path, which says what was done.
fn done(frame: &Frame, path: &str, notice: Notice) -> Reply {
    redirect(format!("{}?done={}", frame.link(path), notice.name()))
}

/// Refuses a form to a visitor who may not send it.
fn only_for_writers(frame: &Frame) -> Result<(), Failure> {
    if frame.may_change() {
        Ok(())
    } else {
        Err(OperationsFailure::PermissionDenied(Permission::OperationsWrite).into())
    }
}

/// The path of a webhook's page.
fn page_of(webhook: &Webhook) -> String {
    format!("/webhooks/{}", webhook.key)
}
