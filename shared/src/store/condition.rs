//! Conditions: what must be true of an item for a write to happen, and which items a query returns.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{placeholders::Placeholders, values::number};

/// A condition on an attribute of an item. Every item has `pk`, so a condition on `pk` tests whether the item exists.
pub(super) enum Condition {
    /// The attribute exists.
    Exists(&'static str),
    /// The attribute does not exist.
    Absent(&'static str),
    /// The attribute has that value.
    Is(&'static str, AttributeValue),
    /// The attribute has another value. Add [`Condition::Exists`] or [`Condition::Absent`] to say what applies if it
    /// does not exist.
    IsNot(&'static str, AttributeValue),
    /// The attribute exists and is below that value.
    Below(&'static str, AttributeValue),
    /// The attribute exists and is at most that value.
    AtMost(&'static str, AttributeValue),
    /// The attribute exists and is above that value.
    Above(&'static str, AttributeValue),
    /// The attribute exists and is between those values, both included.
    Between(&'static str, AttributeValue, AttributeValue),
    /// The attribute exists and begins with that text.
    BeginsWith(&'static str, AttributeValue),
    /// The attribute is a list with that many elements.
    HasSize(&'static str, usize),
    /// At least one of the two conditions is true.
    Either(Box<Condition>, Box<Condition>),
}

impl Condition {
    /// The counter has the value `count`; a counter that was never written counts as 0.
    pub(super) fn counts(name: &'static str, count: u64) -> Self {
        let at = Self::Is(name, number(count));
        if count == 0 { Self::Absent(name).or(at) } else { at }
    }

    /// At least one of this condition and `other` is true.
    pub(super) fn or(self, other: Self) -> Self {
        Self::Either(Box::new(self), Box::new(other))
    }

    /// Whether no value satisfies it: it asks for texts between two of which the first is the higher one. DynamoDB refuses
    /// a query with such a condition on its key.
    pub(super) fn is_never_true(&self) -> bool {
        matches!(self, Self::Between(_, AttributeValue::S(lowest), AttributeValue::S(highest)) if lowest > highest)
    }

    /// The condition as a DynamoDB expression; its names and values are added to `places`.
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
