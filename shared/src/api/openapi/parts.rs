//! Building blocks of descriptions.

use serde_json::{Value, json};

use crate::http::Reply;

/// Returns a reference to a component.
pub(super) fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// Returns the failure's name in the code and its reply.
pub(super) fn named<F: std::fmt::Debug + Into<Reply>>(failure: F) -> (String, Reply) {
    let name = format!("{failure:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
    (name, failure.into())
}
