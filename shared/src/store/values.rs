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

/// A time, in milliseconds.
pub(super) fn moment(value: Timestamp) -> AttributeValue {
    number(value.0)
}

/// A key: the two key attributes have the same names in every table.
pub(super) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// The text of a string attribute; empty if it does not exist.
pub(super) fn text_of<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The value of a number attribute; `None` if it does not exist or does not fit the type.
pub(super) fn number_of<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The value of a time attribute; `None` if it does not exist.
pub(super) fn moment_of(item: &Item, name: &str) -> Option<Timestamp> {
    number_of(item, name).map(Timestamp)
}
