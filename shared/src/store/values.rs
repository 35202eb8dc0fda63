//! Short names for DynamoDB attribute values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;

/// An item or a key.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A string.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A moment, in milliseconds.
pub(super) fn moment(value: Timestamp) -> AttributeValue {
    number(value.0)
}

/// The two key attributes, named alike in every table.
pub(super) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// A string attribute of an item, or "".
pub(super) fn text_of<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// A number attribute of an item, if it is there and fits.
pub(super) fn number_of<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// A moment attribute of an item, if it is there.
pub(super) fn moment_of(item: &Item, name: &str) -> Option<Timestamp> {
    number_of(item, name).map(Timestamp)
}
