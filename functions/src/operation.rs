use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use shared::http::Failure;
use shared::models::{Code, HistoryEntry, Kind};
use shared::store::StoreError;
use shared::validation::{FieldSpec, Json, ListParams, Model};

/// What callers are told of a route, beside its method and path: made of the types that it reads
/// and answers with, and of the failures that it answers with.
#[derive(Debug)]
pub struct Operation {
    /// What the service that parc replaces called it; generated clients have methods of this name.
    pub name: &'static str,
    /// What it does, in French.
    pub description: &'static str,
    /// The name and the fields of the body that it reads.
    pub body: Option<(&'static str, Vec<FieldSpec>)>,
    /// The parameters that it reads from the query string.
    pub parameters: Vec<FieldSpec>,
    /// What it answers with.
    pub answer: Schema,
    /// Whether it answers with a part of a list, and a link to what comes after it.
    pub paged: bool,
    /// Whether it honours `If-Match`.
    pub conditional: bool,
    /// How it may fail, one of each kind.
    pub failures: Vec<Failure>,
}

/// A JSON Schema, and those that it refers to by their names.
#[derive(Debug, Default)]
pub struct Schema {
    /// The schema itself.
    pub schema: Value,
    /// What it refers to.
    pub named: Vec<(String, Value)>,
}

impl Schema {
    /// The schema of a type of the answers.
    fn of<T: JsonSchema>() -> Self {
        let name = T::schema_name().into_owned();
        let schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
        Self { schema: json!({ "$ref": format!("#/components/schemas/{name}") }), named: vec![(name, schema)] }
    }

    fn array(self) -> Self {
        Self { schema: json!({ "type": "array", "items": self.schema }), named: self.named }
    }
}

impl Operation {
    /// An operation that answers `true`, and fails where every operation may.
    pub(crate) fn named(name: &'static str, description: &'static str) -> Self {
        let failures = vec![
            Failure::TooLarge,
            Failure::Store(StoreError::Unavailable(String::new())),
            Failure::Store(StoreError::Corrupt(String::new())),
        ];
        let answer = Schema { schema: json!({ "type": "boolean", "const": true }), named: Vec::new() };
        Self {
            name,
            description,
            body: None,
            parameters: Vec::new(),
            answer,
            paged: false,
            conditional: false,
            failures,
        }
    }

    /// It reads this model, called so, from its body.
    pub(crate) fn reads<T: Model>(mut self, name: &'static str) -> Self {
        self.body = Some((name, T::body_fields()));
        self.failures.push(Failure::Unreadable);
        self.failures
            .extend(T::from_body(Some(&Json::Object(std::iter::empty().collect()))).err().map(Failure::Invalid));
        self
    }

    /// It answers with an entity.
    pub(crate) fn answers<T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>(), ..self }
    }

    /// It answers with a part of the list that this filter tells.
    pub(crate) fn lists<F: Model, T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>().array(), ..self.paged::<F>() }
    }

    /// Answers with a page of the history of an entity with these fields.
    pub(crate) fn lists_history<F: JsonSchema>(self) -> Self {
        let mut entry = Schema::of::<HistoryEntry<F>>();
        for (_, schema) in &mut entry.named {
            // schemars leaves out fields that may be null, but every field is always present.
            let properties = schema["properties"].as_object();
            schema["required"] = properties.into_iter().flat_map(serde_json::Map::keys).cloned().collect();
        }
        Self { answer: entry.array(), ..self.paged::<()>() }
    }

    /// It takes `limit` and `cursor`, beside the parameters of a filter.
    fn paged<F: Model>(mut self) -> Self {
        let parameter = ("limit".to_owned(), "0".to_owned());
        self.failures.extend(ListParams::<F>::from_query(std::iter::once(parameter)).err().map(Failure::Invalid));
        Self { parameters: ListParams::<F>::parameters(), paged: true, ..self }
    }

    /// It answers with an entity's page: what `T` says of it, and its children under `name`, each of
    /// which is a `C`.
    pub(crate) fn shows<T: JsonSchema, C: JsonSchema>(self, name: &'static str) -> Self {
        let mut page = Schema::of::<T>();
        let children = Schema::of::<C>().array();
        for (_, schema) in &mut page.named {
            schema["properties"][name] = children.schema.clone();
            schema["required"].as_array_mut().into_iter().for_each(|required| required.push(name.into()));
        }
        page.named.extend(children.named);
        Self { answer: page, ..self.paged::<()>() }
    }

    /// There may be no such entity.
    pub(crate) fn unknown(self, kind: Kind) -> Self {
        self.fails(StoreError::Unknown(kind))
    }

    /// Changes an entity of this kind: fails if it is unknown or does not have the expected version.
    pub(crate) fn changes(self, kind: Kind) -> Self {
        Self { conditional: true, ..self }.unknown(kind).fails(StoreError::Changed {
            kind,
            version: 8,
            body: String::new(),
        })
    }

    /// What the entity should hang on may be inactive.
    pub(crate) fn inactive(self, kind: Kind) -> Self {
        self.fails(StoreError::Inactive(kind))
    }

    /// Another client may have the code.
    pub(crate) fn code_taken(self) -> Self {
        self.fails(StoreError::CodeTaken(Code::from(12)))
    }

    fn fails(mut self, error: StoreError) -> Self {
        self.failures.push(Failure::Store(error));
        self
    }
}
