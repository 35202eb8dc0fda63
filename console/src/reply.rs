//! Pages as replies, with the headers that guard them.

use std::sync::LazyLock;

use maud::Markup;
use shared::{
    api::{common::FieldError, operations::OperationsFailure},
    app::App,
    http::{Reply, Request},
};

use crate::{
    failure::{Failure, Refused},
    place::Place,
    view::{self, Frame, Section, query},
    visit::{COOKIE, frame, no_cookie},
};

/// Which pages may show the console in a frame, as in CSP's `frame-ancestors`; none by default.
static FRAME_ANCESTORS: LazyLock<String> = LazyLock::new(|| {
    let given = std::env::var("CONSOLE_FRAME_ANCESTORS").unwrap_or_default();
    if given.trim().is_empty() { "'none'".to_owned() } else { given.replace([';', ',', '\r', '\n'], " ") }
});

/// A page. No page is cached: it may show what only this visitor may see.
pub(crate) fn page(status: u16, page: Markup) -> Reply {
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors {}",
        *FRAME_ANCESTORS
    );
    let reply = guarded(Reply::text(status, "text/html; charset=utf-8", page.into_string()))
        .with_header("Content-Security-Policy", policy)
        .with_header("Cross-Origin-Opener-Policy", "same-origin");
    if *FRAME_ANCESTORS == "'none'" { reply.with_header("X-Frame-Options", "DENY") } else { reply }
}

/// Sends the browser on to another page, which it asks for with GET.
pub(crate) fn redirect(to: String) -> Reply {
    guarded(Reply { status: 303, headers: vec![("Location", to)], body: None })
}

/// The headers of every reply but those with the style and the script. `same-origin` keeps addresses from other sites, but
/// lets the browser name its page in `Origin`, which `no-referrer` would not.
fn guarded(reply: Reply) -> Reply {
    reply
        .with_header("Cache-Control", "no-store")
        .with_header("Referrer-Policy", "same-origin")
        .with_header("X-Robots-Tag", "noindex")
        .with_header("X-Content-Type-Options", "nosniff")
}

/// The reply for a failure.
pub(crate) fn failed(app: &App, request: &Request, failure: Failure) -> Reply {
    let mut frame = frame(app, request);
    frame.entered = request.cookie(COOKIE).is_some();
    match failure {
        Failure::NoSession(refused) => not_entered(request, &frame, refused),
        Failure::Forged => {
            let what = "The form was not sent by a page of your session, so nothing was changed. Open the page again and \
                        repeat what you did.";
            page(403, view::failure::page(&frame, "This form cannot be used", what, &[]))
        }
        Failure::Method(allowed) => {
            let what = "Nothing was changed. This address cannot be used in this way.";
            page(405, view::failure::page(&frame, "Not possible here", what, &[])).with_header("Allow", allowed)
        }
        Failure::TooLarge => {
            let what = "What was sent is larger than 64 KB, so nothing was changed.";
            page(413, view::failure::page(&frame, "That is too much", what, &[]))
        }
        Failure::NoEvent => {
            let what = "It was never accepted, has expired, or belongs to another organization. The reply to its publication has its id.";
            page(404, view::failure::page(&frame, "No event has this id", what, &[]))
        }
        Failure::Operations(failure) => operations(&frame, failure),
    }
}

/// Goes on to the page that asks for a key, which says why, and knows what was asked for.
fn not_entered(request: &Request, frame: &Frame, refused: Refused) -> Reply {
    let posted = request.method == http::Method::POST;
    let next = if posted { String::new() } else { next_of(request) };
    // A longer address would not fit into a header of the gateway.
    let next = if next.len() < 2_000 { next } else { String::new() };
    let why = match refused {
        Refused::NotEntered => "",
        Refused::Ended if posted => "unchanged",
        Refused::Ended => "ended",
    };
    let query = query(&[("next", &next), ("why", why)]);
    let reply = redirect(frame.link(&format!("/enter{query}")));
    if refused == Refused::Ended { reply.with_header("Set-Cookie", no_cookie(&frame.place)) } else { reply }
}

/// The page that was asked for, below the console, with its query.
fn next_of(request: &Request) -> String {
    let path = request.path.after_base().strip_prefix("/console").unwrap_or_default();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(request.query.iter().filter(|(name, _)| name != "done"))
        .finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn operations(frame: &Frame, failure: OperationsFailure) -> Reply {
    let (status, detail) = (failure.status(), failure.detail());
    let (title, what, errors) = match failure {
        OperationsFailure::NotFound => {
            ("There is nothing here", "The page does not exist, or it is not yours.".to_owned(), vec![])
        }
        OperationsFailure::PermissionDenied(permission) => {
            let what = format!("This needs the permission {}, which you do not have.", permission.as_str());
            ("You may not do this", what, vec![])
        }
        OperationsFailure::Invalid(errors) => {
            ("That cannot be shown", "Something in the address is wrong:".to_owned(), errors)
        }
        OperationsFailure::Unavailable => {
            ("The service is busy", "Nothing is lost. Try again in a moment.".to_owned(), vec![])
        }
        OperationsFailure::Internal => {
            let what = "The operator finds the reason in the log. Nothing is lost.".to_owned();
            ("Something went wrong", what, vec![])
        }
        _ => ("That cannot be done now", detail, vec![]),
    };
    page(status, view::failure::page(frame, title, &what, &errors))
}

/// The reply to a request whose handler panicked: a page too.
#[must_use]
pub fn defect(request: &Request) -> Reply {
    let frame = Frame { place: Place::of(request), ..Frame::default() };
    operations(&frame, OperationsFailure::Internal)
}

/// The page of a form; a 400 if it was filled in wrong.
pub(crate) fn form(frame: &Frame, section: Section, title: &str, content: &Markup, errors: &[FieldError]) -> Reply {
    let status = if errors.is_empty() { 200 } else { 400 };
    page(status, view::layout::page(frame, section, title, content))
}

/// The page of a visitor with its title.
pub(crate) fn shown(frame: &Frame, section: Section, title: &str, content: &Markup) -> Reply {
    page(200, view::layout::page(frame, section, title, content))
}
