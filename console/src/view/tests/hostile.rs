//! No text becomes markup: a page has the same elements and attributes whatever its texts are.

use html5gum::{Token, Tokenizer};
use proptest::{prelude::*, sample::select};
use shared::{
    api::operations::State,
    domain::{Api, DeliveryState},
};

use super::samples::{
    delivery, events, frame, new_webhook, one_event, one_target, one_webhook, overview, small, targets, webhooks,
};

/// All pages with this text in every place.
fn pages(text: &str) -> Vec<String> {
    let frame = frame(text, true);
    let mut pages = vec![
        overview(&frame, text, 3),
        webhooks(&frame, text, 5),
        one_webhook(&frame, text, State::Suspended, 4),
        delivery(&frame, text, DeliveryState::Diverted, 3, Some(text)),
        delivery(&frame, text, DeliveryState::Pending, 2, Some(text)),
        events(&frame, text, 2),
        one_event(&frame, text, true),
        targets(&frame, text, 2),
        one_target(&frame, text),
    ];
    pages.extend(Api::ALL[..4].iter().map(|api| new_webhook(&frame, text, *api)));
    pages.extend(small(&frame, text).into_iter().map(|(_, page)| page));
    pages
}

/// The elements of a page with the names of their attributes. An error of the tokenizer counts too.
fn structure(page: &str) -> Vec<String> {
    let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    Tokenizer::new(page)
        .map(Result::unwrap)
        .filter_map(|token| match token {
            Token::StartTag(tag) => {
                let attributes: Vec<_> = tag.attributes.keys().map(|attribute| name(attribute)).collect();
                Some(format!("<{} {}>", name(&tag.name), attributes.join(" ")))
            }
            Token::EndTag(tag) => Some(format!("</{}>", name(&tag.name))),
            Token::String(_) | Token::Doctype(_) => None,
            Token::Comment(_) => Some("<!-- -->".to_owned()),
            Token::Error(error) => Some(format!("error {error:?}")),
        })
        .collect()
}

/// Texts that break out of something somewhere.
fn texts() -> impl Strategy<Value = String> {
    let parts = select(vec![
        "<",
        ">",
        "\"",
        "'",
        "&",
        "`",
        "=",
        "/",
        "</script>",
        "<!--",
        "-->",
        "]]>",
        "&lt;",
        "&#60;",
        "<b>",
        "javascript:",
        "x",
        " ",
        "é",
        "\u{202e}",
        "{{",
        "\\",
        "%3C",
    ]);
    prop_oneof![
        3 => prop::collection::vec(parts, 1..8).prop_map(|parts| format!("x{}", parts.concat())),
        1 => "x\\PC{1,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_becomes_markup(text in texts()) {
        for (page, plain) in pages(&text).iter().zip(pages("xyz")) {
            prop_assert_eq!(structure(page), structure(&plain), "{}", page);
        }
    }
}
