//! A text of mrkdwn: blocks of code, quotes, items of lists, and lines.

use maud::{Markup, html};

use super::{entity::decoded, inline};

const FENCE: &str = "```";

/// The text, drawn.
pub(super) fn drawn(text: &str) -> Markup {
    let mut rest = text;
    let mut parts = Vec::new();
    while let Some((before, code, after)) = fenced(rest) {
        parts.push(lines(before.strip_suffix('\n').unwrap_or(before)));
        let code = code.strip_prefix('\n').unwrap_or(code);
        parts.push(html! { pre.slack-pre { (decoded(code.strip_suffix('\n').unwrap_or(code))) } });
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    parts.push(lines(rest));
    html! { @for part in &parts { (part) } }
}

/// The text before the first block of code, the code, and the text after it.
fn fenced(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(FENCE)?;
    let (code, after) = rest.split_once(FENCE)?;
    (!code.is_empty()).then_some((before, code, after))
}

/// Lines, of which those that follow each other with a quote's sign are one quote.
fn lines(text: &str) -> Markup {
    if text.is_empty() {
        return html! {};
    }
    let mut groups: Vec<(bool, Vec<&str>)> = Vec::new();
    let mut to_the_end = false;
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        let (quoted, line) = match quote(line) {
            _ if to_the_end => (true, line),
            Some((all, line)) => {
                to_the_end = all;
                (true, line)
            }
            None => (false, line),
        };
        match groups.last_mut() {
            Some((same, lines)) if *same == quoted => lines.push(line),
            _ => groups.push((quoted, vec![line])),
        }
    }
    html! {
        @for (quoted, lines) in &groups {
            @if *quoted { blockquote.slack-quote { (group(lines)) } } @else { (group(lines)) }
        }
    }
}

/// What a quoted line says, and whether everything after it is quoted too.
fn quote(line: &str) -> Option<(bool, &str)> {
    let one = |text| ["&gt;", ">"].into_iter().find_map(|sign| str::strip_prefix(text, sign));
    let rest = one(line)?;
    let (all, rest) = one(rest).and_then(one).map_or((false, rest), |rest| (true, rest));
    Some((all, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// Lines one below the other. An item of a list is a block of its own, which ends its line.
fn group(lines: &[&str]) -> Markup {
    let is_item = |at: usize| lines.get(at).is_some_and(|line| is_item(line));
    html! {
        @for (at, line) in lines.iter().enumerate() {
            @if is_item(at) {
                span.slack-item { (inline::drawn(line)) }
            } @else {
                (inline::drawn(line))
                @if at + 1 < lines.len() && (line.is_empty() || !is_item(at + 1)) { br; }
            }
        }
    }
}

/// Whether the line begins as the item of a list, for which mrkdwn has no sign of its own.
fn is_item(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "• ", "◦ ", "▪ "].iter().any(|sign| line.starts_with(sign))
        || (number.len() < line.len() && number.starts_with(". "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_quotes_items_and_code() {
        for (text, wanted) in [
            ("a\nb\r\n\nc", "a<br>b<br><br>c"),
            ("> a\n&gt;b\nc", "<blockquote class=\"slack-quote\">a<br>b</blockquote>c"),
            (">>> a\nb", "<blockquote class=\"slack-quote\">a<br>b</blockquote>"),
            (
                "x\n- *a*\n1. b\ny",
                "x<span class=\"slack-item\">- <b>a</b></span><span class=\"slack-item\">1. b</span>y",
            ),
            ("a\n```\n*b*\n&lt;c\n```\nd", "a<pre class=\"slack-pre\">*b*\n&lt;c</pre>d"),
            ("```a``` b ```c", "<pre class=\"slack-pre\">a</pre> b ```c"),
            ("*a\nb*", "*a<br>b*"),
            ("", ""),
        ] {
            assert_eq!(drawn(text).into_string(), wanted, "{text}");
        }
    }
}
