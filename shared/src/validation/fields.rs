use serde_json::Value;

use super::violation::Step;
use super::{Field, Json, Violation, Violations, json::Object};

/// What a JSON body or a query string is read into.
pub trait Model: Sized {
    /// Reads every field, in the model's order, before it gives up on one.
    ///
    /// # Errors
    /// That one of them is wrong; `fields` holds what is.
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid>;

    /// The model that a body holds; `None` is an empty body.
    ///
    /// # Errors
    /// Every wrong field, or that there is no object to look for fields in.
    fn from_body(body: Option<&Json>) -> Result<Self, Violations> {
        let whole_body = |violation: Violation| Violations::from(violation.at([Step::Name(BODY)]));
        match body {
            Some(Json::Object(members)) => Fields::new(BODY, members).read(),
            Some(other) => Err(whole_body(Violation::new(
                "model_attributes_type",
                "Input should be a valid dictionary or object to extract fields from",
                other,
            ))),
            None => Err(whole_body(Violation::missing(&Json::Null))),
        }
    }

    /// The model that a query string holds; a repeated parameter's last value counts.
    ///
    /// # Errors
    /// Every wrong parameter.
    fn from_query(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Violations> {
        let parameters = pairs.map(|(name, value)| (name, Json::Text(value))).collect();
        Fields::new(QUERY, &parameters).read()
    }

    /// The fields that are read from a body, in the model's order.
    #[must_use]
    fn body_fields() -> Vec<FieldSpec> {
        describe::<Self>(BODY)
    }

    /// The parameters that are read from a query string, in the model's order.
    #[must_use]
    fn parameters() -> Vec<FieldSpec> {
        describe::<Self>(QUERY)
    }
}

/// A model's fields, found by reading it: each is noted and given up, and the next is gone on to.
fn describe<T: Model>(source: &'static str) -> Vec<FieldSpec> {
    let nothing = Object::default();
    let mut fields = Fields { described: Some(Vec::new()), ..Fields::new(source, &nothing) };
    // It is wrong in every field by design.
    let _ = T::read(&mut fields);
    fields.described.unwrap_or_default()
}

/// That a field is wrong, which the [`Fields`] that it was read from remember.
#[derive(Debug, Clone, Copy)]
pub struct Invalid;

/// The fields of one JSON object or query string, and what was found wrong with those read so far.
pub struct Fields<'a> {
    source: &'static str,
    members: &'a Object,
    violations: Violations,
    described: Option<Vec<FieldSpec>>,
}

/// A field as a model reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpec {
    /// What it is called.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// The values that are read, as JSON Schema.
    pub schema: Value,
}

const BODY: &str = "body";
const QUERY: &str = "query";

impl<'a> Fields<'a> {
    fn new(source: &'static str, members: &'a Object) -> Self {
        Self { source, members, violations: Violations::none(), described: None }
    }

    fn read<T: Model>(mut self) -> Result<T, Violations> {
        T::read(&mut self).map_err(|Invalid| self.violations)
    }

    pub(super) fn required<T: Field>(&mut self, name: &'static str) -> Result<T, Invalid> {
        self.describe::<T>(name, true)?;
        let value = match self.members.get(name) {
            Some(value) => T::coerce(value),
            None => Err(Violation::missing(&Json::Object(self.members.clone()))),
        };
        self.keep(name, value)
    }

    /// As [`Self::required`], but the field may be absent.
    pub(super) fn optional<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Invalid> {
        self.describe::<T>(name, false)?;
        let value = self.members.get(name).map(T::coerce).transpose();
        self.keep(name, value)
    }

    /// Where the fields are to be described and not read, adds one and goes on to the next.
    fn describe<T: Field>(&mut self, name: &'static str, required: bool) -> Result<(), Invalid> {
        let Some(described) = &mut self.described else { return Ok(()) };
        let schema = if self.source == QUERY { T::parameter_schema() } else { T::schema() };
        described.push(FieldSpec { name, required, schema });
        Err(Invalid)
    }

    fn keep<T>(&mut self, name: &'static str, value: Result<T, Violation>) -> Result<T, Invalid> {
        let loc = [Step::Name(self.source), Step::Name(name)];
        value.map_err(|violation| {
            self.violations.push(violation.at(loc));
            Invalid
        })
    }
}
