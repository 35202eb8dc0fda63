//! Rules for event types.

use crate::domain::OperationalEvent;

/// The longest event type, in characters.
pub const MAX: usize = 200;

/// Checks an event type: 1 to 200 ASCII letters, digits, `_`, `-`, `:` and dots. The dots separate segments, which must
/// not be empty.
///
/// # Errors
///
/// The rule that is broken.
pub fn check(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.len() > MAX {
        return Err("an event type has 1 to 200 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b)) {
        return Err("an event type consists of letters, digits, `.`, `_`, `-` and `:`");
    }
    if text.split('.').any(str::is_empty) {
        return Err("no segment of an event type is empty");
    }
    Ok(text.to_owned())
}

/// Checks the type of an event that a producer publishes: as [`check`] does, and that it is not the type of an operational
/// event. Webhooks may subscribe to those, but producers cannot publish them.
///
/// # Errors
///
/// The rule that is broken.
pub fn check_published(text: &str) -> Result<String, &'static str> {
    if OperationalEvent::has_type(text) {
        return Err("event types that begin with `outhook.` are reserved for the system");
    }
    check(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_types_of_the_four_apis_pass() {
        for text in ["CreatedProjectActivity", "chat.message.sent", "deployment.build.created", "policy.status.update"]
        {
            assert!(check(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn reserved_types_may_be_subscribed_to_but_not_published() {
        for text in ["outhook.webhook.failing", "outhook.x"] {
            assert!(check(text).is_ok() && check_published(text).is_err(), "{text}");
        }
        for text in ["outhook", "outhooks.x", "Outhook.x", "my.outhook.x"] {
            assert!(check_published(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn accepts_what_an_oracle_accepts(text in "[a-c.#* _:-]{0,8}|\\PC{0,5}") {
            let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
            let oracle = !text.is_empty()
                && text.chars().all(|c| allowed.contains(c))
                && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
            prop_assert_eq!(check(&text).is_ok(), oracle);
        }
    }
}
