//! The event sources of SD Elements' event configurations.

use strum::VariantArray;

use super::Pattern;

/// An event source to which an SD Elements event configuration subscribes a webhook. Source: docs/apis/sdelements.md.
///
/// To add one, follow "Add an event source" in `docs/contributing.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum EventSource {
    /// A project was created.
    CreatedProjectActivity,
}

impl EventSource {
    /// All event sources, in the order of SD Elements' documents.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The source's name in requests and replies, which is also the type of its events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreatedProjectActivity => "CreatedProjectActivity",
        }
    }

    /// The source with this name; `None` for an event type to which no event configuration can subscribe.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.as_str() == name)
    }
}

impl From<EventSource> for Pattern {
    fn from(source: EventSource) -> Self {
        Self::Exact(source.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_is_read_by_its_name_and_by_nothing_else() {
        for &source in EventSource::ALL {
            assert_eq!(EventSource::parse(source.as_str()), Some(source));
            assert_eq!(EventSource::parse(&source.as_str().to_lowercase()), None);
        }
        assert_eq!(EventSource::parse(""), None);
    }
}
