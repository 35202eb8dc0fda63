//! The page of what has arrived, as HTML. It works without its script, which only keeps it fresh.

use console::time::exact;
use maud::{DOCTYPE, Markup, html};

use super::{choice::CHOICES, foldable, messages::Message, signature::Signature};

/// The most messages on the page. `GET /messages` lists all.
pub(super) const SHOWN: usize = 50;

/// The most paths on the page.
const MOST_PATHS: usize = 40;

/// The longest body that is drawn, in bytes.
const LONGEST: usize = 100_000;

/// How many paths are on the page before the others are folded.
const PATHS: usize = 6;

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("page.css");

/// The page's script.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// A message on the page.
pub(super) struct Shown {
    /// Its place in the order of arrival, from 1.
    pub(super) number: usize,
    pub(super) message: Message,
    pub(super) signature: Signature,
}

/// What the page shows.
#[derive(Default)]
pub(super) struct View {
    /// The newest messages, the newest first.
    pub(super) shown: Vec<Shown>,
    /// How many have arrived, at the one path if there is one.
    pub(super) count: usize,
    /// The paths, in the order in which they are of interest.
    pub(super) paths: Vec<PathState>,
    /// The one path whose messages are shown.
    pub(super) only: Option<String>,
    /// Whether there is a way into the console.
    pub(super) console: bool,
}

/// What is known of a path.
#[derive(Default)]
pub(super) struct PathState {
    pub(super) path: String,
    /// How many messages have arrived there.
    pub(super) count: usize,
    /// What it is told to answer, in words; as usual if absent.
    pub(super) told: Option<String>,
}

/// The whole page.
pub(super) fn page(view: &View) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "What arrived: " (view.count) }
                link rel="stylesheet" href="/_page/slack.css";
                link rel="stylesheet" href="/_page/page.css";
                script src="/_page/page.js" defer {}
            }
            body {
                header {
                    h1 { "What arrived" }
                    nav aria-label="Pages" {
                        @if view.console { a href="/console-link" { "Console" } }
                        a href="/docs/" { "Documentation" }
                        a href="/openapi" { "APIs" }
                    }
                    form action="/" {
                        @if let Some(path) = &view.only { input type="hidden" name="path" value=(path); }
                        button id="refresh" { "Refresh" }
                    }
                }
                main { (paths(view)) (arrivals(view)) }
            }
        }
    }
}

fn paths(view: &View) -> Markup {
    let shown = &view.paths[..view.paths.len().min(MOST_PATHS)];
    let (first, more) = shown.split_at(shown.len().min(PATHS));
    let others = view.paths.len() - shown.len();
    html! {
        section aria-labelledby="paths" {
            h2 id="paths" { "What each path answers" }
            ul.paths {
                @for state in first { (path(state)) }
                @if !more.is_empty() {
                    li { details id="more-paths" {
                        summary { (more.len()) " more" }
                        ul.paths { @for state in more { (path(state)) } }
                        @if others > 0 { p.dim { "And " (others) " more; " code { "GET /messages" } " names them." } }
                    } }
                }
                li {
                    form.other method="post" action="/_behave" {
                        label {
                            "Another path"
                            input name="path" id="other-path" required pattern="/[^?]*" placeholder="/flip.example/hook" autocomplete="off";
                        }
                        span { (buttons(None)) }
                    }
                }
            }
        }
    }
}

fn path(state: &PathState) -> Markup {
    let PathState { path, count, told } = state;
    html! {
        li {
            div.path {
                a href=(format!("/?path={}", encoded(path))) title="Show only what arrived here" { code { (path) } }
                " " span.dim { (count) }
                @match told {
                    Some(told) => strong.told { (told) },
                    None => span.dim { "answers " @if path.starts_with("/services/") { "as Slack" } @else { "200" } },
                }
            }
            form method="post" action="/_behave" {
                input type="hidden" name="path" value=(path);
                (buttons(Some(path)))
            }
        }
    }
}

/// The buttons of a path, or of the one that is typed.
fn buttons(path: Option<&str>) -> Markup {
    let (whose, id) = (path.unwrap_or("another path"), path.unwrap_or("other"));
    html! {
        @for choice in CHOICES {
            button name="answer" value=(choice.value) title=(choice.hint) id=(format!("{}-{id}", choice.value))
                aria-label=(format!("{} for {whose}", choice.label)) { (choice.label) }
        }
    }
}

fn arrivals(view: &View) -> Markup {
    let older = view.count.saturating_sub(view.shown.len());
    html! {
        section aria-labelledby="arrivals" {
            h2 id="arrivals" {
                @match view.count { 0 => "Nothing has arrived", 1 => "1 message", count => { (count) " messages" } }
                @if let Some(path) = &view.only { " at " code { (path) } " " a.all href="/" { "show all" } }
            }
            @if view.count == 0 {
                p.dim { "Paste the lines that " code { "cargo local" } " printed, and see the message here." }
            }
            @for one in &view.shown { (arrival(one)) }
            @if older > 0 { p.dim { (older) " older: " a href="/messages" { "all messages as JSON" } } }
        }
    }
}

fn arrival(one: &Shown) -> Markup {
    let Shown { number, message, signature } = one;
    let id = format!("m{number}");
    let mut headers: Vec<_> = message.headers.iter().collect();
    headers.sort();
    let kind = match message.status {
        200..300 => "good",
        _ => "bad",
    };
    let sign = match signature {
        Signature::Verifies => "good",
        Signature::Differs => "bad",
        Signature::Absent | Signature::NoWebhook | Signature::Unknown => "dim",
    };
    html! {
        article id=(id) aria-labelledby=(format!("{id}-title")) {
            h3 id=(format!("{id}-title")) { "POST " code { (message.path) } }
            p.facts {
                span.status.(kind) { (message.status) }
                time datetime=(message.received_at) { (exact(message.received_at)) }
                span.(sign) { "Signature: " (signature.words()) }
            }
            details id=(format!("{id}-headers")) {
                summary { "Headers " span.dim { (headers.len()) } }
                dl { @for (name, value) in headers { dt { (name) } dd { (value) } } }
            }
            @if message.body.len() > LONGEST {
                p.dim { "The body has " (message.body.len() / 1_000) " KB, too much to draw; " code { "GET /messages" } " has it." }
            } @else {
                @match console::slack::message(&message.body) {
                    Some(drawn) => { (drawn) (foldable::pretty(&message.body, &id)) },
                    None => (foldable::drawn(&message.body, &id)),
                }
            }
        }
    }
}

fn encoded(path: &str) -> String {
    url::form_urlencoded::byte_serialize(path.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use shared::domain::Timestamp;

    use super::*;

    fn shown(number: usize, path: &str, body: &str) -> Shown {
        let message = Message {
            path: path.to_owned(),
            received_at: Timestamp(1_743_416_100_000),
            status: if number == 1 { 200 } else { 429 },
            headers: [("x-<b>".to_owned(), "\"><script>".to_owned())].into(),
            body: body.to_owned(),
        };
        Shown { number, message, signature: if number == 1 { Signature::Verifies } else { Signature::Absent } }
    }

    #[test]
    fn the_page_stays_small_whatever_arrives() {
        let state = |at: usize| PathState { path: format!("/{at}"), count: 1, told: None };
        let view = View {
            shown: (0..SHOWN).map(|at| shown(at, "/a", &format!("[{}1]", "1,".repeat(500_000)))).collect(),
            count: 9_000,
            paths: (0..5_000).map(state).collect(),
            ..View::default()
        };
        let html = page(&view).into_string();
        assert!(html.len() < 200_000, "{}", html.len());
        assert!(html.contains("And 4960 more") && html.contains("The body has 1000 KB, too much to draw"));
    }

    #[test]
    fn a_page_with_a_slack_message_another_body_and_what_paths_are_told() {
        let view = View {
            shown: vec![
                shown(2, "/services/T/B/<i>", r#"{"text": "*hi* <b>"}"#),
                shown(1, "/a.example/b?c", "{\"a\":[1]}"),
            ],
            count: 52,
            paths: vec![
                PathState { path: "/a.example/b".to_owned(), count: 1, told: Some("answers 500".to_owned()) },
                PathState { path: "/services/T/B/<i>".to_owned(), count: 51, told: None },
            ],
            console: true,
            only: None,
        };
        let html = page(&view).into_string();
        assert!(!html.contains("<script>") && !html.contains("<i>") && !html.contains("style="), "{html}");
        insta::assert_snapshot!(html.replace("><", ">\n<"));
    }

    #[test]
    fn many_paths_are_folded() {
        let paths = (0..9).map(|at| PathState { path: format!("/p{at}"), ..PathState::default() }).collect();
        let html = page(&View { paths, ..View::default() }).into_string();
        let (first, more) = html.split_once("<details id=\"more-paths\"><summary>3 more</summary>").unwrap();
        assert!(
            first.contains("/p5") && !first.contains("/p6") && more.contains("/p6") && more.contains("/p8"),
            "{html}"
        );
    }

    #[test]
    fn an_empty_page_says_what_to_do_and_without_a_console_there_is_no_link_to_it() {
        let html = page(&View::default()).into_string();
        assert!(html.contains("Nothing has arrived") && !html.contains("/console-link"), "{html}");
    }

    #[test]
    fn one_path_may_be_all_that_is_shown() {
        let only = Some("/a&b".to_owned());
        let html = page(&View { only, ..View::default() }).into_string();
        assert!(
            html.contains("<input type=\"hidden\" name=\"path\" value=\"/a&amp;b\">") && html.contains("show all"),
            "{html}"
        );
    }
}
