//! The style sheet: small, of our own classes only, and with enough contrast in light and in dark.

use super::super::STYLE;

/// Each colour of text on the background that it stands on.
const PAIRS: [(&str, &str); 8] = [
    ("text", "back"),
    ("dim", "back"),
    ("link", "back"),
    ("dim", "soft"),
    ("text", "soft"),
    ("code", "soft"),
    ("text", "call"),
    ("link", "soft"),
];

/// A colour in light and in dark: `--slack-NAME:light-dark(#rrggbb,#rrggbb)`.
fn colours(name: &str) -> [[f64; 3]; 2] {
    let (_, rest) = STYLE.split_once(&format!("--slack-{name}:light-dark(")).unwrap();
    let (both, _) = rest.split_once(')').unwrap();
    let (light, dark) = both.split_once(',').unwrap();
    [light, dark].map(|colour| {
        let digits = colour.strip_prefix('#').unwrap();
        assert_eq!(digits.len(), 6, "{colour}");
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0)
    })
}

/// WCAG 2.2, relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] =
        colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn every_text_has_the_contrast_of_wcag_aa_in_light_and_in_dark() {
    for (text, back) in PAIRS {
        let (text_colours, backs) = (colours(text), colours(back));
        for (mode, (one, other)) in ["light", "dark"].into_iter().zip(text_colours.into_iter().zip(backs)) {
            let (one, other) = (luminance(one), luminance(other));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 4.5, "{text} on {back}, {mode}: {contrast:.2}");
        }
    }
}

#[test]
fn it_is_small_and_touches_only_our_own_classes() {
    assert!(STYLE.len() < 2_500, "{} bytes", STYLE.len());
    for rule in STYLE.split('}').filter(|rule| !rule.trim().is_empty()) {
        let (selectors, declarations) = rule.split_once('{').unwrap();
        assert!(selectors.split(',').all(|selector| selector.trim().starts_with(".slack-")), "{selectors}");
        assert!(!declarations.contains("url(") && !selectors.contains('@'), "{rule}");
    }
}
