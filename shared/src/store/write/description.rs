//! Describes a write: which item, what changes in it, and on what condition.

use std::marker::PhantomData;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::store::{
    condition::Condition,
    placeholders::Placeholders,
    values::{Item, number},
};

/// Kind of a [`Write`]: stores a whole item, replacing one that exists.
pub(in crate::store) enum Put {}

/// Kind of a [`Write`]: changes some attributes of an item, which is created if it does not exist.
#[derive(Clone)]
pub(in crate::store) enum Update {}

/// Kind of a [`Write`]: deletes an item, if it exists.
pub(in crate::store) enum Delete {}

/// Kind of a [`Write`]: only checks conditions, on which the other writes of a transaction depend.
pub(in crate::store) enum Check {}

/// A write of one item.
#[derive(Clone)]
pub(in crate::store) struct Write<Kind> {
    pub(super) table: String,
    /// The item to store for a put; the item's key for any other kind.
    pub(super) item: Item,
    pub(super) terms: Terms,
    kind: PhantomData<Kind>,
}

/// How the item changes, on what conditions, and whether the reply shows the item.
#[derive(Clone, Default)]
pub(super) struct Terms {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    pub(super) places: Placeholders,
    pub(super) shows_items: bool,
}

impl Terms {
    pub(super) fn update_expression(&self) -> Option<String> {
        let clauses = [("SET ", &self.set), ("ADD ", &self.add), ("REMOVE ", &self.remove)];
        let clauses = clauses.map(|(word, changes)| joined(changes, ", ").map(|changes| word.to_owned() + &changes));
        joined(&clauses.into_iter().flatten().collect::<Vec<_>>(), " ")
    }

    pub(super) fn condition_expression(&self) -> Option<String> {
        joined(&self.conditions, " AND ")
    }
}

/// Joins the parts of an expression; `None` if there are none, since DynamoDB rejects an empty expression.
fn joined(parts: &[String], by: &str) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(by))
}

impl<Kind> Write<Kind> {
    fn new(table: &str, item: Item) -> Self {
        Self { table: table.to_owned(), item, terms: Terms::default(), kind: PhantomData }
    }

    /// Adds a condition. All conditions must be satisfied.
    pub(in crate::store) fn only_if(mut self, condition: Condition) -> Self {
        self.terms.conditions.push(condition.express(&mut self.terms.places));
        self
    }

    /// Asks for the item after an update, and for the item that refuses the write. Without this, both are returned
    /// empty.
    pub(in crate::store) fn showing_items(mut self) -> Self {
        self.terms.shows_items = true;
        self
    }
}

impl Write<Put> {
    pub(in crate::store) fn put(table: &str, item: Item) -> Self {
        Self::new(table, item)
    }
}

impl Write<Delete> {
    pub(in crate::store) fn delete(table: &str, key: Item) -> Self {
        Self::new(table, key)
    }
}

impl Write<Check> {
    pub(in crate::store) fn check(table: &str, key: Item) -> Self {
        Self::new(table, key)
    }
}

/// An attribute can be changed only once: DynamoDB rejects an update that changes one twice.
impl Write<Update> {
    pub(in crate::store) fn update(table: &str, key: Item) -> Self {
        Self::new(table, key)
    }

    /// Sets an attribute.
    pub(in crate::store) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (place, value) = (self.terms.places.name(name), self.terms.places.value(name, value));
        self.terms.set.push(format!("{place} = {value}"));
        self
    }

    /// Sets an attribute if a value is given; otherwise leaves it as it is.
    pub(in crate::store) fn set_given(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets an attribute if a value is given; otherwise removes it.
    pub(in crate::store) fn set_or_remove(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove([name]),
        }
    }

    /// Sets an attribute unless it exists.
    pub(in crate::store) fn set_if_absent(self, name: &str, value: AttributeValue) -> Self {
        self.set_from(name, name, value)
    }

    /// Sets an attribute to the value of the attribute `known`, or to `value` if that one does not exist.
    pub(in crate::store) fn set_from(mut self, name: &str, known: &str, value: AttributeValue) -> Self {
        let places = &mut self.terms.places;
        let (place, known, value) = (places.name(name), places.name(known), places.value(name, value));
        self.terms.set.push(format!("{place} = if_not_exists({known}, {value})"));
        self
    }

    /// Adds to a number; one that does not exist counts as 0.
    pub(in crate::store) fn add(mut self, name: &str, more: i32) -> Self {
        let (place, more) = (self.terms.places.name(name), self.terms.places.value(name, number(more)));
        self.terms.add.push(format!("{place} {more}"));
        self
    }

    /// Removes attributes.
    pub(in crate::store) fn remove<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.terms.remove.extend(names.map(|name| self.terms.places.name(name)));
        self
    }
}

/// Puts a write into a request of the SDK. All requests for writes have these setters, but no trait declares them.
macro_rules! request {
    ($request:expr, $table:expr, $terms:expr) => {{
        let (condition, (names, values)) = ($terms.condition_expression(), $terms.places.finish());
        let shown = aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
        $request
            .table_name($table)
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_return_values_on_condition_check_failure($terms.shows_items.then_some(shown))
    }};
}
