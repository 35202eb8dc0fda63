//! Pages as pure functions of what they show, one file each.

pub(crate) mod confirm;
pub(crate) mod delivery;
pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod failure;
mod frame;
pub(crate) mod layout;
pub(crate) mod new_url;
pub(crate) mod new_webhook;
mod notice;
pub(crate) mod overview;
mod parts;
pub(crate) mod resend;
pub(crate) mod secret;
pub(crate) mod sent;
pub(crate) mod target;
pub(crate) mod targets;
pub(crate) mod test;
pub(crate) mod webhook;
pub(crate) mod webhooks;

#[cfg(test)]
mod tests;

pub(crate) use frame::{Frame, Section, Visitor};
pub(crate) use notice::Notice;
pub(crate) use parts::query;
