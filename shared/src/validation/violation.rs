use serde::Serialize;
use serde_json::value::RawValue;

use super::model::QUERY;
use super::{Json, JsonError};

/// Every violation of a request, in the order of the model's fields; never empty.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Violations(Vec<Violation>);

/// Violation of one field, in pydantic's words.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    r#type: &'static str,
    loc: Vec<Step>,
    msg: String,
    input: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Box<serde_json::Value>>,
}

/// Step of the path to a field.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Step {
    Name(&'static str),
    Position(usize),
}

impl Violation {
    pub(super) fn new(r#type: &'static str, msg: impl Into<String>, input: &Json) -> Self {
        let input = RawValue::from_string(input.to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { r#type, loc: Vec::new(), msg: msg.into(), input, ctx: None }
    }

    pub(super) fn ctx(mut self, ctx: serde_json::Value) -> Self {
        self.ctx = Some(Box::new(ctx));
        self
    }

    pub(super) fn at(mut self, loc: impl Into<Vec<Step>>) -> Self {
        self.loc = loc.into();
        self
    }

    pub(super) fn not_an_object(input: &Json) -> Self {
        Self::new("model_attributes_type", "Input should be a valid dictionary or object to extract fields from", input)
    }

    pub(super) fn missing(input: &Json) -> Self {
        Self::new("missing", "Field required", input)
    }

    /// The violation for a parameter of the query string that its route does not have, or that is repeated.
    pub(super) fn unknown_parameter(name: &str) -> Self {
        let violation = Self::new("extra_forbidden", "Extra inputs are not permitted", &Json::Text(name.to_owned()));
        violation.at([Step::Name(QUERY)])
    }

    fn if_match_invalid(value: &str) -> Self {
        let value = Json::Text(value.to_owned());
        Self::new("if_match_invalid", "Input should be * or a list of entity tags", &value)
    }

    fn json_invalid(position: usize, reason: &str) -> Self {
        Self::new("json_invalid", "JSON decode error", &Json::Object(super::json::Object::default()))
            .ctx(serde_json::json!({ "error": reason }))
            .at([Step::Name("body"), Step::Position(position)])
    }
}

/// Returns the path to an operation of a batch.
pub(super) fn operation_path(index: u16) -> [Step; 3] {
    [Step::Name("body"), Step::Name("operations"), Step::Position(index.into())]
}

impl Violations {
    pub(super) fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Returns the violation for an `If-Match` that is neither `*` nor a list of entity tags.
    #[must_use]
    pub fn of_if_match(value: &str) -> Self {
        Violation::if_match_invalid(value).at([Step::Name("header"), Step::Name("if-match")]).into()
    }

    /// Returns the violation for an `Idempotency-Key` that is not a key.
    #[must_use]
    pub fn of_idempotency_key(value: &str) -> Self {
        let message = "Input should be 1 to 255 visible ASCII characters, bare or in double quotes";
        Self::of_header("idempotency-key", "idempotency_key_invalid", message, value)
    }

    /// Returns the violation for an `Idempotency-Key` that was used for another request.
    #[must_use]
    pub fn of_reused_key(value: &str) -> Self {
        let message = "This key was used for another request; send a new key with a new request";
        Self::of_header("idempotency-key", "idempotency_key_reused", message, value)
    }

    /// Returns the violation for an operation of a batch whose `if_match` is neither `*` nor a list of entity tags.
    #[must_use]
    pub fn of_operation_if_match(index: u16, value: &str) -> Self {
        let violation = Violation::if_match_invalid(value);
        violation.at([&operation_path(index), &[Step::Name("if_match")][..]].concat()).into()
    }

    /// Removes the values that the violations repeat.
    #[must_use]
    pub fn without_input(mut self) -> Self {
        self.0.iter_mut().for_each(|violation| violation.input = RawValue::NULL.to_owned());
        self
    }

    /// Returns the violation for an atomic batch of which only the first `count` operations fit into a transaction.
    #[must_use]
    pub fn of_operations_that_do_not_fit(count: usize) -> Self {
        let message =
            format!("Operations should fit into one transaction; the number that do, from the first one, is {count}");
        let violation = Violation::new("atomic_too_long", message, &Json::Null);
        violation
            .ctx(serde_json::json!({ "max_length": count }))
            .at([Step::Name("body"), Step::Name("operations")])
            .into()
    }

    fn of_header(name: &'static str, r#type: &'static str, message: &str, value: &str) -> Self {
        let loc = [Step::Name("header"), Step::Name(name)];
        Violation::new(r#type, message, &Json::Text(value.to_owned())).at(loc).into()
    }

    /// Returns the violation of a body that is not JSON; `None` if it is answered with another status.
    #[must_use]
    pub fn of_json_error(error: JsonError) -> Option<Self> {
        match error {
            JsonError::Syntax { position, reason } => Some(Violation::json_invalid(position, reason).into()),
            JsonError::Unreadable => None,
        }
    }
}

impl FromIterator<Self> for Violations {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        Self(all.into_iter().flat_map(|violations| violations.0).collect())
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}
