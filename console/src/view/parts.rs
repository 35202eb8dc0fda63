//! Pieces that several pages have.

use maud::{Markup, html};
use shared::{
    api::{
        common::FieldError,
        operations::{State, WebhookBody},
    },
    domain::{DeliveryState, Moment},
};

use super::Frame;
use crate::{time, visit::TOKEN_FIELD};

/// A form of one button that sends `fields` to the path.
pub(crate) fn button(frame: &Frame, path: &str, label: &str, class: &str, fields: &[(&str, &str)]) -> Markup {
    form(
        frame,
        path,
        &html! {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=(class) { (label) }
        },
    )
}

/// As [`button`], but asks first. Without the script, the server asks.
pub(crate) fn sure_button(frame: &Frame, path: &str, label: &str, question: &str) -> Markup {
    html! {
        form method="post" action=(frame.link(path)) data-confirm=(question) {
            (token(frame))
            input type="hidden" name="sure" value="";
            button.danger { (label) }
        }
    }
}

/// A form that is sent to the path.
pub(crate) fn form(frame: &Frame, path: &str, content: &Markup) -> Markup {
    html! { form method="post" action=(frame.link(path)) { (token(frame)) (content) } }
}

/// The field that proves that a form comes from a page of this session.
pub(crate) fn token(frame: &Frame) -> Markup {
    html! { input type="hidden" name=(TOKEN_FIELD) value=(frame.form_token()); }
}

/// A webhook's state as a word, a colour and a shape.
pub(crate) fn state(state: State) -> Markup {
    html! { span class={ "state " (state.as_str()) } { (state.as_str()) } }
}

/// A delivery's state as a word, a colour and a shape.
pub(crate) fn delivery_state(state: DeliveryState) -> Markup {
    html! { span class={ "state " (state.as_str()) } { (state.as_str()) } }
}

/// A webhook's name. Flip's webhooks have none, so the endpoint's host stands for it.
pub(crate) fn name(webhook: &WebhookBody) -> &str {
    if !webhook.name.trim().is_empty() {
        return &webhook.name;
    }
    let host = webhook.endpoint.split_once("://").map_or(webhook.endpoint.as_str(), |(_, rest)| rest);
    host.split('/').next().filter(|host| !host.is_empty()).unwrap_or(&webhook.id)
}

/// The way back from a page that is about a webhook.
pub(crate) fn crumbs(frame: &Frame, webhook: &WebhookBody) -> Markup {
    html! {
        nav.crumbs aria-label="Where you are" {
            a href=(frame.link("/webhooks")) { "Webhooks" } " / "
            a href=(frame.link(&format!("/webhooks/{}", webhook.id))) { (name(webhook)) }
        }
    }
}

/// Buttons for what can be done with a webhook in its state, in a form that somebody else makes. Each button of a list names
/// its webhook, for those who hear the page.
pub(crate) fn actions(frame: &Frame, webhook: &WebhookBody, in_list: bool) -> Markup {
    let at = |below: &str| frame.link(&format!("/webhooks/{}/{below}", webhook.id));
    let act = |path: &str, label: &str| {
        html! {
            button.quiet formaction=(at(path)) { (label) @if in_list { span.hidden { " " (name(webhook)) } } }
        }
    };
    html! {
        @match webhook.state {
            State::Paused => (act("unpause", "Resume")),
            State::Suspended => (act("unsuspend", "Resume")),
            State::Delivering | State::Retrying => (act("pause", "Pause")),
            State::Inactive => {},
        }
        (act("test", "Send a test"))
    }
}

/// How long ago or until when, or a dash.
pub(crate) fn when(frame: &Frame, moment: Option<Moment>) -> Markup {
    match moment {
        Some(Moment(moment)) => time::relative(moment, frame.now),
        None => html! { "–" },
    }
}

/// A text, or a dash.
pub(crate) fn or_dash(text: Option<&str>) -> Markup {
    match text {
        Some(text) => html! { (text) },
        None => html! { "–" },
    }
}

/// A list of facts: names and values.
pub(crate) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } }
    }
}

/// The link to the next page of a list, if there is one.
pub(crate) fn next(link: Option<String>) -> Markup {
    html! { @if let Some(link) = link { p.next { a rel="next" href=(link) { "Next page" } } } }
}

/// What is wrong with a form, above it.
pub(crate) fn errors(errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.errors role="alert" {
                @for error in errors {
                    p { @if !error.field.is_empty() { b { (error.field) } ": " } (error.message) }
                }
            }
        }
    }
}

/// A choice of one of several values; the first means any.
pub(crate) fn select(id: &str, name: &str, label: &str, chosen: &str, values: &[&str]) -> Markup {
    html! {
        label for=(id) { (label) }
        select id=(id) name=(name) {
            option value="" { "any" }
            @for value in values { option value=(value) selected[*value == chosen] { (value) } }
        }
    }
}

/// A line of text to type.
pub(crate) fn line(id: &str, name: &str, label: &str, value: &str, hint: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        input id=(id) name=(name) value=(value) placeholder=[Some(hint).filter(|hint| !hint.is_empty())];
    }
}

/// A query with these pairs, without those that are empty; begins with `?` unless all are.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// A text with a button that copies it. Without the script there is no button.
pub(crate) fn copyable(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.copyable {
            pre id=(id) tabindex="0" aria-label=(label) { (text) }
            button.quiet type="button" data-copy=(id) hidden { "Copy" }
        }
    }
}

/// The beginning of a text, for a table.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A JSON text, indented, or a text that is not JSON, with a button that copies it. Of a long one, only the beginning, so that
/// no event makes a page huge.
pub(crate) fn document(id: &str, label: &str, text: &str) -> Markup {
    const MOST: usize = 6_000;
    let shown = pretty(text, MOST);
    let end = shown.char_indices().map(|(at, _)| at).nth(MOST);
    html! {
        (copyable(id, label, &shown[..end.unwrap_or(shown.len())]))
        @if end.is_some() {
            p.help { "Only the beginning is shown: it has " (text.len() / 1_000) " KB. The operations API gives the whole." }
        }
    }
}

/// A JSON text, indented if it is JSON; of a long one, `most` characters and a few more.
fn pretty(text: &str, most: usize) -> String {
    serde_json::from_str::<&serde_json::value::RawValue>(text)
        .ok()
        .map_or_else(|| text.to_owned(), |json| indented(json.get(), most))
}

/// Indents the beginning of a valid JSON text without changing a digit, an escape or the order of members.
fn indented(json: &str, most: usize) -> String {
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0_usize, false, false);
    let mut rest = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        // A text nested deeper than this would be mostly white space.
        out.extend(std::iter::repeat_n("  ", depth.min(20)));
    };
    // No character has more than four bytes.
    while let Some(next) = rest.next().filter(|_| out.len() <= 4 * most) {
        if in_text {
            out.push(next);
            in_text = escaped || next != '"';
            escaped = !escaped && next == '\\';
            continue;
        }
        match next {
            '"' => {
                in_text = true;
                out.push(next);
            }
            '{' | '[' => {
                out.push(next);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(next);
            }
            ',' => {
                out.push(next);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ if next.is_ascii_whitespace() => {}
            _ => out.push(next),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_otherwise_as_it_was() {
        let text = r#"{"b":1.50,"a":[ ],"c":{"x\"{":"\u00e9"},"d":[1,{"e":null}]}"#;
        let wanted = "{\n  \"b\": 1.50,\n  \"a\": [],\n  \"c\": {\n    \"x\\\"{\": \"\\u00e9\"\n  },\n  \"d\": [\n    1,\n    {\n      \"e\": null\n    }\n  ]\n}";
        assert_eq!(pretty(text, 6_000), wanted);
        assert_eq!(pretty("no json", 6_000), "no json");
        assert!(pretty(&format!("[{}1]", "1,".repeat(50_000)), 100).len() < 1_000);
    }

    #[test]
    fn a_query_leaves_out_what_is_empty() {
        assert_eq!(query(&[("a", ""), ("b", "")]), "");
        assert_eq!(query(&[("a", "x y&"), ("b", ""), ("c", "é")]), "?a=x+y%26&c=%C3%A9");
    }
}
