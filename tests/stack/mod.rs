//! The local stack itself: a small account that shows nothing to strangers.

mod exposure;
mod memory;
mod page;
mod places;

use std::path::PathBuf;

use crate::support::root;

/// The template with something put in place of something else, in a file of that name.
pub(crate) fn template(name: &str, from: &str, to: &str) -> PathBuf {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    assert!(template.contains(from), "{from}");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, template.replacen(from, to, 1)).unwrap();
    path
}

/// The template whose function for listing webhooks has another property.
fn with_list_property(name: &str, property: &str) -> PathBuf {
    let description = "Description: List webhooks\n";
    template(name, description, &format!("{description}      {property}\n"))
}
