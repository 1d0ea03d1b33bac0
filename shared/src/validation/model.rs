use super::decoder::{Decoder, Input};
use super::violation::Step;
use super::{Json, Violation, Violations};

pub(super) const BODY: &str = "body";
pub(super) const QUERY: &str = "query";

/// Type of a JSON body, or of the filter in a query string.
pub trait Model: Sized {
    /// Declares the fields, and the value that they make up.
    fn decoder() -> impl Decoder<Output = Self>;

    /// Reads a body; `None` is an empty one.
    ///
    /// # Errors
    /// Returns every violation, or the one of a body that is not an object.
    fn from_body(body: Option<&Json>) -> Result<Self, Violations> {
        let whole_body = |violation: Violation| Violations::from(violation.at([Step::Name(BODY)]));
        match body {
            Some(Json::Object(members)) => Input::new(BODY, members).decode(&Self::decoder()),
            Some(other) => Err(whole_body(Violation::new(
                "model_attributes_type",
                "Input should be a valid dictionary or object to extract fields from",
                other,
            ))),
            None => Err(whole_body(Violation::missing(&Json::Null))),
        }
    }
}

/// Model without fields: the filter of a list that has none.
impl Model for () {
    fn decoder() -> impl Decoder<Output = ()> {}
}
