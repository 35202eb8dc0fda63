//! Notification targets: where operational events go.

use maud::{Markup, html};
use shared::{
    api::{
        common::FieldError,
        operations::{ListBody, TargetBody},
    },
    domain::OperationalEvent,
};

use super::{Frame, parts, target};

/// The page; `form` is what was typed for a new target, and what is wrong with it.
pub(crate) fn content(
    frame: &Frame,
    list: &ListBody<TargetBody>,
    form: &target::Typed,
    errors: &[FieldError],
) -> Markup {
    html! {
        h1 { "Notifications" }
        p { "Outhook tells these targets when a webhook fails, is suspended or recovers, and when deliveries are diverted or expire." }
        @if list.items.is_empty() {
            p.empty { "There are no targets yet, so nobody is told." }
        } @else {
            (table(frame, &list.items))
        }
        (parts::next(list.next.as_ref().map(|cursor| frame.link(&format!("/notifications{}", parts::query(&[("cursor", cursor)]))))))
        @if frame.may_change() {
            section aria-labelledby="new" {
                h2 #new { "New target" }
                (parts::errors(errors))
                (parts::form(frame, "/notifications", &html! {
                    fieldset { legend { "Kind" }
                        label { input type="radio" name="kind" value="slack" checked[form.kind != "webhook"]; " Slack: a message in a channel" }
                        label { input type="radio" name="kind" value="webhook" checked[form.kind == "webhook"]; " Webhook: signed JSON" }
                    }
                    (target::fields(form))
                    button.primary { "Create" }
                }))
            }
        }
    }
}

fn table(frame: &Frame, targets: &[TargetBody]) -> Markup {
    html! {
        table.list {
            caption.hidden { "Notification targets" }
            thead { tr { th scope="col" { "Target" } th scope="col" { "State" } th scope="col" { "Hears of" } @if frame.may_change() { th scope="col" { "Actions" } } } }
            tbody {
                @for one in targets {
                    tr {
                        th scope="row" {
                            a.name href=(frame.link(&format!("/webhooks/operations:{}", one.id))) { (one.name) }
                            div.sub { (one.kind.as_str()) }
                            div.endpoint { (one.url) }
                        }
                        td data-label="State" { (parts::state(one.state)) @if let Some(reason) = &one.reason { div.sub { (parts::short(reason)) } } }
                        td data-label="Hears of" { (hears_of(&one.event_types)) }
                        @if frame.may_change() {
                            td.actions {
                                a.button.quiet href=(frame.link(&format!("/notifications/{}", one.id))) { "Change" span.hidden { " " (one.name) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn hears_of(types: &[String]) -> Markup {
    if OperationalEvent::ALL.iter().all(|event| types.iter().any(|kind| kind == event.as_str())) {
        return html! { "everything" };
    }
    html! { @for kind in types { div { code { (kind) } } } }
}
