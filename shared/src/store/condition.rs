//! What must hold of an item for a write, and which items a query wants.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{placeholders::Placeholders, values::number};

/// A condition on an attribute of an item. `pk` is there whenever the item is.
pub(super) enum Condition {
    /// It is there.
    Exists(&'static str),
    /// It is not there.
    Absent(&'static str),
    /// It has that value.
    Is(&'static str, AttributeValue),
    /// It has another value. Say with [`Condition::Exists`] or [`Condition::Absent`] what is to hold if it is not there.
    IsNot(&'static str, AttributeValue),
    /// It is there and below that value.
    Below(&'static str, AttributeValue),
    /// It is there and at most that value.
    AtMost(&'static str, AttributeValue),
    /// It is there and above that value.
    Above(&'static str, AttributeValue),
    /// It is there and within those values, both included.
    Between(&'static str, AttributeValue, AttributeValue),
    /// It is there and begins with that text.
    BeginsWith(&'static str, AttributeValue),
    /// It is a list of so many elements.
    HasSize(&'static str, usize),
    /// One of the two holds.
    Either(Box<Condition>, Box<Condition>),
}

impl Condition {
    /// The counter is at `count`; one that was never written is at 0.
    pub(super) fn counts(name: &'static str, count: u64) -> Self {
        let at = Self::Is(name, number(count));
        if count == 0 { Self::Absent(name).or(at) } else { at }
    }

    /// This or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self::Either(Box::new(self), Box::new(other))
    }

    /// The expression that DynamoDB takes.
    pub(super) fn express(self, places: &mut Placeholders) -> String {
        let mut compared =
            |name, operator, value| format!("{} {operator} {}", places.name(name), places.value(name, value));
        match self {
            Self::Is(name, value) => compared(name, "=", value),
            Self::IsNot(name, value) => compared(name, "<>", value),
            Self::Below(name, value) => compared(name, "<", value),
            Self::AtMost(name, value) => compared(name, "<=", value),
            Self::Above(name, value) => compared(name, ">", value),
            Self::Exists(name) => format!("attribute_exists({})", places.name(name)),
            Self::Absent(name) => format!("attribute_not_exists({})", places.name(name)),
            Self::BeginsWith(name, prefix) => {
                format!("begins_with({}, {})", places.name(name), places.value(name, prefix))
            }
            Self::HasSize(name, size) => format!("size({}) = {}", places.name(name), places.value(name, number(size))),
            Self::Between(name, lowest, highest) => {
                let (lowest, highest) = (places.value(name, lowest), places.value(name, highest));
                format!("{} BETWEEN {lowest} AND {highest}", places.name(name))
            }
            Self::Either(one, other) => format!("({} OR {})", one.express(places), other.express(places)),
        }
    }
}
