//! Limits a list to what one reply can carry.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The largest total size of a reply's items, in bytes. A Lambda reply can hold 6 MB (6,291,556 bytes); headers and the
/// JSON around the items need little of it.
const MOST: usize = 5 << 20;

/// Serializes items until the next one would not fit into one reply, and returns those that fit.
pub fn fitting<T: Serialize>(items: impl IntoIterator<Item = T>) -> Vec<Box<RawValue>> {
    let mut bytes = 0;
    let written = items.into_iter().map_while(|item| to_raw_value(&item).ok());
    let fits = written.take_while(|text| {
        bytes += size(text.get());
        bytes <= MOST
    });
    fits.collect()
}

/// The size of an item in a reply, in bytes. The reply's body is a JSON string, so each quote and backslash is escaped
/// once more and takes two bytes.
fn size(text: &str) -> usize {
    text.bytes().map(|byte| if matches!(byte, b'"' | b'\\') { 2 } else { 1 }).sum::<usize>() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_too_much_for_lambda_is_left_for_later() {
        let third = "x".repeat(MOST / 3);
        assert_eq!(fitting([&third; 4]).len(), 2);
        assert_eq!(fitting(["short"; 500]).len(), 500);
    }

    #[test]
    fn a_page_of_quotes_was_larger_than_lambda_takes() {
        // Each quote takes four bytes: it is escaped for the item's own JSON and again for Lambda's.
        let quotes = "\"".repeat(MOST / 10);
        let carried = fitting([&quotes; 4]);
        assert_eq!(carried.len(), 2);
        let body = serde_json::to_string(&carried).unwrap();
        let reply = serde_json::to_string(&body).unwrap();
        assert!((MOST / 2..MOST + 100).contains(&reply.len()), "{}", reply.len());
    }
}
