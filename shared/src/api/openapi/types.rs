//! How the domain's types look on the wire.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::schemas::{ULID, moment};
use crate::domain::{DeliveryState, EventId, Growth, Moment, Secret, Trigger};

/// Describes a type by a schema that stands wherever the type is used.
macro_rules! described {
    ($($name:ident => $schema:expr;)*) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
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
    Moment => Schema::try_from(moment()).unwrap_or_default();
    Secret => json_schema!({"type": "string"});
    EventId => json_schema!({"type": "string", "pattern": ULID});
    Trigger => json_schema!({"type": "string", "pattern": "^([0-9]{3}|4xx|5xx|timeout)$"});
    Growth => json_schema!({"type": "string", "enum": [Growth::Linear, Growth::Exponential]});
    DeliveryState => json_schema!({"type": "string", "enum": [
        DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Diverted, DeliveryState::Discarded
    ]});
}
