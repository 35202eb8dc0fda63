//! Forms that a page sent: `application/x-www-form-urlencoded`.

use serde_json::{Map, Value};
use shared::http::Request;

use crate::failure::Failure;

/// The largest form, in bytes.
const MOST: usize = 64 * 1024;

/// The fields of a form.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the body of a request. A body that is not a form has no fields, or odd ones.
    pub(crate) fn of(request: &Request) -> Result<Self, Failure> {
        if request.body.len() > MOST {
            return Err(Failure::TooLarge);
        }
        Ok(Self(url::form_urlencoded::parse(&request.body).into_owned().collect()))
    }

    /// The fields of a form that was sent in the query.
    pub(crate) fn in_query(request: &Request) -> Self {
        Self(request.query.clone())
    }

    /// The value of a field without white space around it; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The values of all fields with that name that are not empty, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty()).collect()
    }

    /// The texts of a field that takes several, one on a line or separated by commas or spaces.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let separator = |text: char| text == ',' || text.is_whitespace();
        self.all(name)
            .iter()
            .flat_map(|text| text.split(separator))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The named fields that are not empty, as the members of a JSON object.
    pub(crate) fn object(&self, names: &[&str]) -> Value {
        let given = names.iter().map(|name| (*name, self.text(name))).filter(|(_, text)| !text.is_empty());
        Value::Object(given.map(|(name, text)| (name.to_owned(), text.into())).collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read() {
        let request = Request { body: b"a=1&b=%C3%A9+x&a=2&c=&t=x,y%0Az".to_vec(), ..Request::default() };
        let fields = Fields::of(&request).unwrap();
        assert_eq!((fields.text("a"), fields.text("b"), fields.text("c"), fields.text("d")), ("2", "é x", "", ""));
        assert_eq!(
            (fields.all("a"), fields.words("t")),
            (vec!["1", "2"], vec!["x".to_owned(), "y".to_owned(), "z".to_owned()])
        );
        assert_eq!(fields.object(&["a", "c"]), serde_json::json!({"a": "2"}));
        let large = Request { body: vec![b'a'; MOST + 1], ..Request::default() };
        assert!(matches!(Fields::of(&large), Err(Failure::TooLarge)));
    }
}
