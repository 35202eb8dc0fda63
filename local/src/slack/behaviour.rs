//! What a path is told to answer instead of what Slack would.

use std::collections::{BTreeMap, HashMap};

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;

/// The reply that a path is told to give.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behaviour {
    #[serde(default = "ok")]
    pub(super) status: u16,
    /// What Slack says, unless told otherwise, with a status of success; else nothing.
    body: Option<String>,
    #[serde(default)]
    pub(super) headers: HashMap<String, String>,
    #[serde(default)]
    pub(super) delay_ms: u64,
    times: Option<u64>,
}

fn ok() -> u16 {
    200
}

impl Behaviour {
    /// Reads JSON with any of status, body, headers, delay_ms and times; says what is wrong with any other text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let told: Self = serde_json::from_str(text).map_err(|error| {
            format!("wanted is JSON with any of status, body, headers, delay_ms and times: {error}")
        })?;
        if StatusCode::from_u16(told.status).is_err() {
            return Err("status: from 100 to 999".to_owned());
        }
        let bad = |(name, value): (&String, &String)| {
            HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err()
        };
        if told.headers.iter().any(bad) {
            return Err("headers: a name or a value that HTTP does not allow".to_owned());
        }
        Ok(told)
    }

    /// One that lasts until it is changed.
    pub(super) fn lasting(status: u16, body: &str, headers: &[(&str, &str)], delay_ms: u64) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { status, body: Some(body.to_owned()), headers, delay_ms, times: None }
    }

    /// The body of the reply.
    pub(super) fn text(&self) -> &str {
        let usual = if (200..300).contains(&self.status) { "ok" } else { "" };
        self.body.as_deref().unwrap_or(usual)
    }

    /// In words: `answers 429 with Retry-After: 10, after 5000 ms, once more`.
    pub(super) fn words(&self) -> String {
        let headers: BTreeMap<_, _> = self.headers.iter().collect();
        let mut words = format!("answers {}", self.status);
        for (at, (name, value)) in headers.into_iter().enumerate() {
            words += &format!("{} {name}: {value}", if at == 0 { " with" } else { "," });
        }
        if self.delay_ms > 0 {
            words += &format!(", after {} ms", self.delay_ms);
        }
        match self.times {
            None => {}
            Some(1) => words += ", once more",
            Some(times) => words += &format!(", {times} times more"),
        }
        words
    }
}

/// What each path is told to answer.
#[derive(Default)]
pub(super) struct Behaviours {
    told: HashMap<String, Behaviour>,
}

impl Behaviours {
    pub(super) fn tell(&mut self, path: &str, behaviour: Behaviour) {
        self.told.insert(path.to_owned(), behaviour);
    }

    /// From now on that path answers as usual.
    pub(super) fn forget(&mut self, path: &str) {
        self.told.remove(path);
    }

    /// The reply that the path, which may have a query, is told to give this time, if any.
    pub(super) fn next(&mut self, path: &str) -> Option<Behaviour> {
        let path = path.split('?').next().unwrap_or(path);
        let told = self.told.get_mut(path)?;
        match &mut told.times {
            Some(0) => {
                self.told.remove(path);
                None
            }
            Some(times) => {
                *times -= 1;
                Some(told.clone())
            }
            None => Some(told.clone()),
        }
    }

    /// Each path that will not answer as usual, with what it is told, in words.
    pub(super) fn words(&self) -> BTreeMap<String, String> {
        let lasting = self.told.iter().filter(|(_, told)| told.times != Some(0));
        lasting.map(|(path, told)| (path.clone(), told.words())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_behaviour_lasts_as_often_as_told() {
        let mut behaviours = Behaviours::default();
        behaviours.tell("/a", Behaviour::parse(r#"{"status": 500, "times": 1}"#).unwrap());
        assert_eq!(behaviours.words()["/a"], "answers 500, once more");
        assert_eq!(behaviours.next("/a?b").unwrap().status, 500);
        assert!(behaviours.words().is_empty(), "it will answer as usual");
        assert!(behaviours.next("/a").is_none());
    }

    #[test]
    fn what_is_told_is_said_in_words() {
        let words = |text: &str| Behaviour::parse(text).unwrap().words();
        assert_eq!(words("{}"), "answers 200");
        let all = r#"{"status": 429, "headers": {"retry-after": "10", "a": "b"}, "delay_ms": 5, "times": 3}"#;
        assert_eq!(words(all), "answers 429 with a: b, retry-after: 10, after 5 ms, 3 times more");
    }

    #[test]
    fn only_what_http_allows_can_be_told() {
        for bad in [
            "",
            "[]",
            r#"{"status": 99}"#,
            r#"{"headers": {"a b": "c"}}"#,
            r#"{"headers": {"a": "\n"}}"#,
            r#"{"x": 1}"#,
        ] {
            assert!(Behaviour::parse(bad).is_err(), "{bad}");
        }
    }
}
