use super::decoder::{Decoder, Input};
use super::violation::Step;
use super::{Json, Violation, Violations};

pub(super) const BODY: &str = "body";
pub(super) const QUERY: &str = "query";

/// Type of a JSON body, or of the filter in a query string.
pub trait Model: Sized {
    /// Maximum size of a body, in bytes, after base64 decoding.
    const MAX_SIZE: usize = 64 * 1024;

    /// Declares the fields, and the value that they make up.
    fn decoder() -> impl Decoder<Output = Self>;

    /// Reads a body; `None` is an empty one.
    ///
    /// # Errors
    /// Returns every violation, or the one of a body that is not an object.
    fn from_body(body: Option<&Json>) -> Result<Self, Violations> {
        decode_object(body, vec![Step::Name(BODY)], &[], &Self::decoder())
    }

    /// Reads the parameters of a query string; if one is repeated, its last value is used.
    ///
    /// # Errors
    /// Returns every violation.
    fn from_query(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Violations> {
        decode_query(pairs, &Self::decoder())
    }
}

/// Reads the parameters of a query string.
pub(super) fn decode_query<T>(
    pairs: impl Iterator<Item = (String, String)>,
    decoder: &impl Decoder<Output = T>,
) -> Result<T, Violations> {
    let parameters = pairs.map(|(name, value)| (name, Json::Text(value))).collect();
    Input::new(QUERY, &parameters).decode(decoder)
}

/// Reads the object at a path; `None` is a missing one. `replaced` are values that replace those of its members.
pub(super) fn decode_object<T>(
    value: Option<&Json>,
    path: Vec<Step>,
    replaced: &[(&'static str, Json)],
    decoder: &impl Decoder<Output = T>,
) -> Result<T, Violations> {
    let violation = match value {
        Some(Json::Object(members)) => return Input::at(path, members, replaced).decode(decoder),
        Some(other) => Violation::not_an_object(other),
        None => Violation::missing(&Json::Null),
    };
    Err(violation.at(path).into())
}

/// Model without fields, of a query string in which no parameter is read.
impl Model for () {
    fn decoder() -> impl Decoder<Output = ()> {}
}
