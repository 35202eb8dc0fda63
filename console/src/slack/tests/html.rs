//! Reads the HTML that is drawn, as a browser's parser would, and says what must not be in it.

use html5gum::{Token, Tokenizer};

/// Elements, and the attributes that each may have.
const ELEMENTS: [(&str, &[&str]); 14] = [
    ("a", &["class", "href", "rel"]),
    ("b", &[]),
    ("blockquote", &["class"]),
    ("br", &[]),
    ("code", &["class"]),
    ("div", &["class"]),
    ("hr", &["class"]),
    ("i", &[]),
    ("pre", &["class"]),
    ("s", &[]),
    ("span", &["class"]),
    ("svg", &["class", "viewbox", "width", "height", "aria-hidden", "focusable"]),
    ("rect", &["class", "width", "height", "rx"]),
    ("path", &["class", "d"]),
];

/// What was read: the HTML itself, and its text.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) html: String,
    pub(super) text: String,
}

/// Whether the HTML is whole and has only elements, attributes, classes and addresses that a message may have.
pub(super) fn check(html: &str) -> Result<(), String> {
    Page::read(html).map(drop)
}

impl Page {
    pub(super) fn read(html: &str) -> Result<Self, String> {
        let (mut open, mut text, mut roots) = (Vec::new(), String::new(), 0);
        for token in Tokenizer::new(html) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let name = word(&tag.name);
                    let Some((_, known)) = ELEMENTS.iter().find(|(known, _)| *known == name) else {
                        return Err(format!("<{name}> in {html}"));
                    };
                    for (attribute, value) in &tag.attributes {
                        let (attribute, value) = (word(attribute), word(value));
                        let good = match attribute.as_str() {
                            "class" => value.split(' ').all(|class| class.starts_with("slack-")),
                            "rel" => value == "noopener noreferrer nofollow",
                            "href" => is_harmless(&value) && tag.attributes.contains_key(&b"rel"[..]),
                            other => known.contains(&other),
                        };
                        if !good || !known.contains(&attribute.as_str()) {
                            return Err(format!("{attribute}={value} in {html}"));
                        }
                    }
                    if open.is_empty() {
                        roots += 1;
                    }
                    if !matches!(name.as_str(), "br" | "hr") {
                        open.push(name);
                    }
                }
                Token::EndTag(tag) => {
                    if open.pop() != Some(word(&tag.name)) {
                        return Err(format!("</{}> closes something else in {html}", word(&tag.name)));
                    }
                }
                Token::String(string) if !open.is_empty() => text.push_str(&word(&string)),
                // A NUL is in the text, and no parser of HTML takes it for anything else.
                Token::Error(error)
                    if [
                        "unexpected-null-character",
                        "control-character-in-input-stream",
                        "noncharacter-in-input-stream",
                    ]
                    .contains(&error.value.as_str()) => {}
                other => return Err(format!("{other:?} in {html}")),
            }
        }
        if open.is_empty() && roots == 1 {
            Ok(Self { html: html.to_owned(), text })
        } else {
            Err(format!("{open:?} is open, {roots} roots in {html}"))
        }
    }
}

fn is_harmless(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|scheme| address.starts_with(scheme))
        && !address.contains(char::is_whitespace)
}

fn word(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_check_finds_what_must_not_be_there() {
    assert!(check("<div class=\"slack-a\">a &lt; b<br></div>").is_ok());
    for bad in [
        "<div>",
        "<div></div><div></div>",
        "<div><script></script></div>",
        "<div style=\"a\"></div>",
        "<div onclick=\"a\"></div>",
        "<div class=\"a\"></div>",
        "<div><b><i></b></i></div>",
        "<div><a href=\"https://a\">x</a></div>",
        "<div><a href=\"javascript:a\" rel=\"noopener noreferrer nofollow\">x</a></div>",
        "<div><!-- --></div>",
        "<div>a<</div>",
        "a<div></div>",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}
