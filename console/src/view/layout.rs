//! The frame of every page: head, menu, notice.

use maud::{DOCTYPE, Markup, html};

use super::{Frame, Notice, Section, parts};
use crate::asset::{ICON, SCRIPT, STYLE};

/// A page with this title and content.
pub(crate) fn page(frame: &Frame, section: Section, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Outhook" }
                link rel="stylesheet" href=(frame.link(&STYLE.path()));
                link rel="icon" href=(frame.link(&ICON.path()));
                script src=(frame.link(&SCRIPT.path())) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (header(frame, section))
                main #main tabindex="-1" {
                    @if let Some(notice) = frame.notice.filter(|notice| frame.visitor.is_some() || *notice == Notice::Left) { p.notice role="status" { (notice.text()) } }
                    (content)
                }
            }
        }
    }
}

fn header(frame: &Frame, section: Section) -> Markup {
    html! {
        header.top {
            a.mark href=(frame.link("")) { span.dot aria-hidden="true" {} "Outhook" }
            @if frame.entered {
                nav aria-label="Parts" {
                    @for (part, name, path) in Section::MENU {
                        a href=(frame.link(path)) aria-current=[(part == section).then_some("page")] { (name) }
                    }
                }
            }
            @if let Some(visitor) = &frame.visitor {
                div.who {
                    span { b { (visitor.organization) } " · " (visitor.user) }
                    (parts::button(frame, "/leave", "Leave", "quiet", &[]))
                }
            }
        }
    }
}
