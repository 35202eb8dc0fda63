//! Schemas of the domain's types.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::schemas::{ULID, moment};
use crate::domain::{Api, DeliveryState, EventId, Growth, Moment, Secret, TargetKind, Trigger};

/// Implements `JsonSchema` for types, with a given schema. `true` inlines the schema wherever the type is used, `false`
/// makes it a component. Types with a fixed set of words are components.
macro_rules! described {
    ($($name:ident, $inline:expr => $schema:expr;)*) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                $inline
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

described! {
    Moment, true => Schema::try_from(moment()).unwrap_or_default();
    Secret, true => json_schema!({"type": "string"});
    EventId, true => json_schema!({"type": "string", "pattern": ULID});
    Trigger, true => json_schema!({"type": "string", "pattern": "^([0-9]{3}|4xx|5xx|timeout)$"});
    Growth, false => json_schema!({"type": "string", "enum": [Growth::Linear, Growth::Exponential]});
    Api, false => json_schema!({"type": "string", "enum": Api::ALL});
    TargetKind, false => json_schema!({"type": "string", "enum": [TargetKind::Slack, TargetKind::Webhook]});
    DeliveryState, false => json_schema!({"type": "string", "enum": [
        DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Diverted, DeliveryState::Discarded
    ]});
}
