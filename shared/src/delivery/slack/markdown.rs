//! Removes the Markdown that newer releases of SD Elements put into activities: `*Admin* created project
//! [Name](/activity-redirect/32/11/ "Name")`. Its links only work within SD Elements, and people are not meant to read
//! the asterisks.

/// Separates the name of a link from its path within SD Elements.
const TO: &str = "](/";

/// The characters that may be escaped with a backslash in a link's name.
const ESCAPABLE: &str = "[]()*_\\";

/// The text with each link replaced by its name, and without the asterisks around bold words. Links to other hosts stay
/// as they are, and so do asterisks in names.
pub(super) fn plain(text: &str) -> String {
    let mut rest = text;
    // Bold is removed between links, but not in their names.
    let mut shown = String::new();
    let mut linked = false;
    while let Some(link) = next_link(rest) {
        let before = &rest[..link.begin];
        shown.push_str(&if linked { without_bold(before) } else { without_bold(&without_bold_actor(before)) });
        shown.push_str(&link.name);
        rest = &rest[link.end..];
        linked = true;
    }
    if linked {
        shown.push_str(&without_bold(rest));
        return shown;
    }
    without_bold_actor(text)
}

struct Link {
    begin: usize,
    name: String,
    end: usize,
}

/// The first link into SD Elements itself.
fn next_link(text: &str) -> Option<Link> {
    let mut from = 0;
    while let Some(at) = text[from..].find(TO).map(|at| from + at) {
        let path = &text[at + TO.len()..];
        // `//host/path` leads to another host.
        let link = end_of_path(path).filter(|_| !path.starts_with('/')).and_then(|(length, after)| {
            let (title, end) = end_of_link(text, at + TO.len() + length, after)?;
            let begin = beginning_of(&text[..at], title)?;
            Some(Link { begin, name: unescaped(&text[begin + 1..at]), end })
        });
        if link.is_some() {
            return link;
        }
        from = at + TO.len();
    }
    None
}

/// The length of the path in bytes, and the character that ends it: white space before a title, or the closing
/// parenthesis of the link.
fn end_of_path(path: &str) -> Option<(usize, char)> {
    let mut open = 0_usize;
    for (at, c) in path.char_indices() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return Some((at, c)),
            ')' => open -= 1,
            c if c.is_whitespace() => return Some((at, c)),
            _ => {}
        }
    }
    None
}

/// The link's title, if it has one, and the position after the link. SD Elements repeats the name as the title without
/// escaping it, so the title may contain quotes and parentheses. It ends where it repeats the name, or else at the
/// first quote that a parenthesis follows.
fn end_of_link(text: &str, at: usize, ended_by: char) -> Option<(Option<&str>, usize)> {
    if ended_by == ')' {
        return Some((None, at + 1));
    }
    let inner = text[at..].trim_start();
    let start = text.len() - inner.len();
    let quote = inner.chars().next()?;
    let close = match quote {
        ')' => return Some((None, start + 1)),
        '"' | '\'' => format!("{quote})"),
        '(' => "))".to_owned(),
        _ => return None,
    };
    let title = &inner[1..];
    let name = &text[..text[..at].rfind(TO)?];
    let repeats = |length: &usize| name.ends_with(&format!("[{}", &title[..*length]));
    let ends: Vec<usize> = title.match_indices(&close).map(|(length, _)| length).collect();
    let length = ends.iter().copied().find(repeats).or(ends.first().copied())?;
    Some((Some(&title[..length]), start + 1 + length + close.len()))
}

/// The position of the bracket that opens the name at the end of `text`. If the title repeats the name, it is the
/// bracket before that name; else the last bracket that is not closed; else (the name has an unmatched closing bracket)
/// the first bracket.
fn beginning_of(text: &str, title: Option<&str>) -> Option<usize> {
    if let Some(title) = title.filter(|title| !title.is_empty() && text.ends_with(&format!("[{title}"))) {
        return Some(text.len() - title.len() - 1);
    }
    let mut closed = 0_usize;
    for (at, c) in text.char_indices().rev() {
        let escaped = text[..at].ends_with('\\');
        match c {
            ']' if !escaped => closed += 1,
            '[' if !escaped && closed == 0 => return Some(at),
            '[' if !escaped => closed -= 1,
            _ => {}
        }
    }
    text.find('[')
}

fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        match rest.peek() {
            Some(next) if c == '\\' && ESCAPABLE.contains(*next) => plain.extend(rest.next()),
            _ => plain.push(c),
        }
    }
    plain
}

/// The text without the asterisks around the words at its very beginning, which are the actor's name.
fn without_bold_actor(text: &str) -> String {
    let marks = text.bytes().take_while(|byte| *byte == b'*').count();
    if (1..=2).contains(&marks)
        && let Some((actor, rest)) = text[marks..].split_once(&text[..marks])
        && is_bold(actor, rest)
    {
        return format!("{actor}{rest}");
    }
    text.to_owned()
}

/// The text without the asterisks, one or two, around words anywhere in it.
fn without_bold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('*') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let bare = match plain.chars().last() {
            Some(c) if c.is_alphanumeric() => from.to_owned(),
            _ => without_bold_actor(from),
        };
        if bare.len() == from.len() {
            // These asterisks are not a mark of bold. Keep them and go on behind them.
            let run = from.bytes().take_while(|byte| *byte == b'*').count();
            plain.push_str(&from[..run]);
            rest = &from[run..];
        } else {
            let marks = (from.len() - bare.len()) / 2;
            let words = from[marks..].find(&from[..marks]).unwrap_or_default();
            plain.push_str(&from[marks..marks + words]);
            rest = &from[2 * marks + words..];
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether asterisks around `words` and before `after` mark bold text. In `2 * 3 * 4` they do not.
fn is_bold(words: &str, after: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let goes_on = after.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '*');
    !words.contains('*') && !edge(words.chars().next()) && !edge(words.chars().last()) && !goes_on
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_of_newer_releases_become_their_names() {
        for (text, shown) in [
            (
                "*Ada* created project [Apollo (EU)](/activity-redirect/32/1/ \"Apollo (EU)\") in application [Moon](/activity-redirect/29/1/ \"Moon\")",
                "Ada created project Apollo (EU) in application Moon",
            ),
            ("[a [b] c](/x)", "a [b] c"),
            ("[a](/activity-redirect/1/ \"a)b\") c", "a c"),
            ("[a \"b\") c](/x \"a \"b\") c\") d", "a \"b\") c d"),
            ("[a [b](/x \"a [b\") c", "a [b c"),
            ("[a] b](/x \"a] b\") c", "a] b c"),
            ("[a] b](/x) c", "a] b c"),
            ("[a](/x 'a') [b](/y (b)) [c](/z )", "a b c"),
            ("[a](/x(1)/y) b", "a b"),
            ("[a \\[b\\] \\*c\\*](/x) d", "a [b] *c* d"),
            (
                "**Ada** created project [A *1*](/x \"A *1*\") in *application* [B](/y).",
                "Ada created project A *1* in application B.",
            ),
            ("[*x*](/x) 2 * 3 * 4 a*b*c", "*x* 2 * 3 * 4 a*b*c"),
            ("*Ada B* created project Apollo", "Ada B created project Apollo"),
        ] {
            assert_eq!(plain(text), shown, "{text}");
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in [
            "b *a* [c](https://example.com)",
            "[c](//example.com/x)",
            "",
            "](/activity-redirect/",
            "[a](/activity-redirect/1",
            "2 * 3",
            "*",
            "**",
            "***",
            "* a *",
            "*a",
            "[a](/x \"b)",
            "a](/x)",
            "5*6*7",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_never_grows(text in "([*\\[\\]()/ \"'\\\\aé]|\\]\\(/){0,40}") {
            prop_assert!(plain(&text).len() <= text.len());
        }

        #[test]
        fn any_name_in_a_link_is_shown_as_it_is(name in "[ -~é]{1,20}") {
            prop_assume!(!name.contains('\\') && !name.contains("](/"));
            let text = format!("*Ada* created project [{name}](/activity-redirect/1/2/ \"{name}\") in application X");
            prop_assert_eq!(plain(&text), format!("Ada created project {name} in application X"));
        }
    }
}
