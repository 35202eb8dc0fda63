//! The table of routes: every path that functions serve, with its methods. A test compares it with the template.

use crate::domain::Api;

/// A route: a path that functions serve, with its methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path in the template, with parameters such as `{webhook_id}`.
    pub path: &'static str,
    /// The view's name in SD Elements' reply to OPTIONS, as Django REST Framework would derive it.
    pub name: &'static str,
    /// The methods that functions answer, in the order of Django REST Framework. OPTIONS is not listed: the fallback
    /// answers it.
    pub methods: &'static [&'static str],
}

/// Every route.
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
    Route { path: "/operations/webhooks", name: "Webhook List", methods: &["GET", "HEAD"] },
    Route { path: "/operations/webhooks/{webhook_id}", name: "Webhook Instance", methods: &["GET", "HEAD"] },
    Route { path: "/operations/webhooks/{webhook_id}/pause", name: "Webhook Pause", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/unpause", name: "Webhook Unpause", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/unsuspend", name: "Webhook Unsuspend", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/test", name: "Webhook Test", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/rotate-secret", name: "Secret Rotation", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/resend", name: "Webhook Resend", methods: &["POST"] },
    Route { path: "/operations/webhooks/{webhook_id}/deliveries", name: "Delivery List", methods: &["GET", "HEAD"] },
    Route {
        path: "/operations/webhooks/{webhook_id}/deliveries/{event_id}",
        name: "Delivery Instance",
        methods: &["GET", "DELETE", "HEAD"],
    },
    Route {
        path: "/operations/webhooks/{webhook_id}/deliveries/{event_id}/resend",
        name: "Delivery Resend",
        methods: &["POST"],
    },
    Route { path: "/operations/events", name: "Event List", methods: &["GET", "HEAD"] },
    Route { path: "/operations/events/{event_id}", name: "Event Instance", methods: &["GET", "HEAD"] },
    Route { path: "/operations/summary", name: "Summary", methods: &["GET", "HEAD"] },
    Route { path: "/operations/portal", name: "Portal", methods: &["POST"] },
    Route { path: "/operations/notifications", name: "Notification List", methods: &["GET", "POST", "HEAD"] },
    Route {
        path: "/operations/notifications/{target_id}",
        name: "Notification Instance",
        methods: &["GET", "PATCH", "DELETE", "HEAD"],
    },
];

/// The first segments of all paths of each API. Unknown paths that begin so belong to the API too.
const STEMS: [(&[&str], Api); 5] = [
    (&["api", "v2"], Api::SdElements),
    (&["api", "webhooks"], Api::Flip),
    (&["organizations"], Api::Akinon),
    (&["event"], Api::Socotra),
    (&["operations"], Api::Operations),
];

impl Route {
    /// The route that matches these segments. If two match, the one with fewer parameters.
    pub(super) fn matching(segments: &[&str]) -> Option<&'static Self> {
        let fits = |route: &&Self| {
            let mut asked = segments.iter();
            let fit = |wanted: &str, asked: &str| !asked.is_empty() && (wanted.starts_with('{') || asked == wanted);
            route.segments().all(|wanted| asked.next().is_some_and(|asked| fit(wanted, asked)))
                && asked.next().is_none()
        };
        ROUTES.iter().filter(fits).min_by_key(|route| route.path.matches('{').count())
    }

    /// The API whose paths begin like these segments.
    pub(super) fn api(segments: &[&str]) -> Option<Api> {
        STEMS.iter().find(|(stem, _)| segments.starts_with(stem)).map(|(_, api)| *api)
    }

    /// The position of the segment `{name}`.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.segments().position(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(name))
    }

    /// How many segments a path has, without empty ones.
    pub(super) fn count(template: &str) -> usize {
        template.trim_matches('/').split('/').filter(|part| !part.is_empty()).count()
    }

    /// The methods for the Allow header, with OPTIONS last.
    #[must_use]
    pub fn allowed(&self) -> Vec<&'static str> {
        self.methods.iter().copied().chain(["OPTIONS"]).collect()
    }

    fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.path.trim_start_matches('/').split('/')
    }
}
