//! One line of mrkdwn: bold, italic and struck text, code, links, mentions and emoji.

use maud::{Markup, html};

use super::{emoji, entity::decoded, link};

/// What cannot be the end of an address that is only written, not marked as a link.
const AFTER_ADDRESS: [char; 13] = ['.', ',', ':', ';', '!', '?', '\'', '"', ')', ']', '*', '_', '~'];

/// A part of a line.
enum Part {
    Text(String),
    Drawn(Markup),
    Styled(char, Vec<Part>),
}

/// A stretch of text that is open: the sign that began it and its parts. The outermost has no sign.
struct Open {
    sign: Option<char>,
    parts: Vec<Part>,
}

/// The parts of a line up to where it has been read. There are at most three open stretches within the outermost, one a sign.
struct Line {
    open: Vec<Open>,
}

/// A line of mrkdwn, drawn. It takes time in proportion to its length, whatever is in it.
pub(super) fn drawn(line: &str) -> Markup {
    let mut whole = Line { open: vec![Open { sign: None, parts: Vec::new() }] };
    let (mut rest, mut before) = (line, None);
    // Once there is no closing sign further on, it is not looked for again.
    let (mut may_code, mut may_link) = (true, true);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let taken = match c {
            '`' if may_code => {
                let end = after.find('`');
                may_code = end.is_some();
                end.filter(|end| *end > 0).map(|end| (Part::Drawn(code(&after[..end])), end + 2))
            }
            '<' if may_link => {
                let end = after.find(['<', '>']);
                may_link = end.is_some();
                let end = end.filter(|end| after[*end..].starts_with('>'));
                end.and_then(|end| Some((Part::Drawn(link::drawn(&after[..end])?), end + 2)))
            }
            ':' => emoji::leading(rest).map(|(emoji, length)| (Part::Text(emoji.to_owned()), length)),
            'h' if !before.is_some_and(char::is_alphanumeric) => written_address(rest),
            _ => None,
        };
        let length = match taken {
            Some((part, length)) => {
                whole.add(part);
                length
            }
            None if matches!(c, '*' | '_' | '~') => {
                whole.sign(c, before, after.chars().next());
                1
            }
            None => {
                whole.text(&rest[..c.len_utf8()]);
                c.len_utf8()
            }
        };
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
    whole.end()
}

/// Code within a line, in which nothing is formatted.
fn code(text: &str) -> Markup {
    html! { code.slack-code { (decoded(text)) } }
}

/// An address that the text begins with, as a link, and its length.
fn written_address(text: &str) -> Option<(Part, usize)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '|' | '`');
    let mut address = &text[..text.find(ends).unwrap_or(text.len())];
    if let Some(end) = ["&lt;", "&gt;"].into_iter().filter_map(|entity| address.find(entity)).min() {
        address = &address[..end];
    }
    let address = address.trim_end_matches(AFTER_ADDRESS);
    // What is left may be less than the scheme.
    let link = (address.len() > scheme.len()).then(|| link::anchor(address, None))??;
    Some((Part::Drawn(link), address.len()))
}

impl Line {
    fn add(&mut self, part: Part) {
        if let Some(open) = self.open.last_mut() {
            open.parts.push(part);
        }
    }

    fn text(&mut self, text: &str) {
        let Some(Open { parts, .. }) = self.open.last_mut() else { return };
        match parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => parts.push(Part::Text(text.to_owned())),
        }
    }

    /// A sign closes the stretch that it began, begins one, or is text. It stands between a word and what is none.
    fn sign(&mut self, sign: char, before: Option<char>, after: Option<char>) {
        let beside_word = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != sign);
        let is_apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let began = self.open.iter().position(|open| open.sign == Some(sign));
        match began {
            Some(began) if beside_word(before) && is_apart(after) => {
                self.close_above(began);
                if let Some(Open { parts, .. }) = self.open.pop() {
                    self.add(Part::Styled(sign, parts));
                }
            }
            None if beside_word(after) && is_apart(before) => {
                self.open.push(Open { sign: Some(sign), parts: Vec::new() });
            }
            _ => self.text(sign.encode_utf8(&mut [0; 4])),
        }
    }

    /// Turns the signs of the stretches above that one, which nothing closes, into text.
    fn close_above(&mut self, at: usize) {
        while self.open.len() > at + 1 {
            if let Some(Open { sign, parts }) = self.open.pop() {
                self.add(Part::Text(sign.into_iter().collect()));
                parts.into_iter().for_each(|part| self.add(part));
            }
        }
    }

    fn end(mut self) -> Markup {
        self.close_above(0);
        html! { @for open in &self.open { (parts(&open.parts)) } }
    }
}

fn parts(all: &[Part]) -> Markup {
    html! {
        @for part in all {
            @match part {
                Part::Text(text) => (decoded(text)),
                Part::Drawn(drawn) => (drawn),
                Part::Styled('*', inner) => b { (parts(inner)) },
                Part::Styled('_', inner) => i { (parts(inner)) },
                Part::Styled(_, inner) => s { (parts(inner)) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_beside_words_style_what_is_between_them() {
        for (line, wanted) in [
            ("*bold* _italic_ ~struck~", "<b>bold</b> <i>italic</i> <s>struck</s>"),
            ("*_both_*, (*a b*)", "<b><i>both</i></b>, (<b>a b</b>)"),
            ("snake_case_name 2*3*4 a * b * c", "snake_case_name 2*3*4 a * b * c"),
            ("*a _b* c_", "<b>a _b</b> c_"),
            ("*a *b*", "<b>a *b</b>"),
            ("**a** ** *", "*<b>a</b>* ** *"),
            ("*open", "*open"),
            ("*&lt;b&gt;*", "<b>&lt;b&gt;</b>"),
            ("*<!here>* :wave: *:x:*", "<b><span class=\"slack-mention\">@here</span></b> 👋 <b>❌</b>"),
        ] {
            assert_eq!(drawn(line).into_string(), wanted, "{line}");
        }
    }

    #[test]
    fn code_shows_its_text_as_it_is() {
        assert_eq!(
            drawn("`*a* :x: &lt;b&gt;` ``").into_string(),
            "<code class=\"slack-code\">*a* :x: &lt;b&gt;</code> ``"
        );
    }

    #[test]
    fn what_is_no_link_is_text() {
        for (line, wanted) in [
            ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a < b <", "a &lt; b &lt;"),
        ] {
            assert_eq!(drawn(line).into_string(), wanted, "{line}");
        }
    }

    #[test]
    fn an_address_that_is_only_written_is_a_link() {
        let shown = |line: &str| drawn(line).into_string().replace(" rel=\"noopener noreferrer nofollow\"", "");
        let link = |address: &str| format!("<a class=\"slack-link\" href=\"{address}\">{address}</a>");
        assert_eq!(
            shown("(see https://a.example/b_c_d?e=1&amp;f)."),
            format!("(see {}).", link("https://a.example/b_c_d?e=1&amp;f"))
        );
        assert_eq!(shown("&lt;http://a.example&gt;"), format!("&lt;{}&gt;", link("http://a.example")));
        assert_eq!(shown("*http://a.example*"), format!("<b>{}</b>", link("http://a.example")));
        assert_eq!(shown("https:// xhttp://a https://..."), "https:// xhttp://a https://...");
    }
}
