//! JSON Schemas of the types in responses.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{ChangeKind, ClientId, Code, EquipementId, MAX_CHARS, Nom, OptionalText, SiteId, Status, Timestamp};

macro_rules! schema {
    ($type:ident, $($schema:tt)+) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($schema)+)
            }
        }
    };
}

schema!(ClientId, { "type": "string", "format": "uuid" });
schema!(SiteId, { "type": "string", "format": "uuid" });
schema!(EquipementId, { "type": "string", "format": "uuid" });
schema!(Nom, { "type": "string", "minLength": 1, "maxLength": MAX_CHARS });
schema!(OptionalText, { "type": ["string", "null"], "minLength": 1, "maxLength": MAX_CHARS });
schema!(Code, { "type": "integer", "format": "int64" });
schema!(Status, { "type": "string", "enum": Self::ALL.map(Self::name) });
schema!(ChangeKind, { "type": "string", "enum": Self::ALL });
schema!(Timestamp, { "type": "string", "format": "date-time" });
