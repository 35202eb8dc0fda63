//! The problems that an examination of a deployment found, each with a command.

use std::collections::BTreeSet;

use serde::Serialize;

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Finding {
    /// What is wrong, in a sentence without anything secret.
    pub(crate) what: String,
    /// The command that fixes it, or that shows what has to be decided first.
    pub(crate) fix: String,
}

/// What is wrong.
pub(crate) type Findings = BTreeSet<Finding>;

/// Adds a finding.
pub(super) fn found(findings: &mut Findings, what: String, fix: String) {
    findings.insert(Finding { what, fix });
}
