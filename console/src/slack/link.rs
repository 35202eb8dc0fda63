//! What Slack writes between `<` and `>`: links, mentions and dates.

use maud::{Markup, html};

use super::entity::decoded;

/// What `<inner>` shows; `None` if it is none of these, so that it is text.
pub(super) fn drawn(inner: &str) -> Option<Markup> {
    let (target, label) = inner.split_once('|').map_or((inner, None), |(target, label)| (target, Some(label)));
    let label = label.filter(|label| !label.trim().is_empty());
    match target.chars().next()? {
        '@' => is_id(&target[1..]).then(|| mention('@', label.unwrap_or(&target[1..]))),
        '#' => is_id(&target[1..]).then(|| mention('#', label.unwrap_or(&target[1..]))),
        '!' => special(&target[1..], label),
        _ => anchor(target, label),
    }
}

/// A link to this address, as it is written in the text, with its entities; `None` if its scheme is none of those that a link
/// may have.
pub(super) fn anchor(address: &str, label: Option<&str>) -> Option<Markup> {
    let address = decoded(address);
    let scheme = ["http://", "https://", "mailto:"].into_iter().find(|scheme| starts_with(&address, scheme))?;
    if address.len() == scheme.len() || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let bare = if scheme == "mailto:" { &address[scheme.len()..] } else { &address };
    let label = label.map_or(bare.into(), decoded);
    Some(html! { a.slack-link href=(address) rel="noopener noreferrer nofollow" { (label) } })
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

/// Whether this can be the id of a user or a channel.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn mention(sign: char, name: &str) -> Markup {
    let name = decoded(name);
    html! { span.slack-mention { (sign) (name.strip_prefix(sign).unwrap_or(&name)) } }
}

/// What begins with `!`: a mention of many, or a date, of which the fallback is shown, since the reader's time zone is not known.
fn special(command: &str, label: Option<&str>) -> Option<Markup> {
    let parts: Vec<&str> = command.splitn(4, '^').collect();
    match (parts.as_slice(), label) {
        ([everybody @ ("here" | "channel" | "everyone")], _) => Some(mention('@', everybody)),
        (["subteam", id], label) => is_id(id).then(|| mention('@', label.unwrap_or(id))),
        (["date", _, _], Some(fallback)) => Some(html! { (decoded(fallback)) }),
        (["date", _, _, address], Some(fallback)) => {
            Some(anchor(address, Some(fallback)).unwrap_or_else(|| html! { (decoded(fallback)) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(inner: &str) -> String {
        drawn(inner).map(Markup::into_string).unwrap_or_default()
    }

    #[test]
    fn addresses_of_three_schemes_are_links() {
        let link = |address: &str, label: &str| {
            format!(r#"<a class="slack-link" href="{address}" rel="noopener noreferrer nofollow">{label}</a>"#)
        };
        assert_eq!(
            shown("https://example.com/?a=1&amp;b=2"),
            link("https://example.com/?a=1&amp;b=2", "https://example.com/?a=1&amp;b=2")
        );
        assert_eq!(shown("HTTP://example.com|A &lt;label&gt;"), link("HTTP://example.com", "A &lt;label&gt;"));
        assert_eq!(shown("mailto:a@example.com|Write"), link("mailto:a@example.com", "Write"));
        assert_eq!(shown("mailto:a@example.com"), link("mailto:a@example.com", "a@example.com"));
        assert_eq!(
            shown(r#"https://x/"onclick="a"#),
            link("https://x/&quot;onclick=&quot;a", "https://x/&quot;onclick=&quot;a")
        );
        for other in [
            "javascript:alert(1)|x",
            "data:text/html,x",
            "//example.com",
            "https://",
            "https://a b",
            " https://a",
            "b",
            "|x",
        ] {
            assert_eq!(shown(other), "", "{other}");
        }
    }

    #[test]
    fn mentions_show_a_name_or_an_id() {
        let mention = |name: &str| format!(r#"<span class="slack-mention">{name}</span>"#);
        for (inner, name) in [
            ("@U123", "@U123"),
            ("@U123|Ann &amp; Co", "@Ann &amp; Co"),
            ("#C9|general", "#general"),
            ("!here", "@here"),
            ("!here|here", "@here"),
            ("!everyone", "@everyone"),
            ("!subteam^S1|@team", "@team"),
        ] {
            assert_eq!(shown(inner), mention(name), "{inner}");
        }
        for other in ["@", "@<b>", "#a b", "!other", "!subteam^", "!date^1^x"] {
            assert_eq!(shown(other), "", "{other}");
        }
    }

    #[test]
    fn a_date_shows_its_fallback() {
        assert_eq!(shown("!date^1392734382^Posted {date_num}|a day"), "a day");
        assert!(shown("!date^1392734382^{date}^https://example.com/|a day").contains(r#"href="https://example.com/""#));
        assert_eq!(shown("!date^1392734382^{date}^javascript:x|a day"), "a day");
    }
}
