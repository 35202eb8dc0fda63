//! The names and values that expressions refer to, in the form that DynamoDB accepts.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use super::values::Item;

/// The placeholders (`#name` and `:value`) in the expressions of one request. Every attribute gets one, so that no
/// expression contains a word that DynamoDB reserves, such as `state` or `reason`.
#[derive(Clone, Default)]
pub(super) struct Placeholders {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, AttributeValue>,
}

impl Placeholders {
    /// Returns the placeholder of an attribute and remembers its name. A path into a map has dots between its names.
    pub(super) fn name(&mut self, path: &str) -> String {
        let place = |name: &str| {
            let place = format!("#{name}");
            self.names.insert(place.clone(), name.to_owned());
            place
        };
        path.split('.').map(place).collect::<Vec<_>>().join(".")
    }

    /// Returns the placeholder of a value of that attribute and remembers the value.
    pub(super) fn value(&mut self, attribute: &str, value: AttributeValue) -> String {
        let mut place = format!(":{attribute}");
        // An attribute may be compared with one value and set to another, so a second value gets a placeholder of its
        // own.
        while self.values.get(&place).is_some_and(|known| *known != value) {
            place.push('_');
        }
        self.values.insert(place.clone(), value);
        place
    }

    /// A projection of those attributes; `None` if there are none.
    pub(super) fn projection(&mut self, paths: &[&str]) -> Option<String> {
        let places: Vec<_> = paths.iter().map(|path| self.name(path)).collect();
        Some(places.join(", ")).filter(|places| !places.is_empty())
    }

    /// The names and values as a request takes them; `None` instead of an empty map, which DynamoDB rejects.
    pub(super) fn finish(self) -> (Option<HashMap<String, String>>, Option<Item>) {
        let names = Some(self.names).filter(|names| !names.is_empty());
        let values = Some(self.values).filter(|values| !values.is_empty());
        (names.map(|names| names.into_iter().collect()), values.map(|values| values.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::values::text;

    #[test]
    fn two_values_of_one_attribute_have_two_places_and_one_value_has_one() {
        let mut places = Placeholders::default();
        assert_eq!(places.value("state", text("pending")), ":state");
        assert_eq!(places.value("state", text("diverted")), ":state_");
        assert_eq!(places.value("state", text("pending")), ":state");
        let (names, values) = places.finish();
        assert_eq!(names, None, "DynamoDB refuses an empty map");
        assert_eq!(values.unwrap().len(), 2);
    }

    #[test]
    fn each_name_of_a_path_is_escaped() {
        let mut places = Placeholders::default();
        assert_eq!(places.projection(&["pk", "event.type"]).as_deref(), Some("#pk, #event.#type"));
        let names = [("#pk", "pk"), ("#event", "event"), ("#type", "type")];
        let names = names.map(|(place, name)| (place.to_owned(), name.to_owned()));
        assert_eq!(places.finish(), (Some(HashMap::from(names)), None));
    }
}
