//! The format of a reply's JSON in DRF. (JSONRenderer in rest_framework/renderers.py.)

use super::negotiation;
use crate::http::{Reply, Request};

/// Formats a reply as DRF does. It is indented if the caller asks for it (`Accept: application/json; indent=4`).
/// Unicode's two line separators are escaped, because older JavaScript does not allow them in strings.
#[must_use]
pub fn rendered(request: &Request, reply: Reply) -> Reply {
    let body = reply.body.map(|body| {
        let body = match negotiation::indentation(request) {
            Some(spaces) => indented(&body, &" ".repeat(spaces)),
            None => body,
        };
        if body.contains(['\u{2028}', '\u{2029}']) {
            return body.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        }
        body
    });
    Reply { body, ..reply }
}

/// Puts each member and item of a compact JSON text on its own line.
fn indented(text: &str, step: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&step.repeat(depth));
    };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if inside {
            inside = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            out.push(c);
            continue;
        }
        if matches!(c, '}' | ']') {
            depth = depth.saturating_sub(1);
            line(&mut out, depth);
        }
        out.push(c);
        match c {
            '"' => inside = true,
            '{' | '[' => match chars.next_if(|next| matches!(next, '}' | ']')) {
                Some(end) => out.push(end),
                None => {
                    depth += 1;
                    line(&mut out, depth);
                }
            },
            ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(accept: &str, body: &str) -> String {
        let mut request = Request::default();
        request.headers.insert("accept", accept.parse().unwrap());
        let reply = Reply { status: 200, headers: Vec::new(), body: Some(body.to_owned()) };
        rendered(&request, reply).body.unwrap()
    }

    #[test]
    fn a_reply_is_indented_on_demand() {
        let body = r#"{"a":[],"b":{},"c":[1,{"d":"x\\\"},:[]"}],"e":null}"#;
        assert_eq!(with("*/*", body), body);
        insta::assert_snapshot!(with("application/json; indent=2", body), @r#"
        {
          "a": [],
          "b": {},
          "c": [
            1,
            {
              "d": "x\\\"},:[]"
            }
          ],
          "e": null
        }
        "#);
    }

    #[test]
    fn line_separators_are_escaped() {
        assert_eq!(with("*/*", "\"a\u{2028}b\u{2029}\""), r#""a\u2028b\u2029""#);
        assert_eq!(with("*/*;indent=1", "[\"\u{2028}\"]"), "[\n \"\\u2028\"\n]");
    }

    proptest! {
        #[test]
        fn only_white_space_between_tokens_is_added((_, dense) in crate::domain::json_texts(), spaces in 1..=8_usize) {
            let text = indented(&dense, &" ".repeat(spaces));
            prop_assert_eq!(crate::domain::JsonText::parse(&text).unwrap().to_string(), dense);
        }
    }
}
