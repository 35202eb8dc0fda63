//! `/console/enter` and `/console/leave`: entering with a key or a link, and leaving.

use http::Method;
use shared::{
    app::{App, Entered},
    domain::Session,
    http::{Reply, Request},
};

use super::done;
use crate::{
    failure::Failure,
    form::Fields,
    place::Place,
    reply::{page, redirect},
    time,
    view::{self, Frame, Notice},
    visit::{Visit, cookie, frame, no_cookie},
};

/// Shows the form for a key; with `ticket` in the query, enters.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let frame = frame(app, request);
    let Some(ticket) = request.parameter("ticket") else {
        let message = match request.parameter("why") {
            Some("ended") => Some("Your session has ended. Enter again."),
            Some("unchanged") => Some("Your session has ended, so nothing was changed. Enter again."),
            _ => None,
        };
        let next = request.parameter("next").filter(|next| is_below(next)).unwrap_or_default();
        return Ok(page(200, view::entry::page(&frame, next, message)));
    };
    // Whatever only looks at links must not use them up.
    if request.method == Method::HEAD || is_prefetch(request) || is_part_of_a_page(request) {
        return Ok(page(200, view::entry::page(&frame, "", None)));
    }
    let message = match app.enter_with_ticket(request, ticket).await? {
        Entered::Session(text, session) => {
            return Ok(begun(&frame, text.expose(), &session, page(200, view::entry::welcome(&frame, &session.user))));
        }
        Entered::Unknown => {
            "This link was used already, or has expired: it works once, within five minutes. Ask for a new one, or enter with a key."
        }
        Entered::NotPermitted => "This link does not have the permission operations:read, which looking needs.",
        Entered::TooMany(later) => return Ok(too_many(&frame, later)),
    };
    Ok(page(401, view::entry::page(&frame, "", Some(message))).with_header("WWW-Authenticate", "Form"))
}

/// Enters with the key in the form.
pub(crate) async fn enter(app: &App, request: &Request) -> Result<Reply, Failure> {
    if !Place::of(request).is_origin_of(request) {
        return Err(Failure::Forged);
    }
    let (frame, fields) = (frame(app, request), Fields::of(request)?);
    let next = fields.text("next");
    let (status, message) = match app.enter_with_key(request, fields.text("key")).await? {
        Entered::Session(text, session) => {
            return Ok(begun(
                &frame,
                text.expose(),
                &session,
                redirect(frame.link(if is_below(next) { next } else { "" })),
            ));
        }
        Entered::Unknown => (401, "This key is not valid, or was revoked."),
        Entered::NotPermitted => (403, "This key does not have the permission operations:read, which looking needs."),
        Entered::TooMany(later) => return Ok(too_many(&frame, later)),
    };
    let reply = page(status, view::entry::page(&frame, next, Some(message)));
    Ok(if status == 401 { reply.with_header("WWW-Authenticate", "Form") } else { reply })
}

/// Ends the session.
pub(crate) async fn leave(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (visit, _) = Visit::with_form(app, request, None).await?;
    app.leave(&visit.caller).await?;
    Ok(done(&visit.frame, "/enter", Notice::Left).with_header("Set-Cookie", no_cookie(&visit.frame.place)))
}

fn begun(frame: &Frame, text: &str, session: &Session, reply: Reply) -> Reply {
    reply.with_header("Set-Cookie", cookie(&frame.place, text, session.expires, frame.now))
}

fn too_many(frame: &Frame, later: shared::domain::Timestamp) -> Reply {
    let wait = later.since(frame.now);
    let message = format!("There were too many attempts to enter. Try again in {}.", time::span(wait));
    page(429, view::entry::page(frame, "", Some(&message)))
        .with_header("Retry-After", wait.as_secs().max(1).to_string())
}

/// Whether a browser asks in advance for a page that nobody may ever look at.
fn is_prefetch(request: &Request) -> bool {
    ["sec-purpose", "purpose"]
        .iter()
        .any(|name| request.header(name).is_some_and(|purpose| purpose.contains("prefetch")))
}

/// Whether a page of somebody asks for something to show in it, such as a picture. No person follows such a link.
fn is_part_of_a_page(request: &Request) -> bool {
    request.header("sec-fetch-dest").is_some_and(|kind| kind != "document")
}

/// Whether the text is a path below the console, and nothing that a browser could take for another place.
fn is_below(next: &str) -> bool {
    let leads_out = ["/enter", "/leave"].iter().any(|path| next.starts_with(path));
    next.starts_with('/')
        && !leads_out
        && next.len() < 2_000
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_the_console_comes_next() {
        for next in ["/webhooks", "/events?day=2025-03-31&type=a%20b"] {
            assert!(is_below(next), "{next}");
        }
        for next in [
            "",
            "https://evil.example",
            "webhooks",
            "/a\r\nX: y",
            "/\\evil.example",
            "/é",
            "/a b",
            "/enter?ticket=x",
            "/leave",
        ] {
            assert!(!is_below(next), "{next}");
        }
    }
}
