use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use shared::http::Failure;
use shared::models::{Code, HistoryEntry, Kind};
use shared::store::StoreError;
use shared::validation::{Decoder, FieldSpec, Json, ListParams, Model};

/// Description of a route in the OpenAPI document, beside its method and path. It is made from the types
/// that the handler reads and returns, and from the failures that it returns.
#[derive(Debug)]
pub struct Operation {
    /// Name of the operation in the service that parc replaces; generated clients have methods of this name.
    pub name: &'static str,
    /// Title in French.
    pub title: &'static str,
    /// Description in French.
    pub description: &'static str,
    /// Name and fields of the request body.
    pub body: Option<(&'static str, Vec<FieldSpec>)>,
    /// Parameters of the query string.
    pub parameters: Vec<FieldSpec>,
    /// Schema of the response body.
    pub answer: Schema,
    /// Whether the response is a page, with a link to the next one.
    pub paged: bool,
    /// Whether it honours `If-Match`.
    pub conditional: bool,
    /// Possible failures, one of each kind.
    pub failures: Vec<Failure>,
}

/// A JSON Schema, and the schemas that it refers to by name.
#[derive(Debug, Default)]
pub struct Schema {
    /// The schema itself.
    pub schema: Value,
    /// The schemas that it refers to, by name.
    pub named: Vec<(String, Value)>,
}

impl Schema {
    /// Returns the schema of a type.
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
    /// Creates an operation that returns `true` and has the failures of every operation.
    pub(crate) fn named(name: &'static str, title: &'static str, description: &'static str) -> Self {
        let failures = vec![
            Failure::Store(StoreError::Unavailable(String::new())),
            Failure::Store(StoreError::Corrupt(String::new())),
        ];
        let answer = Schema { schema: json!({ "type": "boolean", "const": true }), named: Vec::new() };
        Self {
            name,
            title,
            description,
            body: None,
            parameters: Vec::new(),
            answer,
            paged: false,
            conditional: false,
            failures,
        }
    }

    /// Reads a model of this name from the body.
    pub(crate) fn reads<T: Model>(mut self, name: &'static str) -> Self {
        self.body = Some((name, T::decoder().fields()));
        self.failures.extend([Failure::TooLarge, Failure::Unreadable]);
        self.failures
            .extend(T::from_body(Some(&Json::Object(std::iter::empty().collect()))).err().map(Failure::Invalid));
        self
    }

    /// Returns an entity.
    pub(crate) fn answers<T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>(), ..self }
    }

    /// Returns a page of the list with this filter.
    pub(crate) fn lists<F: Model, T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>().array(), ..self.paged::<F>() }
    }

    /// Returns a page of the history of an entity with these fields.
    pub(crate) fn lists_history<F: JsonSchema>(self) -> Self {
        let mut entry = Schema::of::<HistoryEntry<F>>();
        for (_, schema) in &mut entry.named {
            // schemars leaves out fields that may be null, but every field is always present.
            let properties = schema["properties"].as_object();
            schema["required"] = properties.into_iter().flat_map(serde_json::Map::keys).cloned().collect();
        }
        Self { answer: entry.array(), ..self.paged::<()>() }
    }

    /// Takes `limit` and `cursor` beside the parameters of a filter.
    fn paged<F: Model>(mut self) -> Self {
        self.failures.extend(ListParams::<F>::refused_limit().map(Failure::Invalid));
        Self { parameters: ListParams::<F>::fields(), paged: true, ..self }
    }

    /// Returns an entity's page: the fields of `T`, and a list of `C` under `name`.
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

    /// Fails if an entity of this kind does not exist.
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

    /// Fails if a parent of this kind is inactive.
    pub(crate) fn inactive(self, kind: Kind) -> Self {
        self.fails(StoreError::Inactive(kind))
    }

    /// Fails if another client has the code.
    pub(crate) fn code_taken(self) -> Self {
        self.fails(StoreError::CodeTaken(Code::from(12)))
    }

    fn fails(mut self, error: StoreError) -> Self {
        self.failures.push(Failure::Store(error));
        self
    }
}
