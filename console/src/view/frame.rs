//! What is around every page.

use shared::domain::{Secret, Timestamp};

use super::Notice;
use crate::place::Place;

/// What is around every page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// Where the console is.
    pub(crate) place: Place,
    /// The present time.
    pub(crate) now: Timestamp,
    /// Who visits; `None` without a session.
    pub(crate) visitor: Option<Visitor>,
    /// Whether the menu is shown, because somebody has entered.
    pub(crate) entered: bool,
    /// What was just done.
    pub(crate) notice: Option<Notice>,
}

impl Frame {
    /// The link to the page at this path below the console.
    pub(crate) fn link(&self, path: &str) -> String {
        self.place.link(path)
    }

    /// Whether the visitor may change anything.
    pub(crate) fn may_change(&self) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.may_change)
    }

    /// The token that the visitor's forms carry.
    pub(crate) fn form_token(&self) -> &str {
        self.visitor.as_ref().map_or("", |visitor| visitor.form_token.expose())
    }
}

/// Who visits.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// The name of the organization.
    pub(crate) organization: String,
    /// The user.
    pub(crate) user: String,
    /// Whether the visitor may change anything.
    pub(crate) may_change: bool,
    /// The token that the visitor's forms carry.
    pub(crate) form_token: Secret,
}

/// The part of the console that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// How everything is doing.
    Overview,
    /// Webhooks and their deliveries.
    Webhooks,
    /// Events.
    Events,
    /// Notification targets.
    Notifications,
    /// None of these.
    None,
}

impl Section {
    /// The parts with their names and paths, in the order of the menu.
    pub(crate) const MENU: [(Self, &'static str, &'static str); 4] = [
        (Self::Overview, "Overview", ""),
        (Self::Webhooks, "Webhooks", "/webhooks"),
        (Self::Events, "Events", "/events"),
        (Self::Notifications, "Notifications", "/notifications"),
    ];
}
