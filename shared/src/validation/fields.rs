use serde_json::Value;

use super::violation::Step;
use super::{Field, Json, Violation, Violations, json::Object};

/// Type of a JSON body or a query string.
pub trait Model: Sized {
    /// Reads every field, in the model's order, even if an earlier one is invalid.
    ///
    /// # Errors
    /// Returns [`Invalid`] if a field is invalid; `fields` collects the violations.
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid>;

    /// Reads a body; `None` is an empty one.
    ///
    /// # Errors
    /// Returns every violation, or the one of a body that is not an object.
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

    /// Reads a query string; the last value of a repeated parameter counts.
    ///
    /// # Errors
    /// Returns every violation.
    fn from_query(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Violations> {
        let parameters = pairs.map(|(name, value)| (name, Json::Text(value))).collect();
        Fields::new(QUERY, &parameters).read()
    }

    /// Returns the fields of a body, in the model's order.
    #[must_use]
    fn body_fields() -> Vec<FieldSpec> {
        describe::<Self>(BODY)
    }

    /// Returns the parameters of a query string, in the model's order.
    #[must_use]
    fn parameters() -> Vec<FieldSpec> {
        describe::<Self>(QUERY)
    }
}

/// Finds a model's fields by reading it in a mode in which each field is recorded and fails.
fn describe<T: Model>(source: &'static str) -> Vec<FieldSpec> {
    let nothing = Object::default();
    let mut fields = Fields { described: Some(Vec::new()), ..Fields::new(source, &nothing) };
    // Every field fails by design.
    let _ = T::read(&mut fields);
    fields.described.unwrap_or_default()
}

/// Error of a field whose violation is recorded in [`Fields`].
#[derive(Debug, Clone, Copy)]
pub struct Invalid;

/// The fields of a JSON object or query string, and the violations found so far.
pub struct Fields<'a> {
    source: &'static str,
    members: &'a Object,
    violations: Violations,
    described: Option<Vec<FieldSpec>>,
}

/// Specification of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpec {
    /// Name.
    pub name: &'static str,
    /// Whether the field is required.
    pub required: bool,
    /// JSON Schema of the accepted values.
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

    /// Like [`Self::required`], but the field may be absent.
    pub(super) fn optional<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Invalid> {
        self.describe::<T>(name, false)?;
        let value = self.members.get(name).map(T::coerce).transpose();
        self.keep(name, value)
    }

    /// In the recording mode, records the field and fails; otherwise does nothing.
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
