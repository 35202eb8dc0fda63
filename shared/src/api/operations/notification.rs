//! Notification targets: where operational events go.

use serde::Serialize;
use serde_json::Value;

use super::{
    OperationsFailure,
    cursor::List,
    state::{State, reason},
    webhook::webhook_position,
};
use crate::{
    api::common::{Object, Parameters, Problems, REQUIRED},
    delivery::standard_webhooks,
    domain::{
        Moment, OperationalEvent, Organization, OrganizationId, Pattern, QueueState, Secret, Subscription, TargetKind,
        Timestamp, Webhook, WebhookKey,
    },
    http::{OwnHosts, Request},
    validation::{
        endpoint_url::{self, Refusal},
        masked_endpoint, slack_compatible_url, slack_url,
    },
};

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 255;

/// A notification target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "NotificationTarget"))]
pub struct TargetBody {
    /// The target's id.
    pub id: String,
    /// What kind of messages it gets.
    pub kind: TargetKind,
    /// Its name.
    pub name: String,
    /// Where messages go, with `…` for each part that may be a secret.
    pub url: String,
    /// The types of operational events that it hears of.
    pub event_types: Vec<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// Whether its messages are delivered.
    pub state: State,
    /// Why it is in this state, if that is known.
    pub reason: Option<String>,
    /// When it was created.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
    /// The secret with which requests are signed. Only in the reply to the request that created a target of the kind
    /// `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<Secret>,
}

impl TargetBody {
    /// Shows the target, whose queue is in the state `queue`.
    #[must_use]
    pub fn new(target: &Webhook, queue: &QueueState) -> Self {
        Self {
            id: target.key.id.clone(),
            kind: kind_of(target),
            name: target.name.clone(),
            url: masked_endpoint(&target.endpoint.url),
            event_types: target.subscriptions.iter().map(|one| one.pattern.as_str().to_owned()).collect(),
            active: target.active,
            state: State::of(target, queue),
            reason: reason(target, queue).0,
            created: target.created.into(),
            updated: target.updated.into(),
            signing_secret: None,
        }
    }

    /// Shows a target that was just created, with its signing secret.
    #[must_use]
    pub fn created(target: &Webhook) -> Self {
        let signing_secret = target.endpoint.signing_secrets.first().cloned();
        Self { signing_secret, ..Self::new(target, &QueueState::default()) }
    }
}

/// The query of the list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetQuery {
    /// The list.
    pub list: List,
    /// The target after which the page begins.
    pub after: Option<WebhookKey>,
}

impl TargetQuery {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown parameter.
    pub fn parse(organization: &OrganizationId, request: &Request) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        Parameters::only(request, &["limit", "cursor"], &mut problems);
        let list = List::of(organization, request, &mut problems);
        let list = problems.finish::<_, OperationsFailure>(list)?;
        let after = webhook_position(&list, request)?;
        Ok(Self { list, after })
    }
}

/// Where a target's messages may go, and where not.
#[derive(Debug)]
pub struct Places<'p> {
    /// This service's own hosts, which are refused.
    pub own: &'p OwnHosts,
    /// The hosts besides Slack's to which the organization may post Slack messages.
    pub slack_compatible: &'p [String],
}

impl<'p> Places<'p> {
    /// The places of a request from a user of that organization.
    #[must_use]
    pub fn of(request: &'p Request, organization: &'p Organization) -> Self {
        Self { own: &request.own_hosts, slack_compatible: &organization.slack_compatible_hosts }
    }
}

/// A request to create or change a target.
#[derive(Clone, Debug)]
pub struct TargetRequest {
    kind: Option<TargetKind>,
    name: Option<String>,
    url: Option<Secret>,
    event_types: Option<Vec<OperationalEvent>>,
    active: Option<bool>,
}

impl TargetRequest {
    /// Parses a body that creates a target: `kind`, `name` and `url` are required; `event_types` (all by default) and
    /// `active` (true by default) are not.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid, missing or unknown member.
    pub fn parse_new(body: &Value, places: &Places<'_>) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let object = Object::body(body)?;
        for name in ["kind", "name", "url"] {
            object.require(name, &mut problems);
        }
        let request = Self::read(&object, None, places, &mut problems);
        problems.finish(request)
    }

    /// Parses a body that changes this target. Its kind cannot change. A URL as [`TargetBody`] shows it stays as it is, so
    /// that a client may send back what it has read.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown member.
    pub fn parse_change(body: &Value, target: &Webhook, places: &Places<'_>) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let object = Object::body(body)?;
        let request = Self::read(&object, Some(target), places, &mut problems);
        if request.kind != Some(kind_of(target)) {
            problems.add("kind", "cannot change");
        }
        problems.finish(request)
    }

    fn read(object: &Object<'_>, target: Option<&Webhook>, places: &Places<'_>, problems: &mut Problems) -> Self {
        object.allow_only(&["kind", "name", "url", "event_types", "active"], problems);
        let kind = object.text("kind", problems).map_or(target.map(kind_of), |text| {
            let kind = [TargetKind::Slack, TargetKind::Webhook].into_iter().find(|kind| kind.as_str() == text);
            if kind.is_none() {
                problems.add("kind", "must be slack or webhook");
            }
            kind
        });
        let name = object.text("name", problems).filter(|name| {
            let good = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.trim().is_empty();
            if !good {
                problems.add("name", format!("must have 1 to {LONGEST_NAME} characters, not only spaces"));
            } else if name.chars().any(char::is_control) {
                problems.add("name", "must not have control characters");
            }
            good
        });
        let shown = target.map(|target| masked_endpoint(&target.endpoint.url));
        let url = object.text("url", problems).filter(|text| shown.as_deref() != Some(text));
        let url = url.zip(kind).and_then(|(text, kind)| {
            let url = Secret::new(text);
            let refused = refusal(&url, kind, places);
            if let Some(message) = refused {
                problems.add("url", message);
            }
            refused.is_none().then_some(url)
        });
        let event_types = object.texts("event_types", problems).map(|types| {
            let mut known: Vec<_> = types.iter().filter_map(|text| OperationalEvent::parse(text)).collect();
            if known.len() != types.len() {
                problems.add("event_types", "must be types of operational events");
            }
            known.sort_unstable();
            known.dedup();
            known
        });
        let active = object.boolean("active", problems);
        Self { kind, name: name.map(str::to_owned), url, event_types, active }
    }

    /// Makes the target. `random` becomes the signing secret of the kind `webhook`.
    ///
    /// # Errors
    ///
    /// 400 if a required member is missing, which [`TargetRequest::parse_new`] rules out.
    pub fn target(
        &self,
        organization: OrganizationId,
        key: WebhookKey,
        random: [u8; 32],
        now: Timestamp,
    ) -> Result<Webhook, OperationsFailure> {
        let missing = || OperationsFailure::field("url", REQUIRED);
        let (name, url) = self.name.clone().zip(self.url.clone()).ok_or_else(missing)?;
        let mut target = Webhook::new(organization, key, name, url, now);
        target.target = self.kind;
        if self.kind == Some(TargetKind::Webhook) {
            target.endpoint.signing_secrets = vec![standard_webhooks::generate(random)];
        }
        target.active = self.active.unwrap_or(true);
        target.subscriptions = subscriptions(self.event_types.as_deref().unwrap_or_default());
        Ok(target)
    }

    /// Changes the target.
    pub fn apply(&self, target: &mut Webhook, now: Timestamp) {
        if let Some(name) = &self.name {
            target.name.clone_from(name);
        }
        if let Some(url) = &self.url {
            target.move_to(url.clone());
        }
        if let Some(event_types) = &self.event_types {
            target.subscriptions = subscriptions(event_types);
        }
        target.active = self.active.unwrap_or(target.active);
        target.updated = now;
    }
}

fn kind_of(target: &Webhook) -> TargetKind {
    target.target.unwrap_or(TargetKind::Webhook)
}

/// The subscriptions to these types; to all of them if there are none.
fn subscriptions(event_types: &[OperationalEvent]) -> Vec<Subscription> {
    let wanted = if event_types.is_empty() { OperationalEvent::ALL } else { event_types };
    let pattern = |kind: &OperationalEvent| Pattern::Exact(kind.as_str().to_owned());
    wanted.iter().map(|kind| Subscription::new(pattern(kind))).collect()
}

/// Why the URL is refused, if it is. No message quotes it.
fn refusal(url: &Secret, kind: TargetKind, places: &Places<'_>) -> Option<&'static str> {
    match kind {
        _ if url.expose().contains('…') => Some("must be whole: parts of it are not shown"),
        TargetKind::Slack if slack_url::is_valid(url.expose()) => None,
        TargetKind::Slack if slack_compatible_url::is_valid(url.expose(), places.slack_compatible) => None,
        TargetKind::Slack => Some("must be a Slack URL: https://hooks.slack.com/services/..."),
        TargetKind::Webhook if places.own.include(url) => Some("must not lead back to this service"),
        TargetKind::Webhook => match endpoint_url::check(url.expose()) {
            Ok(()) => None,
            Err(Refusal::NotAUrl) => Some("must be an absolute URL without user and fragment"),
            Err(Refusal::NotHttps) => Some("must begin with https://"),
            Err(Refusal::TooLong) => Some("must have at most 2048 characters"),
            Err(Refusal::NotPublic) => Some("must have a host on the public internet"),
            Err(Refusal::BadPort) => Some("must not have the port of another protocol"),
        },
    }
}
