//! Organizations, their limits, and the permissions of their tokens.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::{Api, OrganizationId, Timestamp};

/// An organization: a tenant of Outhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name, for people.
    pub name: String,
    /// The feature flags that are on, for example `Webhooks`.
    pub flags: Vec<String>,
    /// The organization's id in Akinon's API: 24 hex digits.
    pub akinon_organization: String,
    /// The organization's id in Socotra's API: a uuid.
    pub socotra_tenant: String,
    /// The number of partitions of the Events table over which a day's events are distributed. It never changes,
    /// because an event's key is found from its id with it.
    pub event_shards: u32,
    /// The most webhooks that the organization may have through each API.
    #[serde(flatten)]
    pub webhook_limits: WebhookLimits,
    /// The hosts, besides Slack's own, to which webhooks of SD Elements' API may post Slack messages: lower-case DNS
    /// names. None unless an operator names some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slack_compatible_hosts: Vec<String>,
    /// When the organization was created.
    pub created: Timestamp,
}

impl Organization {
    /// The feature flag that every route of SD Elements' webhook API needs.
    pub const WEBHOOKS_FLAG: &'static str = "Webhooks";

    /// The most webhooks that the organization may have through this API.
    #[must_use]
    pub fn webhook_limit(&self, api: Api) -> u32 {
        self.webhook_limits.of(api)
    }

    /// Whether this feature flag is on.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|on| on == flag)
    }
}

/// The most webhooks that an organization may have through each API. Organizations that were stored before there were
/// limits get the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookLimits {
    /// Through SD Elements' API.
    #[serde(rename = "sdelements_webhook_limit")]
    pub sdelements: u32,
    /// Through Flip's API.
    #[serde(rename = "flip_webhook_limit")]
    pub flip: u32,
    /// Through Akinon's API, counting all projects together.
    #[serde(rename = "akinon_webhook_limit")]
    pub akinon: u32,
    /// Through Socotra's API.
    #[serde(rename = "socotra_webhook_limit")]
    pub socotra: u32,
    /// Notification targets.
    #[serde(rename = "operations_webhook_limit")]
    pub operations: u32,
}

impl Default for WebhookLimits {
    fn default() -> Self {
        let limit = Self::DEFAULT;
        Self { sdelements: limit, flip: limit, akinon: limit, socotra: limit, operations: limit }
    }
}

impl WebhookLimits {
    /// The limit for each API unless an operator sets another.
    pub const DEFAULT: u32 = 100;

    /// The limit for this API.
    #[must_use]
    pub fn of(&self, api: Api) -> u32 {
        match api {
            Api::SdElements => self.sdelements,
            Api::Flip => self.flip,
            Api::Akinon => self.akinon,
            Api::Socotra => self.socotra,
            Api::Operations => self.operations,
        }
    }
}

/// What a token's user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, VariantArray)]
pub enum Permission {
    /// SD Elements: everything, including publishing events.
    #[serde(rename = "super_user")]
    SuperUser,
    /// Flip: everything.
    #[serde(rename = "WEBHOOK_MANAGEMENT")]
    WebhookManagement,
    /// Socotra and Akinon: read one webhook.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Socotra and Akinon: list webhooks.
    #[serde(rename = "webhooks:list")]
    WebhooksList,
    /// Socotra and Akinon: create, change and delete webhooks.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Socotra: read one diverted event.
    #[serde(rename = "diverted-events:read")]
    DivertedEventsRead,
    /// Socotra: list diverted events.
    #[serde(rename = "diverted-events:list")]
    DivertedEventsList,
    /// Socotra: resend a diverted event.
    #[serde(rename = "diverted-events:resend")]
    DivertedEventsResend,
    /// Socotra: delete a diverted event.
    #[serde(rename = "diverted-events:delete")]
    DivertedEventsDelete,
    /// Socotra: read events.
    #[serde(rename = "events:read")]
    EventsRead,
    /// Any API: publish events.
    #[serde(rename = "events:write")]
    EventsWrite,
    /// Operations: see the webhooks of all APIs, their deliveries, and events.
    #[serde(rename = "operations:read")]
    OperationsRead,
    /// Operations: pause, test, resend, replace secrets, and manage notification targets.
    #[serde(rename = "operations:write")]
    OperationsWrite,
}

impl Permission {
    /// Every permission.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The permission's name, as `admin` reads and shows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuperUser => "super_user",
            Self::WebhookManagement => "WEBHOOK_MANAGEMENT",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksList => "webhooks:list",
            Self::WebhooksWrite => "webhooks:write",
            Self::DivertedEventsRead => "diverted-events:read",
            Self::DivertedEventsList => "diverted-events:list",
            Self::DivertedEventsResend => "diverted-events:resend",
            Self::DivertedEventsDelete => "diverted-events:delete",
            Self::EventsRead => "events:read",
            Self::EventsWrite => "events:write",
            Self::OperationsRead => "operations:read",
            Self::OperationsWrite => "operations:write",
        }
    }

    /// The permission with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
    }
}
