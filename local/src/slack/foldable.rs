//! A body that is no Slack message: JSON on lines of its own, each object and array foldable, or the text as it is.
//!
//! Numbers keep their digits and strings their escapes, since what arrived is what counts.

use std::fmt;

use maud::{Markup, html};
use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The most values of one body that are shown on lines of their own; the rest is shown as it is.
const VALUES: usize = 1_000;

/// The deepest object or array that is foldable.
const DEPTH: usize = 32;

/// The most of a text that is shown, in characters.
const SHOWN: usize = 20_000;

/// Draws bodies. Each foldable part gets an id that begins with `id`.
pub(super) fn drawn(body: &str, id: &str) -> Markup {
    let mut tree = Tree { id, parts: 0, left: VALUES };
    match serde_json::from_str::<&RawValue>(body) {
        Ok(value) => html! { div.json { (tree.value(html! {}, value.get(), html! {}, DEPTH)) } },
        Err(_) if body.is_empty() => html! { p.dim { "No body." } },
        Err(_) => html! { pre { (cut(body)) } },
    }
}

/// The JSON text with line breaks, or the text as it is.
pub(super) fn pretty(body: &str, id: &str) -> Markup {
    html! { details id=(format!("{id}-raw")) { summary { "As it was sent" } (drawn(body, id)) } }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes in all; GET /messages has them)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

struct Tree<'a> {
    id: &'a str,
    parts: usize,
    left: usize,
}

/// The members of an object, in order, also those whose name repeats.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl Tree<'_> {
    /// A value after its name and before its comma.
    fn value(&mut self, before: Markup, text: &str, after: Markup, depth: usize) -> Markup {
        self.left = self.left.saturating_sub(1);
        let is_open = |sign| text.starts_with(sign) && depth > 0 && self.left > 0;
        if is_open('{')
            && let Ok(Members(members)) = serde_json::from_str::<Members<'_>>(text)
            && !members.is_empty()
        {
            let count = members.len();
            let last = count - 1;
            let lines = members.into_iter().enumerate().map(|(at, (name, value))| {
                let name = html! { span.name { (quoted(&name)) } ": " };
                self.value(name, value.get(), comma(at < last), depth - 1)
            });
            let lines = lines.collect();
            return self.part(before, ["{", "}"], count, lines, after);
        }
        if is_open('[')
            && let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(text)
            && !values.is_empty()
        {
            let count = values.len();
            let last = count - 1;
            let lines = values.into_iter().enumerate();
            let lines =
                lines.map(|(at, value)| self.value(html! {}, value.get(), comma(at < last), depth - 1)).collect();
            return self.part(before, ["[", "]"], count, lines, after);
        }
        html! { div { (before) (cut(text)) (after) } }
    }

    fn part(
        &mut self,
        before: Markup,
        [open, close]: [&str; 2],
        count: usize,
        lines: Vec<Markup>,
        after: Markup,
    ) -> Markup {
        self.parts += 1;
        let id = format!("{}-{}", self.id, self.parts);
        html! {
            details open id=(id) {
                summary { (before) (open) span.dim.count { " " (count) " " (close) } }
                div.inner { @for line in &lines { (line) } }
                div.close { (close) (after) }
            }
        }
    }
}

fn comma(more: bool) -> Markup {
    html! { @if more { "," } }
}

fn quoted(name: &str) -> String {
    serde_json::to_string(name).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        drawn(body, "m1").into_string()
    }

    #[test]
    fn objects_and_arrays_are_foldable_and_the_rest_is_as_it_was_sent() {
        let html = shown("{\"a\": [12345678901234567890.10, \"\\u00e9<b>\"], \"a\": {}, \"b\": null}");
        let wanted = "<div class=\"json\"><details open id=\"m1-2\"><summary>{<span class=\"dim count\"> 3 }</span></summary>\
            <div class=\"inner\"><details open id=\"m1-1\"><summary><span class=\"name\">&quot;a&quot;</span>: [<span class=\"dim count\"> \
            2 ]</span></summary><div class=\"inner\"><div>12345678901234567890.10,</div><div>&quot;\\u00e9&lt;b&gt;&quot;</div></div>\
            <div class=\"close\">],</div></details><div><span class=\"name\">&quot;a&quot;</span>: {},</div>\
            <div><span class=\"name\">&quot;b&quot;</span>: null</div></div><div class=\"close\">}</div></details></div>";
        assert_eq!(html, wanted);
    }

    #[test]
    fn other_texts_are_shown_as_they_are() {
        assert_eq!(shown(""), "<p class=\"dim\">No body.</p>");
        assert_eq!(shown("{\"a\"<"), "<pre>{&quot;a&quot;&lt;</pre>");
        assert!(shown(&"x".repeat(30_000)).contains("x… (30000 bytes in all"));
    }

    #[test]
    fn a_large_or_deep_body_makes_no_large_or_deep_page() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let html = shown(&format!("{}1{}", open.repeat(100_000), close.repeat(100_000)));
            assert_eq!(html.matches("<details").count(), DEPTH, "{open}");
        }
        let wide = format!("[{}1]", "[1],".repeat(1_000_000));
        assert!(shown(&wide).matches("<details").count() <= VALUES);
    }
}
