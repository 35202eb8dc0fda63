//! Webhooks of all APIs in replies, and the query of their list.

use serde::Serialize;

use super::{
    OperationsFailure,
    cursor::{List, bad_cursor},
    history::HourBody,
    state::{State, reason},
};
use crate::{
    api::common::{Parameters, Problems},
    domain::{Api, EventId, Moment, OrganizationId, QueueState, Timestamp, Webhook, WebhookKey},
    http::Request,
    store::Waiting,
    validation::masked_endpoint,
};

/// A webhook of any API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
pub struct WebhookBody {
    /// `<api>:<its id there>`.
    pub id: String,
    /// The API through which it was made.
    pub api: Api,
    /// Its name.
    pub name: String,
    /// Where its messages go, with `…` for each part that may be a secret.
    pub endpoint: String,
    /// The project whose events it gets; `null` for those of all projects.
    pub project: Option<String>,
    /// What it subscribes to: types, and for Flip prefixes of types.
    pub event_types: Vec<String>,
    /// Whether its events are delivered.
    pub state: State,
    /// Why it is in this state, if that is known.
    pub reason: Option<String>,
    /// Since when it is in this state, if that is known.
    pub since: Option<Moment>,
    /// When the oldest event that waits was accepted.
    pub oldest_queued: Option<Moment>,
    /// When the next attempt is due; `null` if nothing waits.
    pub next_attempt: Option<Moment>,
    /// When the endpoint last accepted something.
    pub last_success: Option<Moment>,
    /// When an attempt last failed.
    pub last_failure: Option<Moment>,
    /// When it was created.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
}

impl WebhookBody {
    /// Shows the webhook, whose queue is in the state `queue`.
    #[must_use]
    pub fn new(webhook: &Webhook, queue: &QueueState) -> Self {
        let (reason, since) = reason(webhook, queue);
        let next = queue.due_at.filter(|_| queue.head.is_some());
        let next = next.map(|due| queue.not_before.map_or(due, |wait| due.max(wait)));
        let active = webhook.subscriptions.iter().filter(|subscription| subscription.active);
        Self {
            id: webhook.key.to_string(),
            api: webhook.key.api,
            name: webhook.name.clone(),
            endpoint: masked_endpoint(&webhook.endpoint.url),
            project: webhook.project.clone(),
            event_types: active.map(|subscription| subscription.pattern.as_str().to_owned()).collect(),
            state: State::of(webhook, queue),
            reason,
            since: since.map(Moment::from),
            // A request to resend puts the highest id there if nothing waits.
            oldest_queued: queue.head.filter(|head| *head != EventId::last()).map(|head| head.time().into()),
            next_attempt: next.map(Moment::from),
            last_success: queue.last_success.map(Moment::from),
            last_failure: queue.last_failure.map(Moment::from),
            created: webhook.created.into(),
            updated: webhook.updated.into(),
        }
    }
}

/// One webhook, with what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookDetail"))]
pub struct WebhookDetailBody {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookBody,
    /// How many events wait.
    pub queued: usize,
    /// Whether more events wait than were counted.
    pub more_queued: bool,
    /// The last 24 hours, oldest first.
    pub history: Vec<HourBody>,
}

impl WebhookDetailBody {
    /// Shows the webhook with its queue and the deliveries that wait in it.
    #[must_use]
    pub fn new(webhook: &Webhook, queue: &QueueState, waiting: &Waiting, now: Timestamp) -> Self {
        // The head of a queue is a lower bound; here the first delivery is known.
        let head = waiting.first.map(|first| first.event);
        let queue = QueueState { head, ..queue.clone() };
        let history = queue.history.last_day(now).into_iter().map(HourBody::from).collect();
        Self { webhook: WebhookBody::new(webhook, &queue), queued: waiting.count, more_queued: waiting.more, history }
    }
}

/// The query of the list of webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookQuery {
    /// The list.
    pub list: List,
    /// The webhook after which the page begins.
    pub after: Option<WebhookKey>,
    /// Only webhooks of this API.
    pub api: Option<Api>,
    state: Option<State>,
    project: Option<String>,
    text: Option<String>,
}

impl WebhookQuery {
    /// The parameters of the list.
    const NAMES: [&str; 6] = ["api", "state", "project", "q", "limit", "cursor"];

    /// Reads `api`, `state`, `project`, `q` (in name or endpoint, in any case), `limit` and `cursor`.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown parameter.
    pub fn parse(organization: &OrganizationId, request: &Request) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let parameters = Parameters::only(request, &Self::NAMES, &mut problems);
        let api = parameters.choice("api", Api::ALL, Api::as_str, &mut problems);
        let state = parameters.choice("state", State::ALL, State::as_str, &mut problems);
        let list = List::of(organization, request, &mut problems);
        let text = |name| parameters.text(name).map(str::to_owned);
        let (project, text) = (text("project"), text("q").map(|text| text.to_lowercase()));
        let query = Self { list, after: None, api, state, project, text };
        let query: Self = problems.finish::<_, OperationsFailure>(query)?;
        let after = webhook_position(&query.list, request)?;
        Ok(Self { after, ..query })
    }

    /// Whether the list leaves out webhooks of its API.
    #[must_use]
    pub fn selects(&self) -> bool {
        self.state.is_some() || self.project.is_some() || self.text.is_some()
    }

    /// Whether the list has this webhook, whose queue is in the state `queue`. The endpoint is searched as it is shown,
    /// so that nobody finds out a secret by searching for it.
    #[must_use]
    pub fn wants(&self, webhook: &Webhook, queue: &QueueState) -> bool {
        let found = |text: &String| {
            webhook.name.to_lowercase().contains(text)
                || masked_endpoint(&webhook.endpoint.url).to_lowercase().contains(text)
        };
        self.state.is_none_or(|wanted| State::of(webhook, queue) == wanted)
            && self.project.as_ref().is_none_or(|wanted| {
                let named = webhook.subscriptions.iter().flat_map(|subscription| &subscription.projects);
                webhook.project.iter().chain(named).any(|project| project == wanted)
            })
            && self.text.as_ref().is_none_or(found)
    }
}

/// The webhook after which a page begins.
pub(super) fn webhook_position(list: &List, request: &Request) -> Result<Option<WebhookKey>, OperationsFailure> {
    let position = list.position(request)?;
    position.map(|position| WebhookKey::parse(&position).ok_or_else(bad_cursor)).transpose()
}
