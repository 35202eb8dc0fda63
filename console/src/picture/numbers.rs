//! Numbers and moments as the pictures write them, short in a drawing and in full in a table.

use shared::domain::Timestamp;

/// A count with a comma between thousands, for example `1,234,567`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A round count in at most four characters, for example `500`, `20k` or `4M`. `B` stands for a thousand million.
pub(super) fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", count / 1_000),
        1_000_000..1_000_000_000 => format!("{}M", count / 1_000_000),
        _ => format!("{}B", count / 1_000_000_000),
    }
}

/// A noun after its count, for example `1 attempt` and `2 attempts`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

/// The time of a day to the minute, for example `10:15`.
pub(super) fn clock(moment: Timestamp) -> String {
    let text = moment.to_string();
    text.split_once('T').map_or("", |(_, time)| time).chars().take(5).collect()
}

/// A coordinate with one decimal at most, because finer ones cannot be seen and make the page larger.
pub(super) fn coordinate(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let all = [0, 7, 999, 1_000, 12_345, 123_456, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "7", "999", "1,000", "12,345", "123,456", "1,234,567"]);
        assert_eq!([counted(1, "attempt"), counted(1_000, "attempt")], ["1 attempt", "1,000 attempts"]);
    }

    #[test]
    fn round_counts_are_short() {
        let all = [0, 999, 1_000, 500_000, 8_000_000, 80_000_000_000].map(short);
        assert_eq!(all, ["0", "999", "1k", "500k", "8M", "80B"]);
    }

    #[test]
    fn a_clock_shows_minutes() {
        assert_eq!(clock(Timestamp(1_743_416_100_000)), "10:15");
        assert_eq!(clock(Timestamp(i64::MAX)), "00:00", "a moment that cannot be written");
    }
}
