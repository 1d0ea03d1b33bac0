//! The history of an entity: one entry for each version.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Entity, Status, Timestamp, response_schema};

/// Kind of change, named as in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// The entity was registered.
    Creation,
    /// Its fields changed.
    Modification,
    /// It moved to another site; its fields may have changed too.
    Deplacement,
    /// It became inactive.
    Desactivation,
    /// It became active again.
    Reactivation,
}

impl ChangeKind {
    /// Every kind of change.
    pub const ALL: [Self; 5] =
        [Self::Creation, Self::Modification, Self::Deplacement, Self::Desactivation, Self::Reactivation];

    /// Returns the kind of change between two versions; `before` is `None` at registration.
    pub fn between<E: Entity>(before: Option<&E>, after: &E) -> Self {
        match (before, after.status()) {
            (None, _) => Self::Creation,
            (Some(before), Status::Inactif) if before.status() == Status::Actif => Self::Desactivation,
            (Some(before), Status::Actif) if before.status() == Status::Inactif => Self::Reactivation,
            (Some(before), _) if after.has_moved(before) => Self::Deplacement,
            (Some(_), _) => Self::Modification,
        }
    }
}

response_schema!(ChangeKind, { "type": "string", "enum": Self::ALL });

/// An entry of the history of an entity whose fields are `F`, as responses show it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Historique{F}")]
pub struct HistoryEntry<F> {
    /// The version that the change led to, from 1.
    pub version: u64,
    /// Instant of the change, by the clock of the function.
    pub timestamp: Timestamp,
    /// What changed.
    pub operation: ChangeKind,
    /// Caller named by the token; `None` if requests are not authenticated.
    pub par: Option<String>,
    /// Identifier of the request.
    pub requete: String,
    /// The changed fields before the change; `None` at registration.
    pub avant: Option<ChangedFields<F>>,
    /// The changed fields after the change.
    pub apres: ChangedFields<F>,
}

/// Some of the fields of `F`, as a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFields<F> {
    fields: Map<String, Value>,
    of: PhantomData<F>,
}

impl<F: Serialize> ChangedFields<F> {
    /// Returns every field.
    pub fn all(fields: &F) -> Self {
        Self::new(json_object(fields))
    }

    /// Returns the fields that differ, before and after.
    pub fn between(before: &F, after: &F) -> [Self; 2] {
        let (before, after) = (json_object(before), json_object(after));
        let differing = |these: &Map<String, Value>, others: &Map<String, Value>| {
            let differs = |(name, value): &(&String, &Value)| others.get(*name) != Some(*value);
            Self::new(these.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        [differing(&before, &after), differing(&after, &before)]
    }

    fn new(fields: Map<String, Value>) -> Self {
        Self { fields, of: PhantomData }
    }
}

/// Returns the JSON object of a struct; empty for anything else.
#[must_use]
pub fn json_object(fields: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(fields) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    }
}

impl<F> Serialize for ChangedFields<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields.serialize(serializer)
    }
}

impl<F: JsonSchema> JsonSchema for ChangedFields<F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        F::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = F::json_schema(generator);
        schema.remove("required");
        schema
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::{ClientFields, Code, Nom};

    fn fields(nom: &str, code: i64) -> ClientFields {
        let nom = Nom::try_from(nom.to_owned()).expect("a nom");
        ClientFields { nom, code: Code::from(code), status: Status::Actif }
    }

    #[test]
    fn only_changed_fields_are_listed() {
        let changed = ChangedFields::between(&fields("Morin", 1), &fields("Morin", 2));
        assert_eq!(serde_json::to_value(changed).expect("JSON"), json!([{ "code": 1 }, { "code": 2 }]));
        let all = serde_json::to_value(ChangedFields::all(&fields("Morin", 1))).expect("JSON");
        assert_eq!(all, json!({ "nom": "Morin", "code": 1, "status": "actif" }));
    }
}
