//! Selects the webhooks that a list shows. Source: docs/apis/socotra.md.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Sight, SocotraFailure, WebhookBody, event_types::event_types_of, parameters::window};
use crate::{
    api::common::{Parameters, Problems},
    domain::Webhook,
    http::Request,
};

/// A number larger than any tenant's number of webhooks.
const ALL: usize = 100_000;

/// The query of GET .../webhooks/list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    offset: usize,
    count: usize,
    extended: bool,
    name: Option<String>,
    enabled: Option<bool>,
    suspended: Option<bool>,
    active: Option<bool>,
    event_types: BTreeSet<String>,
}

/// A list of webhooks: bare as in the documents, or with `extended=true` saying whether it is the last (WebhookListResponse).
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookListResponse"))]
pub enum WebhookList<'a> {
    /// An array.
    Bare(Vec<WebhookBody<'a>>),
    /// A page.
    #[serde(rename_all = "camelCase")]
    Extended {
        /// Whether nothing follows.
        list_completed: bool,
        /// The webhooks.
        items: Vec<WebhookBody<'a>>,
    },
}

impl ListQuery {
    /// Reads `offset`, `count`, `extended`, `name` (must match exactly), `enabled`, `suspended`, `active` (enabled and
    /// not suspended) and `eventTypes` (matches webhooks that subscribe to any of them).
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid parameter.
    pub fn parse(request: &Request) -> Result<Self, SocotraFailure> {
        let (parameters, mut problems) = (Parameters::of(request), Problems::default());
        let (offset, count) = window(&parameters, &mut problems);
        let query = Self {
            offset,
            count,
            extended: parameters.boolean("extended", &mut problems).unwrap_or(false),
            name: parameters.text("name").map(str::to_owned),
            enabled: parameters.boolean("enabled", &mut problems),
            suspended: parameters.boolean("suspended", &mut problems),
            active: parameters.boolean("active", &mut problems),
            event_types: parameters.list("eventTypes").into_iter().map(str::to_owned).collect(),
        };
        problems.finish(query)
    }

    /// Returns how many webhooks to skip and how many to read from the store. Without filters, that is only the page;
    /// with filters, all webhooks have to be read.
    #[must_use]
    pub fn reads(&self) -> (usize, usize) {
        if self.filters() { (0, ALL) } else { (self.offset, self.count) }
    }

    /// Builds the list. `read` are the webhooks that `reads` asked for, `in_all` is how many the tenant has.
    #[must_use]
    pub fn list<'a>(&self, read: &'a [Webhook], in_all: usize) -> WebhookList<'a> {
        let (items, matching): (Vec<_>, usize) = if self.filters() {
            let matching: Vec<_> = read.iter().filter(|webhook| self.wants(webhook)).collect();
            let page = matching.iter().skip(self.offset).take(self.count);
            (page.map(|webhook| WebhookBody::new(webhook, Sight::READING)).collect(), matching.len())
        } else {
            (read.iter().map(|webhook| WebhookBody::new(webhook, Sight::READING)).collect(), in_all)
        };
        if self.extended {
            let list_completed = self.offset.saturating_add(items.len()) >= matching;
            WebhookList::Extended { list_completed, items }
        } else {
            WebhookList::Bare(items)
        }
    }

    fn filters(&self) -> bool {
        let switches = [self.enabled, self.suspended, self.active];
        self.name.is_some() || switches.iter().any(Option::is_some) || !self.event_types.is_empty()
    }

    fn wants(&self, webhook: &Webhook) -> bool {
        let (enabled, suspended) = (webhook.active, webhook.suspended.is_some());
        let agrees = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        self.name.as_ref().is_none_or(|name| *name == webhook.name)
            && agrees(self.enabled, enabled)
            && agrees(self.suspended, suspended)
            && agrees(self.active, enabled && !suspended)
            && (self.event_types.is_empty()
                || event_types_of(webhook).any(|event_type| self.event_types.contains(event_type)))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parameters::tests::asking, *};
    use crate::domain::{Api, OrganizationId, Pattern, Secret, Subscription, Suspension, Timestamp, WebhookKey};

    /// Four webhooks: a and b are enabled, b and d suspended. Each subscribes to `x.<name>`, and d also to `common`.
    fn webhooks() -> Vec<Webhook> {
        let make = |name: &str| {
            let key = WebhookKey { api: Api::Socotra, id: name.to_owned() };
            let organization = OrganizationId::parse("acme").unwrap();
            let mut webhook =
                Webhook::new(organization, key, name.to_owned(), Secret::new("https://example.com"), Timestamp(0));
            webhook.active = matches!(name, "a" | "b");
            let suspension = Suspension { at: Timestamp(0), reason: String::new(), endpoint_gone: false };
            webhook.suspended = Some(suspension).filter(|_| matches!(name, "b" | "d"));
            let types = [format!("x.{name}"), "common".to_owned()];
            let types = types.into_iter().take(if name == "d" { 2 } else { 1 });
            let wanted = |kind| Subscription::new(Pattern::Exact(kind));
            webhook.subscriptions = types.map(wanted).collect();
            webhook
        };
        ["a", "b", "c", "d"].map(make).to_vec()
    }

    /// The names of the listed webhooks, followed by `.` if the page is the last one.
    fn listed(query: &[(&str, &str)]) -> String {
        let query = ListQuery::parse(&asking(&[query, &[("extended", "true")]].concat())).unwrap();
        let (all, (skip, limit)) = (webhooks(), query.reads());
        let read: Vec<_> = all.iter().skip(skip).take(limit).cloned().collect();
        let page = serde_json::to_value(query.list(&read, all.len())).unwrap();
        let names: String =
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
        if page["listCompleted"] == true { names + "." } else { names }
    }

    #[test]
    fn every_filter_narrows_and_all_of_them_must_hold() {
        for (query, names) in [
            (&[][..], "abcd."),
            (&[("name", "b")], "b."),
            (&[("name", "B")], "."),
            (&[("enabled", "true")], "ab."),
            (&[("enabled", "FALSE")], "cd."),
            (&[("suspended", "true")], "bd."),
            (&[("suspended", "false")], "ac."),
            (&[("active", "true")], "a."),
            (&[("active", "false")], "bcd."),
            (&[("active", "true"), ("suspended", "true")], "."),
            (&[("eventTypes", "x.a,common"), ("eventTypes", "x.c")], "acd."),
            (&[("eventTypes", "x")], "."),
            (&[("eventTypes", ",")], "abcd."),
        ] {
            assert_eq!(listed(query), names, "{query:?}");
        }
    }

    #[test]
    fn pages_are_cut_from_what_matches() {
        for (query, names) in [
            (&[("offset", "1"), ("count", "2")][..], "bc"),
            (&[("offset", "2"), ("count", "2")], "cd."),
            (&[("offset", "4")], "."),
            (&[("offset", "2147483647")], "."),
            (&[("count", "0")], ""),
            (&[("suspended", "true"), ("count", "1")], "b"),
            (&[("suspended", "true"), ("count", "1"), ("offset", "1")], "d."),
            (&[("suspended", "true"), ("offset", "9")], "."),
            (&[("suspended", "true"), ("count", "0")], ""),
        ] {
            assert_eq!(listed(query), names, "{query:?}");
        }
    }

    #[test]
    fn the_seeds_form_is_a_bare_array() {
        let query = ListQuery::parse(&asking(&[("name", "none")])).unwrap();
        assert_eq!(serde_json::to_string(&query.list(&webhooks(), 4)).unwrap(), "[]");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let request = asking(&[("offset", "-1"), ("count", "x"), ("extended", "2"), ("enabled", "y"), ("active", "0")]);
        let Err(SocotraFailure::Invalid(errors)) = ListQuery::parse(&request) else { panic!("it was taken") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["offset", "count", "extended", "enabled", "active"]);
    }
}
