//! The fields, with values and messages that were compared with DRF's.

use proptest::prelude::*;

use super::*;
use crate::api::sdelements::python::parse;

/// Reads the field `f` with this value (JSON text). Returns the result or the error messages.
fn read<T>(value: &str, field: impl Fn(&mut Fields<'_>) -> Option<T>) -> Result<Option<T>, Vec<String>> {
    let body = parse(&format!("{{\"f\": {value}}}")).unwrap();
    let mut fields = Fields::of(&body, false).unwrap();
    let read = field(&mut fields);
    match fields.finish(Some(read)) {
        Ok(read) => Ok(read),
        Err(SdElementsFailure::Validation(failures)) => Err(failures
            .into_iter()
            .map(|(_, wrong)| match wrong {
                Wrong::Value(message) => message,
                Wrong::Item(at, message) => format!("{at}: {message}"),
            })
            .collect()),
        Err(other) => panic!("{other:?}"),
    }
}

fn text(value: &str) -> Result<Option<String>, Vec<String>> {
    read(value, |fields| fields.text("f", true, &Text { most: 5, blank: false }))
}

fn said<const N: usize>(messages: [&str; N]) -> Vec<String> {
    messages.map(str::to_owned).to_vec()
}

#[test]
fn texts_are_coerced_trimmed_and_counted_in_code_points() {
    for (value, wanted) in [
        (r#"" a ""#, "a"),
        ("12", "12"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1e400", "inf"),
        ("1e16", "1e+16"),
        ("1.50", "1.5"),
        (r#""\u001c\u2003é\u001f""#, "é"),
        (r#""日本語日本""#, "日本語日本"),
        (r#""\ud83d\ude00""#, "😀"),
    ] {
        assert_eq!(text(value), Ok(Some(wanted.to_owned())), "{value}");
    }
}

#[test]
fn every_rule_that_a_text_breaks_is_said() {
    let long = "Ensure this field has no more than 5 characters.";
    let null = "Null characters are not allowed.";
    for (value, messages) in [
        ("null", vec!["This field may not be null."]),
        (r#"" \u2003""#, vec!["This field may not be blank."]),
        ("true", vec!["Not a valid string."]),
        ("[]", vec!["Not a valid string."]),
        ("{}", vec!["Not a valid string."]),
        (r#""123456""#, vec![long]),
        ("18446744073709551616", vec![long]),
        (r#""a\u0000b""#, vec![null]),
        (r#""\ud83d""#, vec!["Surrogate characters are not allowed: U+D83D."]),
        (r#""\ude00\ud83d""#, vec!["Surrogate characters are not allowed: U+DE00."]),
        (r#""12345\u0000""#, vec![long, null]),
        (r#""1234\u0000\udfff""#, vec![long, null, "Surrogate characters are not allowed: U+DFFF."]),
    ] {
        assert_eq!(text(value), Err(messages.into_iter().map(str::to_owned).collect()), "{value}");
    }
}

#[test]
fn urls_are_texts_with_a_rule_more() {
    let url = |value: &str| read(value, |fields| fields.url("f", true, &Text { most: 20, blank: false }));
    assert_eq!(url(r#"" http://a.bc ""#), Ok(Some("http://a.bc".to_owned())));
    for value in ["true", "[]", "{}", "12", r#""x""#] {
        assert_eq!(url(value), Err(said(["Enter a valid URL."])), "{value}");
    }
    assert_eq!(url(r#""""#), Err(said(["This field may not be blank."])));
    let long = "Ensure this field has no more than 20 characters.";
    let both = said([long, "Null characters are not allowed.", "Enter a valid URL."]);
    assert_eq!(url(r#""http\u0000aaaaaaaaaaaaaaaa""#), Err(both));
    let surrogate = said(["Surrogate characters are not allowed: U+D83D."]);
    assert_eq!(url(r#""http://a.bc/\ud83d""#), Err(surrogate));
}

#[test]
fn booleans_are_what_drf_takes_for_them() {
    let boolean = |value: &str| read(value, |fields| fields.boolean("f"));
    for value in ["true", "\"true\"", "\"True\"", "\"t\"", "\"yEs\"", "\"on\"", "1", "\"1\"", "1.0", "1e0", "10e-1"] {
        assert_eq!(boolean(value), Ok(Some(true)), "{value}");
    }
    for value in ["false", "\"false\"", "\"F\"", "\"no\"", "\"off\"", "0", "-0", "\"0\"", "0.0", "-0.0", "1e-400"] {
        assert_eq!(boolean(value), Ok(Some(false)), "{value}");
    }
    for value in ["2", "\"\"", "\"maybe\"", "[]", "{}", "\"null\"", "\" true \"", "\"on\\n\"", "\"1.0\"", "1e400"] {
        assert_eq!(boolean(value), Err(said(["Must be a valid boolean."])), "{value}");
    }
    assert_eq!(boolean("null"), Err(said(["This field may not be null."])));
}

#[test]
fn choices_are_quoted_as_python_prints_them() {
    for (value, shown) in [
        (r#""x""#, "x"),
        (r#""""#, ""),
        (r#"" CreatedProjectActivity""#, " CreatedProjectActivity"),
        ("5", "5"),
        ("true", "True"),
        (r#"["\u0001"]"#, "['\\x01']"),
        (r#"["a", null, 1.5, 1e400]"#, "['a', None, 1.5, inf]"),
        (r#"{"a": "it's", "\ud83d": -0}"#, "{'a': \"it's\", '\\ud83d': 0}"),
        (r#""\ud83d""#, "\u{fffd}"),
    ] {
        let body = parse(&format!("{{\"event_source\": {value}}}")).unwrap();
        let mut fields = Fields::of(&body, false).unwrap();
        let read = fields.event_source(true);
        let failure = SdElementsFailure::field("event_source", format!("\"{shown}\" is not a valid choice."));
        assert_eq!(fields.finish(Some(read)), Err(failure), "{value}");
    }
}

#[test]
fn integers_have_any_size_and_perhaps_zeros_behind_a_point() {
    let integer = |value: &str| read(value, |fields| fields.integer("f"));
    let (nines, thousand) = ("9".repeat(400), format!("\"{}1\"", "0".repeat(999)));
    for (value, number) in [
        ("1", "1"),
        ("1.0", "1"),
        ("1e2", "100"),
        ("-0.0", "0"),
        ("\"1.0\"", "1"),
        ("\"-7.00 \"", "-7"),
        ("\" 1 .0\\u001c\"", "1"),
        ("\"1.\"", "1"),
        ("\"1_0\"", "10"),
        ("\"+100\"", "100"),
        (nines.as_str(), nines.as_str()),
        (thousand.as_str(), "1"),
    ] {
        assert_eq!(integer(value), Ok(Some(number.to_owned())), "{value}");
    }
    for value in [
        "1.5",
        "1e16",
        "1e400",
        "true",
        "[1]",
        "{}",
        "\"\"",
        "\".0\"",
        "\"1.5\"",
        "\"1.0.0\"",
        "\"1.00_0\"",
        "\"a\"",
        "\"\\ud83d\"",
    ] {
        assert_eq!(integer(value), Err(said(["A valid integer is required."])), "{value}");
    }
    let long = format!("\"{}\"", "1".repeat(1001));
    assert_eq!(integer(&long), Err(said(["String value too large."])));
}

#[test]
fn only_texts_are_date_times() {
    let moment = |value: &str| read(value, |fields| fields.date_time("f"));
    assert_eq!(moment(r#""1970-01-01T00:00:01Z""#), Ok(Some(Timestamp(1000))));
    for value in [r#""x""#, r#""""#, "1", "true", "[]", r#""1970-01-01T00:00:01Z\ud83d""#] {
        assert_eq!(moment(value), Err(said([date_time::WRONG_FORMAT])), "{value}");
    }
}

proptest! {
    #[test]
    fn a_text_is_accepted_if_a_slow_oracle_accepts_it(value in "[^\\x00]{0,12}|[ \\t\\n\\x1c-\\x1f]{0,3}[a-z]{0,7}[ \\t\\n]{0,3}") {
        let inside: Vec<char> = value.chars().collect();
        let blank = |c: &char| c.is_whitespace() || ['\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}'].contains(c);
        let start = inside.iter().position(|c| !blank(c)).unwrap_or(inside.len());
        let end = inside.iter().rposition(|c| !blank(c)).map_or(start, |at| at + 1);
        let oracle: String = inside[start..end].iter().collect();
        let good = (1..=5).contains(&(end - start));
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(text(&json).ok().flatten(), good.then_some(oracle));
    }
}

/// Django REST Framework 3.18 says the same of each, but for repeated items, which it has no rule for.
#[test]
fn a_list_of_ids_has_each_once_and_null_is_an_empty_one() {
    let ids = |value: &str| read(value, |fields| fields.ids("f", 3));
    for (value, wanted) in [
        ("null", vec![]),
        ("[]", vec![]),
        (r#"[11, "12", 13.0]"#, vec![11, 12, 13]),
        ("[9223372036854775807]", vec![i64::MAX.unsigned_abs()]),
    ] {
        assert_eq!(ids(value), Ok(Some(wanted)), "{value}");
    }
    for (value, messages) in [
        (r#""11""#, vec!["Expected a list of items but got type \"str\"."]),
        ("{}", vec!["Expected a list of items but got type \"dict\"."]),
        ("11", vec!["Expected a list of items but got type \"int\"."]),
        (
            r#"["x", 1, null, true]"#,
            vec![
                "0: A valid integer is required.",
                "2: This field may not be null.",
                "3: A valid integer is required.",
            ],
        ),
        (
            "[0, -1]",
            vec![
                "0: Ensure this value is greater than or equal to 1.",
                "1: Ensure this value is greater than or equal to 1.",
            ],
        ),
        ("[9223372036854775808]", vec!["0: Ensure this value is less than or equal to 9223372036854775807."]),
        ("[1, 2, 3, 4]", vec!["Ensure this field has no more than 3 elements."]),
        ("[1, 2, 1]", vec!["Each item may be listed once."]),
    ] {
        let messages = messages.into_iter().map(str::to_owned).collect();
        assert_eq!(ids(value), Err(messages), "{value}");
    }
    let body = parse("{}").unwrap();
    assert_eq!(Fields::of(&body, false).unwrap().ids("f", 3), None, "absent");
}
