//! The stored form of a [`History`]: one binary attribute of numbers with seven bits to the byte, the lowest first.
//!
//! The number of the newest hour comes first, then the three counts of that hour and of each hour before it. An hour of
//! millions takes 12 bytes, so a whole day takes less than 300, and never more than 365.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use crate::domain::{Counts, History};

/// Makes the attribute.
pub(super) fn history_attribute(history: &History) -> AttributeValue {
    let (newest, hours) = history.hours();
    let mut bytes = Vec::new();
    write(&mut bytes, u64::try_from(newest).unwrap_or_default());
    for counts in hours {
        for count in [counts.delivered, counts.failed, counts.diverted] {
            write(&mut bytes, count.into());
        }
    }
    AttributeValue::B(Blob::new(bytes))
}

/// Reads the attribute. Counts are not worth failing for: without the attribute, or from one that this version cannot
/// read, the history is empty.
pub(super) fn history_of(attribute: Option<&AttributeValue>) -> History {
    let bytes = attribute.and_then(|value| value.as_b().ok()).map(Blob::as_ref).unwrap_or_default();
    parsed(bytes).unwrap_or_default()
}

fn parsed(mut bytes: &[u8]) -> Option<History> {
    let newest = i64::try_from(read(&mut bytes)?).ok()?;
    let mut hours = Vec::new();
    while !bytes.is_empty() {
        let mut count = || u32::try_from(read(&mut bytes)?).ok();
        hours.push(Counts { delivered: count()?, failed: count()?, diverted: count()? });
    }
    Some(History::from_hours(newest, hours))
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Takes the next number from the bytes; `None` if there is none, or if it does not fit.
fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Timestamp;

    fn of_day(count: u32) -> History {
        let counts = Counts { delivered: count, failed: count, diverted: count };
        History::from_hours(480_000, [counts; 24])
    }

    fn bytes(history: &History) -> Vec<u8> {
        history_attribute(history).as_b().unwrap().as_ref().to_vec()
    }

    #[test]
    fn a_day_of_millions_is_small_and_a_quiet_day_is_tiny() {
        assert_eq!(bytes(&of_day(u32::MAX)).len(), 363);
        assert!(bytes(&of_day(9_999_999)).len() < 300);
        let mut quiet = History::default();
        quiet.add(Timestamp(480_000 * 3_600_000), Counts { delivered: 1, ..Counts::default() });
        assert_eq!(bytes(&quiet), [0x80, 0xa6, 0x1d, 1, 0, 0]);
    }

    #[test]
    fn what_cannot_be_read_is_an_empty_history() {
        for value in [
            None,
            Some(AttributeValue::S("x".to_owned())),
            Some(AttributeValue::B(Blob::new([]))),
            Some(AttributeValue::B(Blob::new([1, 2]))),
            Some(AttributeValue::B(Blob::new([0xff; 20]))),
            Some(AttributeValue::B(Blob::new([1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0]))),
        ] {
            assert_eq!(history_of(value.as_ref()), History::default(), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_back_as_it_was_stored(newest in 0_i64..10_000_000, counts in prop::collection::vec(any::<[u32; 3]>(), 0..24)) {
            let counts = counts.into_iter().map(|[delivered, failed, diverted]| Counts { delivered, failed, diverted });
            let history = History::from_hours(newest, counts);
            prop_assert_eq!(history_of(Some(&history_attribute(&history))), history);
        }

        #[test]
        fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            history_of(Some(&AttributeValue::B(Blob::new(bytes))));
        }
    }
}
