//! Texts that must not appear in logs or errors: endpoint URLs, header values and signing secrets.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A credential. `Debug` shows nothing of it, and there is no `Display`. Only [`Secret::expose`] and serialization
/// reveal it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a credential.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself. Only for code that sends it, checks it, or shows it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
