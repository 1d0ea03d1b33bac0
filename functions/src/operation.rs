use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use shared::http::Failure;
use shared::models::{Code, HistoryEntry, Kind};
use shared::store::StoreError;
use shared::validation::{Decoder, FieldSpec, Json, ListParams, Model};

/// Description of a route in the OpenAPI document, except for its method and path. Built from the types that the
/// handler reads and returns, and from its failures.
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
    /// Whether it is a batch: each of its results has a status and an entity tag of its own, and a key resumes it.
    pub batch: bool,
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

/// Place of the named schemas in the document.
const SCHEMAS: &str = "/components/schemas";

impl Schema {
    /// Returns the schema of a type.
    fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12();
        let mut generator = settings.with(|settings| settings.definitions_path = SCHEMAS.into()).into_generator();
        let schema = generator.subschema_for::<T>().to_value();
        let mut named: Vec<_> = generator.take_definitions(true).into_iter().collect();
        for (name, schema) in &mut named {
            schema["title"] = name.as_str().into();
        }
        Self { schema, named }
    }

    fn array(self) -> Self {
        Self { schema: json!({ "type": "array", "items": self.schema }), named: self.named }
    }
}

impl Operation {
    /// Creates an operation that returns `true` and has the failures that every operation has.
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
            batch: false,
            failures,
        }
    }

    /// Declares the request body: a model, under this name.
    pub(crate) fn with_body<T: Model>(mut self, name: &'static str) -> Self {
        self.body = Some((name, T::decoder().fields()));
        self.failures.extend([Failure::TooLarge(T::MAX_SIZE), Failure::Unreadable]);
        self.failures
            .extend(T::from_body(Some(&Json::Object(std::iter::empty().collect()))).err().map(Failure::Invalid));
        self
    }

    /// Declares the parameters of the query string, which are flags.
    pub(crate) fn with_parameters<Q: Model>(mut self) -> Self {
        let parameters = Q::decoder().fields();
        let invalid = parameters.iter().map(|field| (field.name.to_owned(), "oui".to_owned()));
        self.failures.extend(Q::from_query(invalid).err().map(Failure::Invalid));
        Self { parameters, ..self }
    }

    /// Declares that the operation returns an entity.
    pub(crate) fn returning<T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>(), ..self }
    }

    /// Declares that it returns the results of a batch.
    pub(crate) fn returning_results<T: JsonSchema>(self) -> Self {
        Self { batch: true, ..self.returning::<T>() }
    }

    /// Declares that it returns a page of a list with this filter.
    pub(crate) fn returning_list<F: Model, T: JsonSchema>(self) -> Self {
        Self { answer: Schema::of::<T>().array(), ..self.paged::<F>() }
    }

    /// Declares that it returns a page of the history of an entity with these fields.
    pub(crate) fn returning_history<F: JsonSchema>(self) -> Self {
        let mut entry = Schema::of::<HistoryEntry<F>>();
        for (_, schema) in &mut entry.named {
            // schemars leaves out fields that may be null, but every field is always present.
            let properties = schema["properties"].as_object();
            schema["required"] = properties.into_iter().flat_map(serde_json::Map::keys).cloned().collect();
        }
        Self { answer: entry.array(), ..self.paged::<()>() }
    }

    /// Adds `limit` and `cursor` to the parameters of a filter.
    fn paged<F: Model>(mut self) -> Self {
        self.failures.extend(ListParams::<F>::refused_limit().map(Failure::Invalid));
        Self { parameters: ListParams::<F>::fields(), paged: true, ..self }
    }

    /// Declares that it returns the fields of `T`, and a page of `C` under `name`.
    pub(crate) fn returning_infos<T: JsonSchema, C: JsonSchema>(self, name: &'static str) -> Self {
        let mut page = Schema::of::<T>();
        let children = Schema::of::<C>().array();
        for (_, schema) in &mut page.named {
            schema["properties"][name] = children.schema.clone();
            schema["required"].as_array_mut().into_iter().for_each(|required| required.push(name.into()));
        }
        page.named.extend(children.named);
        Self { answer: page, ..self.paged::<()>() }
    }

    /// Declares the failure for an entity of this kind that does not exist.
    pub(crate) fn fails_if_unknown(self, kind: Kind) -> Self {
        self.fails(StoreError::Unknown(kind))
    }

    /// Declares a conditional change of an entity of this kind.
    pub(crate) fn updates(self, kind: Kind) -> Self {
        Self { conditional: true, ..self }.fails_if_unknown(kind).fails(StoreError::Changed {
            kind,
            version: 8,
            body: String::new(),
        })
    }

    /// Declares the failure for an inactive parent of this kind.
    pub(crate) fn fails_if_inactive(self, kind: Kind) -> Self {
        self.fails(StoreError::Inactive(kind))
    }

    /// Declares the failure for a code of another client.
    pub(crate) fn fails_if_code_taken(self) -> Self {
        self.fails(StoreError::CodeTaken(Code::from(12)))
    }

    /// Declares the failure for a batch that needs more than one transaction.
    pub(crate) fn fails_if_it_does_not_fit(self) -> Self {
        self.fails(StoreError::DoNotFit(32))
    }

    fn fails(mut self, error: StoreError) -> Self {
        self.failures.push(Failure::Store(error));
        self
    }
}
