//! Answers what no other function answers: OPTIONS, methods that a path does not allow, and unknown paths. Each reply
//! has the shape of the API to which the path belongs.

use super::App;
use crate::{
    api::{Access, akinon, flip, operations, sdelements, socotra},
    domain::Api,
    http::{Reply, Request, Route},
};

/// Answers a request that no other function answers. The paths of all APIs lead to this function, even those of APIs
/// that are not deployed; it treats these paths as unknown.
pub async fn fallback(app: &App, request: &Request) -> Reply {
    let deployed = deployed_apis();
    let api = request.path.api();
    let is_known = api.is_none_or(|api| is_deployed(deployed.as_deref(), api));
    let route = if is_known { request.path.route() } else { None };
    match api {
        Some(Api::Flip) => {
            let reply = answer(app, request, route.map(|route| (route, flip::Manager)), flip::unserved).await;
            flip::identified(request, reply)
        }
        Some(Api::Akinon) => {
            answer(app, request, route.map(|route| (route, akinon::Permitted::Anyone)), akinon::unserved).await
        }
        Some(Api::Socotra) => {
            answer(app, request, route.map(|route| (route, socotra::Permitted(&[]))), socotra::unserved).await
        }
        Some(Api::Operations) => {
            let known = route.map(|route| (route, operations::Permitted::Anyone));
            answer(app, request, known, operations::unserved).await
        }
        Some(Api::SdElements) | None => {
            let known = route.map(|route| (route, sdelements::Role::of_unserved(route)));
            let reply = answer(app, request, known, sdelements::unserved).await;
            // In DRF only views read the Accept header, and an unknown path has no view.
            if route.is_some() { sdelements::rendered(request, reply) } else { reply }
        }
    }
}

/// Answers an unknown path to everyone, and a known path only to callers with access to it.
async fn answer<A: Access>(
    app: &App,
    request: &Request,
    known: Option<(&'static Route, A)>,
    unserved: fn(&Request, Option<&Route>) -> Result<Reply, A::Failure>,
) -> Reply
where
    Reply: From<A::Failure>,
{
    let route = known.map(|(route, _)| route);
    let admitted = match known {
        Some((_, access)) => app.caller(request, access).await.map(|_| ()),
        None => Ok(()),
    };
    admitted.and_then(|()| unserved(request, route)).unwrap_or_else(Reply::from)
}

/// The template's list of the APIs that are deployed, for [`is_deployed`]; `None` under other runners.
#[must_use]
pub fn deployed_apis() -> Option<String> {
    std::env::var("DEPLOYED_APIS").ok()
}

/// Whether the API is in the template's list of deployed APIs, which is separated by commas. Without a list, as under
/// other runners, every API is deployed.
#[must_use]
pub fn is_deployed(list: Option<&str>, api: Api) -> bool {
    list.is_none_or(|list| list.split(',').any(|name| name == api.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_list_says_what_is_deployed() {
        assert!(Api::ALL.iter().copied().all(|api| is_deployed(None, api)));
        assert!(!Api::ALL.iter().copied().any(|api| is_deployed(Some(""), api)));
        let some: Vec<_> = Api::ALL.iter().copied().filter(|api| is_deployed(Some("flip,socotra"), *api)).collect();
        assert_eq!(some, [Api::Flip, Api::Socotra]);
    }
}
