//! The emoji that Slack writes by name, such as `:wave:`: the common ones.

use std::borrow::Cow;

/// The longest name that is looked for, in bytes.
const LONGEST: usize = 32;

/// Names and characters, by name.
const KNOWN: [(&str, &str); 64] = [
    ("+1", "👍"),
    ("-1", "👎"),
    ("100", "💯"),
    ("alarm_clock", "⏰"),
    ("arrow_down", "⬇️"),
    ("arrow_right", "➡️"),
    ("arrow_up", "⬆️"),
    ("beers", "🍻"),
    ("bell", "🔔"),
    ("blue_heart", "💙"),
    ("bomb", "💣"),
    ("boom", "💥"),
    ("bug", "🐛"),
    ("bulb", "💡"),
    ("calendar", "📆"),
    ("chart_with_downwards_trend", "📉"),
    ("chart_with_upwards_trend", "📈"),
    ("clap", "👏"),
    ("construction", "🚧"),
    ("cry", "😢"),
    ("email", "✉️"),
    ("eyes", "👀"),
    ("fire", "🔥"),
    ("gear", "⚙️"),
    ("green_heart", "💚"),
    ("grinning", "😀"),
    ("hammer_and_wrench", "🛠️"),
    ("heart", "❤️"),
    ("heavy_check_mark", "✔️"),
    ("hourglass_flowing_sand", "⏳"),
    ("information_source", "ℹ️"),
    ("joy", "😂"),
    ("key", "🔑"),
    ("large_blue_circle", "🔵"),
    ("large_green_circle", "🟢"),
    ("large_yellow_circle", "🟡"),
    ("link", "🔗"),
    ("lock", "🔒"),
    ("mag", "🔍"),
    ("mega", "📣"),
    ("memo", "📝"),
    ("no_entry", "⛔"),
    ("octagonal_sign", "🛑"),
    ("package", "📦"),
    ("page_facing_up", "📄"),
    ("pray", "🙏"),
    ("pushpin", "📌"),
    ("question", "❓"),
    ("raised_hands", "🙌"),
    ("red_circle", "🔴"),
    ("rocket", "🚀"),
    ("rotating_light", "🚨"),
    ("see_no_evil", "🙈"),
    ("slightly_smiling_face", "🙂"),
    ("smile", "😄"),
    ("sparkles", "✨"),
    ("tada", "🎉"),
    ("thinking_face", "🤔"),
    ("unlock", "🔓"),
    ("warning", "⚠️"),
    ("wave", "👋"),
    ("white_check_mark", "✅"),
    ("wrench", "🔧"),
    ("x", "❌"),
];

/// The emoji whose name, between colons, the text begins with, and how many bytes that takes; `None` if there is none or if it
/// is not a known one.
pub(super) fn leading(text: &str) -> Option<(&'static str, usize)> {
    let name = text.strip_prefix(':')?;
    let end = name.bytes().take(LONGEST + 1).position(|byte| byte == b':')?;
    let at = KNOWN.binary_search_by_key(&&name[..end], |(known, _)| *known).ok()?;
    Some((KNOWN[at].1, end + 2))
}

/// The text with the names of known emoji replaced.
pub(super) fn replaced(text: &str) -> Cow<'_, str> {
    if !text.contains(':') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(':') {
        shown.push_str(&rest[..at]);
        let (letter, length) = leading(&rest[at..]).unwrap_or((":", 1));
        shown.push_str(letter);
        rest = &rest[at + length..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order_and_short() {
        assert!(KNOWN.is_sorted_by(|one, other| one.0 < other.0));
        assert!(KNOWN.iter().all(|(name, _)| name.len() <= LONGEST));
    }

    #[test]
    fn known_names_become_emoji_and_all_else_stays() {
        assert_eq!(replaced(":wave: 10:30:x:tada::unknown: :é: :"), "👋 10:30❌tada::unknown: :é: :");
        assert_eq!(leading(":+1:"), Some(("👍", 4)));
        assert_eq!(leading(&format!(":{}:", "é".repeat(40))), None);
    }
}
