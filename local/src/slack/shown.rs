//! The page of what arrived and its files, as replies.

use std::{cmp::Reverse, collections::HashMap};

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use url::form_urlencoded;

use super::{
    desk::{Desk, Held},
    messages::Message,
    page::{self, PathState, SHOWN, Shown, View},
    signature::{self, Signature},
};
use crate::question::Question;

/// The page may show only what this server gives, and no other page may show it in a frame, where its buttons could be pressed
/// unawares.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// With `no-referrer`, browsers would send the page's own forms without saying where they come from, and they would be refused.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The page of what arrived, at the path that the query asks for or anywhere.
pub(super) async fn page(desk: &Desk, query: Option<&str>) -> Response {
    let (newest, mut view) = seen(desk, &asked(query));
    let endpoints = if newest.iter().any(|(_, message)| signature::is_signed(message)) {
        match &desk.surroundings.store {
            Some(store) => signature::endpoints(store).await.ok(),
            None => Some(signature::Endpoints::new()),
        }
    } else {
        None
    };
    view.shown = newest
        .into_iter()
        .map(|(number, message)| {
            let signature: Signature = signature::check(&message, endpoints.as_ref());
            Shown { number, message, signature }
        })
        .collect();
    (HEADERS, Html(page::page(&view).into_string())).into_response()
}

/// The question of the page's own links and its form: `path=PATH` as forms write it.
fn asked(query: Option<&str>) -> Question {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    Question::at(pairs.find(|(name, value)| name == "path" && !value.is_empty()).map(|(_, path)| path.into_owned()))
}

/// The newest messages with their numbers, and everything else that the page shows.
fn seen(desk: &Desk, question: &Question) -> (Vec<(usize, Message)>, View) {
    let held = desk.held();
    let mut view = View {
        console: desk.surroundings.console_link.is_some(),
        only: question.path().map(str::to_owned),
        ..View::default()
    };
    view.paths = paths(&held);
    let asked: Vec<_> = (1..).zip(&held.messages).filter(|(_, message)| question.fits(&message.path)).collect();
    view.count = asked.len();
    let newest = asked.into_iter().rev().take(SHOWN).map(|(number, message)| (number, message.clone())).collect();
    (newest, view)
}

/// The paths that are told something, then those where something arrived last.
fn paths(held: &Held) -> Vec<PathState> {
    let mut found: HashMap<String, (usize, PathState)> = HashMap::new();
    for (at, message) in (1..).zip(&held.messages) {
        let (last, state) = found.entry(message.bare_path().to_owned()).or_default();
        *last = at;
        state.count += 1;
    }
    for (path, told) in held.behaviours.words() {
        found.entry(path).or_default().1.told = Some(told);
    }
    let mut paths: Vec<_> =
        found.into_iter().map(|(path, (last, state))| (last, PathState { path, ..state })).collect();
    paths.sort_by_key(|(last, state)| (state.told.is_none(), Reverse(*last), state.path.clone()));
    paths.into_iter().map(|(_, state)| state).collect()
}

/// A file of the page.
pub(super) fn file(name: &str) -> Response {
    let (kind, text) = match name {
        "slack.css" => ("text/css", console::slack::STYLE),
        "page.css" => ("text/css", page::STYLE),
        "page.js" => ("text/javascript", page::SCRIPT),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}
