//! The path of a request and its route.

use super::Route;
use crate::domain::Api;

/// The path of a request as the caller sent it: percent-encoded, without the stage. It is matched against the table of
/// routes once, in [`Path::new`].
#[derive(Clone, Default)]
pub struct Path {
    text: String,
    /// How many segments at the beginning belong to a custom domain's base path.
    base: usize,
    route: Option<&'static Route>,
}

impl Path {
    /// The path `text`, whose first `base` segments belong to a custom domain's base path.
    #[must_use]
    pub fn new(text: impl Into<String>, base: usize) -> Self {
        let mut path = Self { text: text.into(), base, route: None };
        path.route = Route::matching(&path.segments().collect::<Vec<_>>());
        path
    }

    /// The path as the caller sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path without a custom domain's base path.
    #[must_use]
    pub fn after_base(&self) -> &str {
        let mut rest = self.text.as_str();
        for _ in 0..self.base {
            let segment = rest.strip_prefix('/').unwrap_or(rest);
            rest = segment.find('/').map_or("", |end| &segment[end..]);
        }
        rest
    }

    /// The route of the path, for any method; `None` for an unknown path.
    #[must_use]
    pub fn route(&self) -> Option<&'static Route> {
        self.route
    }

    /// The value of the route's parameter `{name}`, still percent-encoded; empty if there is no such parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        let position = self.route.and_then(|route| route.position(name));
        position.and_then(|at| self.segments().nth(at)).unwrap_or_default()
    }

    /// The API to which the path belongs, even if the path is unknown. `None` for `/events` and for a path that begins
    /// like those of no API.
    #[must_use]
    pub fn api(&self) -> Option<Api> {
        Route::api(&self.segments().collect::<Vec<_>>())
    }

    /// The segments after the base path. One trailing slash is ignored; a doubled slash makes an empty segment.
    fn segments(&self) -> impl Iterator<Item = &str> {
        let text = self.text.strip_prefix('/').unwrap_or(&self.text);
        text.strip_suffix('/').unwrap_or(text).split('/').skip(self.base)
    }
}

impl From<&str> for Path {
    /// A path without a base path.
    fn from(text: &str) -> Self {
        Self::new(text, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<&'static str> {
        Path::from(path).route().map(|route| route.path)
    }

    #[test]
    fn a_base_path_is_left_out() {
        for (text, base, rest) in [
            ("/hooks/events", 1, "/events"),
            ("/a/b/events/", 2, "/events/"),
            ("/events", 0, "/events"),
            ("/hooks", 1, ""),
            ("x", 3, ""),
        ] {
            assert_eq!(Path::new(text, base).after_base(), rest, "{text}");
        }
    }

    #[test]
    fn both_slash_forms_are_known() {
        assert_eq!(found("/api/v2/webhooks"), Some("/api/v2/webhooks"));
        assert_eq!(found("/api/v2/webhooks/"), Some("/api/v2/webhooks"));
        assert_eq!(found("/events"), Some("/events"));
    }

    #[test]
    fn a_fixed_segment_goes_before_a_parameter() {
        assert_eq!(found("/event/t/webhooks/list"), Some("/event/{tenantLocator}/webhooks/list"));
        assert_eq!(found("/event/t/webhooks/x/"), Some("/event/{tenantLocator}/webhooks/{webhookLocator}"));
    }

    #[test]
    fn a_path_is_matched_from_its_start() {
        for path in [
            "/",
            "",
            "/api/v2",
            "//api/v2/webhooks/",
            "/x/api/v2/webhooks/",
            "/api/v2/webhooks//",
            "/api/v2/webhooks/1/nothing",
            "/api/v2/webhooks//configs",
            "/api/v3/webhooks",
            "/event/t/events",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }

    #[test]
    fn a_custom_domains_base_path_does_not_count() {
        let path = Path::new("/base/v1/api/v2/webhooks/1/configs/2/", 2);
        assert_eq!(path.route().map(|route| route.path), Some("/api/v2/webhooks/{webhook_id}/configs/{id}"));
        assert_eq!((path.param("webhook_id"), path.param("id")), ("1", "2"));
        assert_eq!(Path::new("/base/api/webhooks/v4/nothing", 1).api(), Some(Api::Flip));
        assert_eq!(Path::new("/a", 5).route(), None);
    }

    #[test]
    fn parameters_are_raw_segments() {
        let path = Path::from("/api/v2/webhooks/%31/configs/2/");
        assert_eq!((path.param("webhook_id"), path.param("id")), ("%31", "2"));
        assert_eq!((path.param("webhookId"), Path::from("/x").param("id")), ("", ""));
    }

    #[test]
    fn a_path_belongs_to_the_api_whose_stem_it_begins_with() {
        let api = |path: &str| Path::from(path).api();
        for route in super::super::ROUTES {
            assert_eq!(api(route.path).is_none(), route.path == "/events", "{}", route.path);
        }
        assert_eq!(api("/api/webhooks/v4/nothing"), Some(Api::Flip));
        assert_eq!(api("/api/v2"), Some(Api::SdElements));
        assert_eq!(api("/api/v2/webhooks/api/webhooks/"), Some(Api::SdElements));
        assert_eq!((api("/"), api("/api"), api("/events/x"), api("//event/x")), (None, None, None, None));
    }
}
