//! The ids of organizations and webhooks, and the names of the APIs.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// The id of an organization (tenant): 1 to 40 lower-case ASCII letters and digits. An operator chooses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrganizationId(String);

impl OrganizationId {
    /// The longest id, in characters.
    pub const MAX: usize = 40;

    /// Parses an id; `None` unless it is 1 to 40 lower-case ASCII letters and digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let good =
            (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The API through which a webhook was created and is managed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// SD Elements, API v2: Slack webhooks with event configurations.
    SdElements,
    /// Flip: webhooks of a user, signed as Standard Webhooks.
    Flip,
    /// Akinon App Maker: webhooks of a project.
    Akinon,
    /// Socotra: webhooks of a tenant with failure handling.
    Socotra,
    /// Outhook's own: notification targets, to which operational events go.
    Operations,
}

impl Api {
    /// Every API.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The API's name in keys, logs and folders.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SdElements => "sdelements",
            Self::Flip => "flip",
            Self::Akinon => "akinon",
            Self::Socotra => "socotra",
            Self::Operations => "operations",
        }
    }

    /// Whether the API's webhooks have integer ids, which are counted within each organization.
    #[must_use]
    pub fn has_integer_ids(self) -> bool {
        match self {
            Self::SdElements => true,
            Self::Flip | Self::Akinon | Self::Socotra | Self::Operations => false,
        }
    }

    /// Whether two webhooks of an organization cannot have the same URL. Flip refuses a second one with
    /// `DUPLICATE_URL`.
    #[must_use]
    pub fn has_unique_urls(self) -> bool {
        match self {
            Self::Flip => true,
            Self::SdElements | Self::Akinon | Self::Socotra | Self::Operations => false,
        }
    }

    /// Whether operational events tell about the API's webhooks.
    #[must_use]
    pub fn is_told_about(self) -> bool {
        match self {
            Self::SdElements | Self::Flip | Self::Akinon | Self::Socotra => true,
            Self::Operations => false,
        }
    }

    /// The API with this name, as [`Api::as_str`] gives it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.as_str() == text)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Identifies a webhook within its organization: its API and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookKey {
    /// The API that manages the webhook.
    pub api: Api,
    /// The webhook's id in the form of its API: decimal digits, a uuid, 24 hex digits or a ULID.
    pub id: String,
}

impl WebhookKey {
    /// The key of an SD Elements webhook, whose id is an integer.
    #[must_use]
    pub fn sdelements(id: u64) -> Self {
        Self { api: Api::SdElements, id: id.to_string() }
    }

    /// The integer id of an SD Elements webhook. For an id that is not an integer, 0, which no webhook has.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.id.parse().unwrap_or(0)
    }

    /// Parses `<api>:<id>`, the form that [`fmt::Display`] prints; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (api, id) = text.split_once(':')?;
        Some(Self { api: Api::parse(api)?, id: id.to_owned() })
    }
}

impl fmt::Display for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.api, self.id)
    }
}
