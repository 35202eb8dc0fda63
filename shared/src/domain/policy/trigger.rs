//! Triggers, which say what a failure policy counts as a failure. The vocabulary is that of Socotra's guide.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A kind of failure to which a failure policy applies, spelled `404`, `4xx`, `5xx` or `timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Trigger {
    /// Exactly this status.
    Status(u16),
    /// Any status from 400 to 499.
    Class4xx,
    /// Any status from 500 to 599.
    Class5xx,
    /// No reply: the attempt timed out, or there was a DNS, connect or TLS error.
    Timeout,
}

impl Trigger {
    /// Whether this trigger matches an attempt with this status. `None` stands for an attempt without a reply.
    #[must_use]
    pub fn matches(self, status: Option<u16>) -> bool {
        match (self, status) {
            (Self::Timeout, None) => true,
            (Self::Status(wanted), Some(status)) => wanted == status,
            (Self::Class4xx, Some(status)) => (400..=499).contains(&status),
            (Self::Class5xx, Some(status)) => (500..=599).contains(&status),
            _ => false,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Class4xx => f.write_str("4xx"),
            Self::Class5xx => f.write_str("5xx"),
            Self::Timeout => f.write_str("timeout"),
        }
    }
}

/// Parses what an owner may write by Socotra's guide: `4xx`, `5xx`, `timeout` or a status from 400 to 599.
impl FromStr for Trigger {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "4xx" => Ok(Self::Class4xx),
            "5xx" => Ok(Self::Class5xx),
            "timeout" => Ok(Self::Timeout),
            // Exactly three digits, because `+404` and `0404` would be further spellings of the same trigger.
            _ if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) => match text.parse() {
                Ok(status @ 400..=599) => Ok(Self::Status(status)),
                _ => Err("a trigger's status must be from 400 to 599"),
            },
            _ => Err("not a trigger: 4xx, 5xx, timeout or a status"),
        }
    }
}

impl From<Trigger> for String {
    fn from(trigger: Trigger) -> Self {
        trigger.to_string()
    }
}

/// Parses a stored trigger. Unlike [`FromStr`], this accepts any status, because an attempt may end with one that
/// owners cannot name.
impl TryFrom<String> for Trigger {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().or_else(|error| text.parse().map(Self::Status).map_err(|_| error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_triggers_are_read() {
        for good in ["4xx", "5xx", "timeout", "400", "418", "599"] {
            assert_eq!(good.parse::<Trigger>().unwrap().to_string(), good);
        }
        for bad in ["", "3xx", "4XX", "Timeout", "200", "399", "600", "0404", "+404", " 404", "40"] {
            assert!(bad.parse::<Trigger>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_status_that_no_owner_can_ask_for_is_read_back_from_storage() {
        let odd = Trigger::Status(302);
        let json = serde_json::to_string(&odd).unwrap();
        assert_eq!(serde_json::from_str::<Trigger>(&json).unwrap(), odd);
        assert!(serde_json::from_str::<Trigger>("\"often\"").is_err());
    }
}
