//! Everything that no other function answers: OPTIONS and methods that a path does not take, and unknown paths, each in the
//! shape of the API to which the path belongs.

use super::{akinon, flip, routes::Route, sdelements, socotra};
use crate::{
    domain::Api,
    http::{App, Reply, Request},
};

/// Answers such a request. To this function lead the paths of all APIs, also of those that are not deployed: these are unknown.
pub async fn fallback(app: &App, request: &Request) -> Reply {
    let deployed = std::env::var("DEPLOYED_APIS").ok();
    let api = Route::api(request);
    let route = Route::of(request).filter(|_| api.is_none_or(|api| is_deployed(deployed.as_deref(), api)));
    match api {
        Some(Api::Flip) => {
            let reply = flip::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from);
            flip::identified(request, reply)
        }
        Some(Api::Akinon) => akinon::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from),
        Some(Api::Socotra) => socotra::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from),
        Some(Api::SdElements) | None => {
            sdelements::answer_unserved(app, request, route).await.unwrap_or_else(Reply::from)
        }
    }
}

/// Whether the API is among the names that the template lists, separated by commas. Without a list (another runner's
/// environment), every API is.
fn is_deployed(list: Option<&str>, api: Api) -> bool {
    list.is_none_or(|list| list.split(',').any(|name| name == api.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_list_says_what_is_deployed() {
        assert!(Api::ALL.into_iter().all(|api| is_deployed(None, api)));
        assert!(!Api::ALL.into_iter().any(|api| is_deployed(Some(""), api)));
        let some: Vec<_> = Api::ALL.into_iter().filter(|api| is_deployed(Some("flip,socotra"), *api)).collect();
        assert_eq!(some, [Api::Flip, Api::Socotra]);
    }
}
