//! Shows a credential to a caller: either whole, or with a mask in its place.

use serde::{Serialize, Serializer};

use crate::domain::Secret;

/// The text that replaces a credential which the caller may not read.
pub const MASK: &str = "***";

/// A credential in a reply. It serializes as the credential or as the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a>(Option<&'a Secret>);

impl<'a> Shown<'a> {
    /// Shows the credential if `may_be_shown` is true, and the mask otherwise.
    #[must_use]
    pub fn of(secret: &'a Secret, may_be_shown: bool) -> Self {
        Self(Some(secret).filter(|_| may_be_shown))
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.map_or(MASK, Secret::expose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_shown_whole_or_not_at_all() {
        let secret = Secret::new("whsec_x");
        let written = |shown| serde_json::to_string(&Shown::of(&secret, shown)).unwrap();
        assert_eq!((written(true).as_str(), written(false).as_str()), ("\"whsec_x\"", "\"***\""));
    }
}
