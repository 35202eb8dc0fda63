//! One notification target: the form that changes it, and its secret after it was created.

use maud::{Markup, html};
use shared::{
    api::{common::FieldError, operations::TargetBody},
    domain::OperationalEvent,
};

use super::{Frame, parts};

/// What was typed into the form of a target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) url: String,
    /// The types that are ticked; `None` for all.
    pub(crate) event_types: Option<Vec<String>>,
    pub(crate) active: bool,
}

impl From<&TargetBody> for Typed {
    fn from(target: &TargetBody) -> Self {
        Self {
            kind: target.kind.as_str().to_owned(),
            name: target.name.clone(),
            url: target.url.clone(),
            event_types: Some(target.event_types.clone()),
            active: target.active,
        }
    }
}

/// The fields that a new and an old target have.
pub(crate) fn fields(typed: &Typed) -> Markup {
    let ticked = |kind: &str| typed.event_types.as_ref().is_none_or(|types| types.iter().any(|one| one == kind));
    html! {
        (parts::line("name", "name", "Name", &typed.name, ""))
        (parts::line("url", "url", "URL", &typed.url, "https://"))
        fieldset { legend { "Tell it when" }
            @for event in OperationalEvent::ALL {
                label { input type="checkbox" name="event_types" value=(event.as_str()) checked[ticked(event.as_str())]; " " code { (event.as_str()) } }
            }
        }
    }
}

/// The page that changes a target.
pub(crate) fn content(frame: &Frame, id: &str, typed: &Typed, errors: &[FieldError]) -> Markup {
    html! {
        nav.crumbs aria-label="Where you are" { a href=(frame.link("/notifications")) { "Notifications" } }
        h1 { "Change the target" }
        (parts::errors(errors))
        (parts::form(frame, &format!("/notifications/{id}"), &html! {
            (fields(typed))
            p.help { "The URL is shown with … for its secret parts. Leave it as it is to keep it." }
            label { input type="checkbox" name="active" value="true" checked[typed.active]; " Active" }
            div.row { button.primary { "Save" } a.button.quiet href=(frame.link("/notifications")) { "Cancel" } }
        }))
        (parts::sure_button(frame, &format!("/notifications/{id}/delete"), "Delete the target", &format!("Delete the target {}?", typed.name)))
    }
}

/// The page after a signed target was created, with its secret.
pub(crate) fn created(frame: &Frame, name: &str, secret: &str) -> Markup {
    html! {
        div.narrow {
            h1 { "Created " (name) }
            p { "Its messages are signed with this secret. It is shown only now: copy it into your receiver." }
            (parts::copyable("secret", "Signing secret", secret))
            p { a href=(frame.link("/notifications")) { "Go on to the targets" } }
        }
    }
}
