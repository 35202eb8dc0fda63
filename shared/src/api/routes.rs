//! The paths that there are, with the methods that each takes: for the fallback function, which answers all others. A test
//! holds this table and the template together.

use crate::{domain::Api, http::Request};

/// A known path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The template's path.
    pub path: &'static str,
    /// The view's name, as DRF would derive it: what SD Elements' OPTIONS answers.
    pub name: &'static str,
    /// The methods that functions answer, in DRF's order; OPTIONS is the fallback's.
    pub methods: &'static [&'static str],
}

/// Every known path.
pub const ROUTES: &[Route] = &[
    Route { path: "/api/v2/webhooks", name: "Webhook List", methods: &["GET", "POST", "HEAD"] },
    Route {
        path: "/api/v2/webhooks/{webhook_id}",
        name: "Webhook Instance",
        methods: &["GET", "PATCH", "DELETE", "HEAD"],
    },
    Route {
        path: "/api/v2/webhooks/{webhook_id}/configs",
        name: "Webhook Event Configuration List",
        methods: &["GET", "POST", "HEAD"],
    },
    Route {
        path: "/api/v2/webhooks/{webhook_id}/configs/{id}",
        name: "Webhook Event Configuration Instance",
        methods: &["GET", "PATCH", "DELETE", "HEAD"],
    },
    Route {
        path: "/api/v2/projects/{project_id}/activities",
        name: "Activity List",
        methods: &["GET", "POST", "HEAD"],
    },
    Route { path: "/api/v2/webhooks/{webhook_id}/pause", name: "Webhook Pause", methods: &["POST"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/unpause", name: "Webhook Unpause", methods: &["POST"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/unsuspend", name: "Webhook Unsuspend", methods: &["POST"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/status", name: "Webhook Status", methods: &["GET", "HEAD"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/test", name: "Webhook Test", methods: &["POST"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/resend", name: "Webhook Resend", methods: &["POST"] },
    Route { path: "/api/v2/webhooks/{webhook_id}/deliveries", name: "Delivery List", methods: &["GET", "HEAD"] },
    Route {
        path: "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}",
        name: "Delivery Instance",
        methods: &["GET", "DELETE", "HEAD"],
    },
    Route {
        path: "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend",
        name: "Delivery Resend",
        methods: &["POST"],
    },
    Route { path: "/events", name: "Event List", methods: &["POST"] },
    Route { path: "/api/webhooks/v4/webhooks", name: "Flip Webhook List", methods: &["GET", "POST", "HEAD"] },
    Route { path: "/api/webhooks/v4/webhooks/{webhook_id}", name: "Flip Webhook", methods: &["GET", "DELETE", "HEAD"] },
    Route { path: "/api/webhooks/v4/webhooks/{webhook_id}/pause", name: "Flip Webhook Pause", methods: &["POST"] },
    Route { path: "/api/webhooks/v4/webhooks/{webhook_id}/unpause", name: "Flip Webhook Unpause", methods: &["POST"] },
    Route {
        path: "/organizations/{organizationId}/projects/{projectId}/settings/webhooks",
        name: "Akinon Webhook List",
        methods: &["GET", "POST", "HEAD"],
    },
    Route {
        path: "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}",
        name: "Akinon Webhook",
        methods: &["GET", "PATCH", "DELETE", "HEAD"],
    },
    Route { path: "/event/{tenantLocator}/webhooks", name: "Webhook List", methods: &["POST"] },
    Route { path: "/event/{tenantLocator}/webhooks/list", name: "Webhook List", methods: &["GET", "HEAD"] },
    Route {
        path: "/event/{tenantLocator}/webhooks/{webhookLocator}",
        name: "Webhook Instance",
        methods: &["GET", "PATCH", "DELETE", "HEAD"],
    },
    Route {
        path: "/event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend",
        name: "Webhook Unsuspend",
        methods: &["PATCH"],
    },
    Route {
        path: "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted",
        name: "Diverted Event List",
        methods: &["GET", "HEAD"],
    },
    Route {
        path: "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}",
        name: "Diverted Event Instance",
        methods: &["GET", "DELETE", "HEAD"],
    },
    Route {
        path: "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend",
        name: "Diverted Event Resend",
        methods: &["POST"],
    },
    Route { path: "/event/{tenantLocator}/events/list", name: "Event List", methods: &["GET", "HEAD"] },
    Route { path: "/event/{tenantLocator}/events/{eventLocator}", name: "Event Instance", methods: &["GET", "HEAD"] },
    Route {
        path: "/event/{tenantLocator}/events/request/{requestLocator}",
        name: "Request Event List",
        methods: &["GET", "HEAD"],
    },
];

/// What the paths of each API have in common, known or not.
const STEMS: [(&str, Api); 4] = [
    ("/api/v2/", Api::SdElements),
    ("/api/webhooks/", Api::Flip),
    ("/organizations/", Api::Akinon),
    ("/event/", Api::Socotra),
];

impl Route {
    /// The route of the request's path, read from its end since a custom domain's base path may precede it. Of two that
    /// match, the one with more segments, and of those the one with fewer parameters.
    #[must_use]
    pub fn of(request: &Request) -> Option<&'static Self> {
        let path = request.path.strip_suffix('/').unwrap_or(&request.path);
        let fits = |route: &&Self| {
            let (mut asked, mut wanted) = (path.rsplit('/'), route.path.trim_start_matches('/').rsplit('/'));
            wanted.all(|wanted| {
                asked.next().is_some_and(|asked| !asked.is_empty() && (wanted.starts_with('{') || asked == wanted))
            })
        };
        let count = |route: &Self, of| route.path.matches(of).count();
        ROUTES.iter().filter(fits).max_by_key(|route| (count(route, '/'), std::cmp::Reverse(count(route, '{'))))
    }

    /// The API to which the path belongs, known or not; `None` for `/events` and for what could be anybody's. Of two whose
    /// stems are in the path (a custom domain's base path may precede), the first.
    #[must_use]
    pub fn api(request: &Request) -> Option<Api> {
        // What has nothing behind the stem is the API's too.
        let path = format!("{}/", request.path);
        let found = STEMS.iter().filter_map(|(stem, api)| Some((path.find(stem)?, *api)));
        found.min_by_key(|(at, _)| *at).map(|(_, api)| api)
    }

    /// The methods as the Allow header lists them.
    #[must_use]
    pub fn allowed(&self) -> Vec<&'static str> {
        self.methods.iter().copied().chain(["OPTIONS"]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<&'static str> {
        let request = Request { path: path.to_owned(), ..Request::default() };
        Route::of(&request).map(|route| route.path)
    }

    #[test]
    fn both_slash_forms_and_a_base_path_are_known() {
        assert_eq!(found("/api/v2/webhooks"), Some("/api/v2/webhooks"));
        assert_eq!(found("/api/v2/webhooks/"), Some("/api/v2/webhooks"));
        assert_eq!(found("/base/api/v2/webhooks/1/configs/2/"), Some("/api/v2/webhooks/{webhook_id}/configs/{id}"));
        assert_eq!(found("/events"), Some("/events"));
        assert_eq!(found("/event/t/webhooks/list"), Some("/event/{tenantLocator}/webhooks/list"));
        assert_eq!(found("/event/t/webhooks/x/"), Some("/event/{tenantLocator}/webhooks/{webhookLocator}"));
    }

    #[test]
    fn paths_belong_to_the_api_whose_stem_they_have() {
        let api = |path: &str| Route::api(&Request { path: path.to_owned(), ..Request::default() });
        for route in ROUTES {
            assert_eq!(api(route.path).is_none(), route.path == "/events", "{}", route.path);
        }
        assert_eq!(api("/base/api/webhooks/v4/nothing"), Some(Api::Flip));
        assert_eq!(api("/api/v2/webhooks/api/webhooks/"), Some(Api::SdElements));
        assert_eq!((api("/"), api("/api"), api("/events/x")), (None, None, None));
    }

    #[test]
    fn others_are_not() {
        for path in ["/", "", "/api/v2", "/api/v2/webhooks//", "/api/v2/webhooks/1/nothing", "/api/v3/webhooks"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
