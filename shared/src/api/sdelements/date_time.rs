//! Parses date-times as callers write them. (DRF fields.DateTimeField.)

use crate::domain::Timestamp;

/// DRF's message for a text that is not a date-time.
pub(super) const WRONG_FORMAT: &str =
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

/// Parses a date-time. Without an offset it is in UTC, as all times of this API are.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_that_is_offered_is_taken() {
        for text in [
            "2025-03-31T10:15",
            "2025-03-31T10:15:00",
            "2025-03-31T10:15:00.000000",
            "2025-03-31T10:15Z",
            "2025-03-31T10:15:00Z",
            "2025-03-31T12:15:00.000+02:00",
            "2025-03-31T05:15-05:00",
        ] {
            assert_eq!(
                parse(text).map(|moment| moment.to_string()).as_deref(),
                Some("2025-03-31T10:15:00.000Z"),
                "{text}"
            );
        }
        for text in ["", "yesterday", "2025-03-31", "10:15", "2025-02-30T10:15:00", "2025-03-31T10:15:00ZZ"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
