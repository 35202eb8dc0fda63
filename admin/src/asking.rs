//! Asking the code of the operations API as a request does, so that filters, limits and cursors have the same rules.

use serde_json::Value;
use shared::http::Request;

/// A request for a list with those parameters; those without a value are left out.
pub(crate) fn asking(path: &str, parameters: &[(&str, Option<&String>)]) -> Request {
    let given = parameters.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.clone())));
    Request { path: path.into(), query: given.collect(), ..Request::default() }
}

/// Tells people how to see the next page of a list; empty if this was the last.
pub(crate) fn next_page(page: &Value) -> String {
    page["next"].as_str().map(|next| format!("more: --cursor {next}\n")).unwrap_or_default()
}
