//! The parser, with values and messages that were compared with CPython's.

use proptest::prelude::*;

use super::*;

/// Each message was produced by CPython 3.11's `json.loads` on the text beside it.
#[test]
fn the_words_are_cpythons() {
    for (text, message) in [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("  ", "Expecting value: line 1 column 3 (char 2)"),
        ("x", "Expecting value: line 1 column 1 (char 0)"),
        ("-", "Expecting value: line 1 column 1 (char 0)"),
        ("01", "Extra data: line 1 column 2 (char 1)"),
        ("1.", "Extra data: line 1 column 2 (char 1)"),
        ("{} {}", "Extra data: line 1 column 4 (char 3)"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{a: 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{\"a\": 1,}", "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)"),
        ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
        ("{\"a\": }", "Expecting value: line 1 column 7 (char 6)"),
        ("{\"a\": 1 \"b\": 2}", "Expecting ',' delimiter: line 1 column 9 (char 8)"),
        ("{\n  \"a\": 1\n  \"b\": 2}", "Expecting ',' delimiter: line 3 column 3 (char 13)"),
        ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
        ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("[", "Expecting value: line 1 column 2 (char 1)"),
        ("\"abc", "Unterminated string starting at: line 1 column 1 (char 0)"),
        ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
        ("\"a\\xb\"", "Invalid \\escape: line 1 column 3 (char 2)"),
        ("\"a\\u12g4\"", "Invalid \\uXXXX escape: line 1 column 4 (char 3)"),
        ("NaN", "Out of range float values are not JSON compliant: 'NaN'"),
        ("[-Infinity]", "Out of range float values are not JSON compliant: '-Infinity'"),
        ("\u{feff}{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
        ("é x", "Expecting value: line 1 column 1 (char 0)"),
    ] {
        assert_eq!(parse(text), Err(message.to_owned()), "{text:?}");
    }
}

#[test]
fn surrogates_numbers_and_repeated_keys_are_kept_as_python_keeps_them() {
    let dict = |text: &str| match parse(text) {
        Ok(Value::Dict(dict)) => dict,
        other => panic!("{other:?}"),
    };
    let read = dict(
        r#"{"a": "\ud83d\ude00", "b": "x\ud83d", "c": 1e400, "\ud83d": 1, "a\u0000": 2, "d": -0, "b": "\ude00\ud83dy"}"#,
    );
    assert_eq!(read.get("a"), Some(&Value::Str(Str::from("😀"))));
    let Some(Value::Str(lone)) = read.get("b") else { panic!("the later value counts") };
    assert_eq!(lone.code_points().collect::<Vec<_>>(), [Err(0xde00), Err(0xd83d), Ok('y')]);
    assert_eq!((lone.text(), lone.shown(), lone.surrogate()), (None, "\u{fffd}\u{fffd}y", Some(0xde00)));
    assert_eq!(read.get("c"), Some(&Value::Float(f64::INFINITY)));
    assert_eq!(read.get("d"), Some(&Value::Int("0".to_owned())));
    assert_eq!((read.get("\u{fffd}"), read.pairs().len()), (None, 6));
}

#[test]
fn nesting_has_a_limit() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse(&deep(127)).is_ok());
    assert_eq!(parse(&deep(128)), Err(TOO_DEEP.to_owned()));
}

proptest! {
    #[test]
    fn what_the_grammar_allows_is_read((spaced, dense) in crate::domain::json_texts()) {
        prop_assert_eq!(parse(&spaced).is_ok(), true);
        prop_assert_eq!(parse(&spaced), parse(&dense));
    }

    #[test]
    fn a_string_reads_back(text in any::<String>()) {
        let json = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(parse(&json), Ok(Value::Str(Str::from(text.as_str()))));
    }

    #[test]
    fn never_panics(text in "[\\[\\]{}\":,\\\\ua-f0-9eE.+ \\n-]{0,40}|\\PC{0,20}") {
        let _ = parse(&text);
    }
}
