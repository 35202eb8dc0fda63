//! Everything that no other function answers: OPTIONS and methods that a path does not take, and unknown paths, each in the
//! shape of the API to which the path belongs.

use super::{akinon, flip, routes::Route, sdelements, socotra};
use crate::{
    domain::Api,
    http::{App, Reply, Request},
};

/// Answers such a request.
pub async fn fallback(app: &App, request: &Request) -> Reply {
    let route = Route::of(request);
    match Route::api(request) {
        Some(Api::Flip) => {
            let reply = flip::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from);
            flip::identified(request, reply)
        }
        Some(Api::Akinon) => akinon::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from),
        Some(Api::Socotra) => socotra::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from),
        _ => sdelements::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from),
    }
}
