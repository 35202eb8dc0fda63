//! What a page says was just done, after the form that did it.

/// What was just done. The query of the page names it, so it says nothing that a forged link could use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Delivery was stopped.
    Paused,
    /// Delivery goes on after a pause.
    Unpaused,
    /// Delivery goes on after a suspension.
    Unsuspended,
    /// One delivery is sent again.
    Resent,
    /// Many deliveries are sent again.
    Resending,
    /// A delivery or a target was deleted.
    Deleted,
    /// Something was created.
    Created,
    /// Something was changed.
    Saved,
    /// An event was published.
    Published,
    /// The visitor has left.
    Left,
}

impl Notice {
    const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::Paused, "paused", "Paused. Events are kept until you resume."),
        (Self::Unpaused, "unpaused", "Resumed. What was kept is being delivered."),
        (Self::Unsuspended, "unsuspended", "Resumed. The next attempt is being made."),
        (Self::Resent, "resent", "The delivery is queued again."),
        (Self::Resending, "resending", "The deliveries are being queued again, oldest first."),
        (Self::Deleted, "deleted", "Deleted."),
        (Self::Created, "created", "Created."),
        (Self::Saved, "saved", "Saved."),
        (Self::Published, "published", "Published. It takes a moment until it arrives."),
        (Self::Left, "left", "You have left. The session has ended."),
    ];

    /// The notice with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(notice, ..)| notice)
    }

    /// Its name in a query.
    pub(crate) fn name(self) -> &'static str {
        self.entry().1
    }

    /// What it says.
    pub(crate) fn text(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        Self::ALL.into_iter().find(|(notice, ..)| *notice == self).unwrap_or((self, "", ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_found_by_its_name() {
        for (notice, name, text) in Notice::ALL {
            assert_eq!(Notice::parse(name), Some(notice));
            assert_eq!((notice.name(), notice.text()), (name, text));
        }
        assert_eq!(Notice::parse("x"), None);
    }
}
