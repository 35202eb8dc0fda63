//! Shows a path in a log line.

/// The longest segment that is shown: long enough for every word of a route and every short id, too short for keys and
/// for Slack's tokens.
const MOST: usize = 19;

/// Replaces each segment by dots that may be a key or an address, pasted by mistake. Only short segments, uuids, ULIDs
/// and 24 hex digits are shown.
pub(crate) fn shown(path: &str) -> String {
    let shown = |segment: &str| match segment.len() <= MOST && !segment.contains('%') || is_id(segment) {
        true => segment.to_owned(),
        false => "...".to_owned(),
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

/// Whether it has the form of one of the APIs' long ids.
fn is_id(text: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        24 => hex(text),
        26 => text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()),
        36 => text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(hex),
        _ => false,
    }
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
