//! Shows a path in a log line.

use shared::http::is_id;

/// The longest segment that is shown: long enough for every word of a route and every short id, too short for keys and
/// for Slack's tokens.
const MOST: usize = 19;

/// Replaces each segment by dots that may be a key or an address, pasted by mistake. Only short segments and ids are
/// shown.
pub(crate) fn shown(path: &str) -> String {
    let shown = |segment: &str| match segment.len() <= MOST && !segment.contains('%') || is_id(segment) {
        true => segment.to_owned(),
        false => "...".to_owned(),
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_and_ids_are_shown() {
        for path in [
            "/",
            "/api/v2/webhooks/7/configs/",
            "/organizations/5f43a1b2c3d4e5f60718293a/projects/11/settings/webhooks",
            "/event/0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d/webhooks/list",
            "/api/v2/webhooks/7/deliveries/01JQNX4T2B0000000000000001/resend",
        ] {
            assert_eq!(shown(path), path);
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not() {
        for (path, wanted) in [
            ("/api/v2/webhooks/oh_acme_0123456789012345", "/api/v2/webhooks/..."),
            ("/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "/services/T00000000/B00000000/..."),
            ("/api/https%3A%2F%2Fa", "/api/..."),
        ] {
            assert_eq!(shown(path), wanted);
        }
    }
}
