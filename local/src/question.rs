//! The query of `GET /messages?path=PATH&wait=SECONDS`: which of the messages that arrived to list.

use std::time::Duration;

/// The longest wait for a message.
const MOST: Duration = Duration::from_secs(60);

/// A question for messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    /// The path at which they arrived, without its query. Any path if absent.
    path: Option<String>,
    /// How long to wait for the first one.
    pub(crate) wait: Duration,
}

impl Question {
    /// Reads a query. Unknown parameters are ignored.
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let mut question = Self::default();
        for (name, value) in query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "path" => question.path = Some(value.replace("%2F", "/")),
                "wait" => question.wait = Duration::from_secs(value.parse().unwrap_or_default()).min(MOST),
                _ => {}
            }
        }
        question
    }

    /// The path that is asked for, if any.
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Asks for what arrived at that path, or anywhere.
    pub(crate) fn at(path: Option<String>) -> Self {
        Self { path, ..Self::default() }
    }

    /// Whether to list a message that arrived at this path, which may have a query.
    pub(crate) fn fits(&self, path: &str) -> bool {
        self.path.as_deref().is_none_or(|asked| path.split('?').next() == Some(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_a_path_and_how_long_it_waits() {
        let asked = Question::parse(Some("wait=30&path=/services/T/B/X"));
        assert_eq!(asked.wait, Duration::from_secs(30));
        assert!(asked.fits("/services/T/B/X") && asked.fits("/services/T/B/X?a=b"));
        assert!(!asked.fits("/services/T/B/Y") && !asked.fits("/services/T/B/X/"));
        assert_eq!(Question::parse(Some("path=%2Fa%2Fb")), Question::parse(Some("path=/a/b")));
    }

    #[test]
    fn without_a_query_everything_is_asked_for_at_once() {
        assert_eq!(Question::parse(None), Question::parse(Some("wait=x&other=1&&")));
        assert!(Question::default().fits("/any") && Question::default().wait.is_zero());
        assert_eq!(Question::parse(Some("wait=86400")).wait, MOST);
    }
}
