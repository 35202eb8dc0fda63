//! Query strings as Python's `urlencode` writes them. (DRF utils/urls.py.)

use std::collections::BTreeMap;

use crate::http::Request;

/// Returns the request's URL with one query parameter set, or removed if `value` is `None`. The other parameters are
/// kept, sorted by name. Repeated ones stay in their order.
pub(super) fn with_parameter(request: &Request, name: &str, value: Option<&str>) -> String {
    let mut parameters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in &request.query {
        parameters.entry(key).or_default().push(value);
    }
    match value {
        Some(value) => parameters.insert(name, vec![value]),
        None => parameters.remove(name),
    };
    let pairs = parameters.iter().flat_map(|(key, values)| values.iter().map(move |value| (*key, *value)));
    let query: Vec<_> = pairs.map(|(key, value)| format!("{}={}", quote_plus(key), quote_plus(value))).collect();
    if query.is_empty() { request.url.clone() } else { format!("{}?{}", request.url, query.join("&")) }
}

fn quote_plus(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
