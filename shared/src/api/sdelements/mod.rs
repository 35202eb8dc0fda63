//! SD Elements' API v2 for Slack webhooks and their event configurations. It behaves as if Django REST Framework served
//! it.
//!
//! Source of the rules: docs/apis/sdelements.md, and Django REST Framework ("DRF") where SD Elements' documents are silent.

mod access;
mod activity;
mod configuration;
mod cursor;
mod date_time;
mod deliveries;
mod failure;
mod fallback;
mod fields;
mod ids;
mod json_body;
mod media_type;
mod negotiation;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod options;
mod pagination;
mod python;
mod query_string;
mod rendering;
mod state;
mod url_field;
mod webhook;

pub use access::Role;
pub use activity::{ActivityBody, NewActivity};
pub use configuration::{
    ConfigurationBody, ConfigurationChanges, ConfigurationFields, ConfigurationsBody, duplicate_configuration,
    too_many_projects,
};
pub use cursor::{Cursor, CursorPage, CursorQuery};
pub use deliveries::{DeliveryBody, DeliveryDetailBody, ResendBody, log_query, resend_request};
pub use failure::{SdElementsFailure, Wrong};
pub use fallback::unserved;
pub use ids::{event, integer, project, webhook};
pub use json_body::{checked as checked_body, parse as parse_body, text as body_text};
pub use options::metadata;
pub use pagination::{Page, PageQuery, Window};
pub use python::{Dict, Str, Value};
pub use rendering::rendered;
pub use state::{StateBody, StatusBody};
pub use webhook::{NewWebhook, WebhookBody, WebhookChanges};
