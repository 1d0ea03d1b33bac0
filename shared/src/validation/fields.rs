use super::violation::Step;
use super::{Json, Violation, Violations, json::Object};

/// What a JSON body or a query string is read into.
pub trait Model: Sized {
    /// Reads every field, in the model's order, before it gives up on one.
    ///
    /// # Errors
    /// That one of them is wrong; `fields` holds what is.
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong>;

    /// The model that a body holds; `None` is an empty body.
    ///
    /// # Errors
    /// Every wrong field, or that there is no object to look for fields in.
    fn from_body(body: Option<&Json>) -> Result<Self, Violations> {
        let whole_body = |violation: Violation| Violations::from(violation.at([Step::Name("body")]));
        match body {
            Some(Json::Object(members)) => Fields::new("body", members).read(),
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
        Fields::new("query", &parameters).read()
    }
}

/// That a field is wrong, which the [`Fields`] that it was read from remember.
#[derive(Debug, Clone, Copy)]
pub struct Wrong;

/// The fields of one JSON object or query string, and what was found wrong with those read so far.
pub struct Fields<'a> {
    source: &'static str,
    members: &'a Object,
    violations: Violations,
}

impl<'a> Fields<'a> {
    fn new(source: &'static str, members: &'a Object) -> Self {
        Self { source, members, violations: Violations::none() }
    }

    fn read<T: Model>(mut self) -> Result<T, Violations> {
        T::read(&mut self).map_err(|Wrong| self.violations)
    }

    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        coerce: impl FnOnce(&Json) -> Result<T, Violation>,
    ) -> Result<T, Wrong> {
        let value = match self.members.get(name) {
            Some(value) => coerce(value),
            None => Err(Violation::missing(&Json::Object(self.members.clone()))),
        };
        self.keep(name, value)
    }

    /// As [`Self::required`], but the field may be absent.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        coerce: impl FnOnce(&Json) -> Result<T, Violation>,
    ) -> Result<Option<T>, Wrong> {
        let value = self.members.get(name).map(coerce).transpose();
        self.keep(name, value)
    }

    fn keep<T>(&mut self, name: &'static str, value: Result<T, Violation>) -> Result<T, Wrong> {
        let loc = [Step::Name(self.source), Step::Name(name)];
        value.map_err(|violation| {
            self.violations.push(violation.at(loc));
            Wrong
        })
    }
}
