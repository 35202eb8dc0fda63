//! Parses the list of event types that a webhook subscribes to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{domain::Webhook, validation::event_type};

/// Why a value is not a list of event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEventTypes {
    /// The value is not an array, or one of its items is not a string.
    #[error("a list of strings is expected")]
    NotAList,
    /// One of the strings is not a valid event type. Holds the reason.
    #[error("{0}")]
    Type(&'static str),
    /// The list has more event types than a webhook may have.
    #[error("at most 40 event types are allowed")]
    TooMany,
}

/// Returns the event types in the value in their order, without repetitions. The list has at most
/// [`Webhook::MAX_SUBSCRIPTIONS`] items and may be empty.
///
/// # Errors
///
/// The first thing that is wrong with the value.
pub fn event_types(value: &Value) -> Result<Vec<String>, BadEventTypes> {
    let mut seen = BTreeSet::new();
    let mut types = Vec::new();
    for item in value.as_array().ok_or(BadEventTypes::NotAList)? {
        let text = item.as_str().ok_or(BadEventTypes::NotAList)?;
        if seen.insert(text) {
            types.push(event_type::check(text).map_err(BadEventTypes::Type)?);
        }
        if types.len() > Webhook::MAX_SUBSCRIPTIONS {
            return Err(BadEventTypes::TooMany);
        }
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_is_kept_once_in_its_order() {
        assert_eq!(event_types(&json!(["b.c", "a", "b.c"])), Ok(vec!["b.c".to_owned(), "a".to_owned()]));
        assert_eq!(event_types(&json!([])), Ok(vec![]));
        assert_eq!(event_types(&json!(vec!["a"; 1000])), Ok(vec!["a".to_owned()]));
    }

    #[test]
    fn what_is_no_such_list_is_refused() {
        for value in [json!(null), json!("a"), json!({"0": "a"}), json!([1]), json!([null]), json!([["a"]])] {
            assert_eq!(event_types(&value), Err(BadEventTypes::NotAList), "{value}");
        }
        for text in ["", "a..b", "chat.*", "é", "a b"] {
            assert!(matches!(event_types(&json!([text])), Err(BadEventTypes::Type(_))), "{text}");
        }
        let types = |count: usize| json!((0..count).map(|n| format!("t{n}")).collect::<Vec<_>>());
        assert_eq!(event_types(&types(40)).map(|types| types.len()), Ok(40));
        assert_eq!(event_types(&types(41)), Err(BadEventTypes::TooMany));
    }
}
