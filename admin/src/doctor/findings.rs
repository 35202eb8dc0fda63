//! The problems that an examination of a deployment found.

use std::collections::BTreeSet;

/// What is wrong, each in a sentence without anything secret.
pub(crate) type Findings = BTreeSet<String>;
