//! Decoders: a model declares its fields once; parsing and the OpenAPI schema both come from that declaration.

use std::marker::PhantomData;

use serde_json::Value;

use super::violation::Step;
use super::{Field, Json, Violation, Violations, json::Object};

/// Reads a value from named fields, and describes these fields.
///
/// A tuple of decoders is a decoder: it reads all of its parts even if one of them fails, so that every
/// violation is reported at once.
pub trait Decoder {
    /// Type of the value.
    type Output;

    /// Reads the value.
    ///
    /// # Errors
    /// Returns [`Invalid`] if a field is invalid; `input` collects the violations.
    fn decode(&self, input: &mut Input<'_>) -> Result<Self::Output, Invalid>;

    /// Returns the fields, in the order in which they are read.
    fn fields(&self) -> Vec<FieldSpec>;

    /// Converts the value that this decoder reads.
    fn map<T, C: Fn(Self::Output) -> T>(self, convert: C) -> Map<Self, C>
    where
        Self: Sized,
    {
        Map { decoder: self, convert }
    }
}

/// Specification of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpec {
    /// Name.
    pub name: &'static str,
    /// Whether the field is required.
    pub required: bool,
    /// JSON Schema of the values that callers should send.
    pub schema: Value,
}

/// Error of a field whose violation is recorded in the [`Input`].
#[derive(Debug, Clone, Copy)]
pub struct Invalid;

/// The fields of a JSON object or of a query string, and the violations found so far.
#[derive(Debug)]
pub struct Input<'a> {
    /// Path to the object.
    path: Vec<Step>,
    members: &'a Object,
    /// Values that replace those of members.
    replaced: &'a [(&'static str, Json)],
    violations: Violations,
}

impl<'a> Input<'a> {
    pub(super) fn new(source: &'static str, members: &'a Object) -> Self {
        Self::at(vec![Step::Name(source)], members, &[])
    }

    /// Creates the input of an object inside another one. A violation shows the members as they were sent, even if
    /// their values are replaced.
    pub(super) fn at(path: Vec<Step>, members: &'a Object, replaced: &'a [(&'static str, Json)]) -> Self {
        Self { path, members, replaced, violations: Violations::none() }
    }

    /// Returns the value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        let replaced = self.replaced.iter().find(|(replaced, _)| *replaced == name).map(|(_, value)| value);
        replaced.or_else(|| self.members.get(name))
    }

    /// Returns the violation for a missing field.
    pub(super) fn missing(&self) -> Violation {
        Violation::missing(&Json::Object(self.members.clone()))
    }

    /// Records violations that have their whole path.
    pub(super) fn refuse(&mut self, violations: Violations) -> Invalid {
        violations.into_iter().for_each(|violation| self.violations.push(violation));
        Invalid
    }

    /// Reads the value of a decoder that is the whole input.
    ///
    /// # Errors
    /// Returns every violation.
    pub(super) fn decode<T>(mut self, decoder: &impl Decoder<Output = T>) -> Result<T, Violations> {
        decoder.decode(&mut self).map_err(|Invalid| self.violations)
    }

    pub(super) fn into_violations(self) -> Violations {
        self.violations
    }

    /// Records the violation of a field, if there is one.
    pub(super) fn check<T>(&mut self, name: &'static str, value: Result<T, Violation>) -> Result<T, Invalid> {
        value.map_err(|violation| {
            let path = [self.path.as_slice(), &[Step::Name(name)]].concat();
            self.violations.push(violation.at(path));
            Invalid
        })
    }
}

/// Decoder of a required field.
#[derive(Debug)]
pub(super) struct Required<T>(&'static str, PhantomData<T>);

/// Decoder of a field that may be absent.
#[derive(Debug)]
pub(super) struct Optional<T>(&'static str, PhantomData<T>);

/// Returns the decoder of a required field.
pub(super) const fn required<T: Field>(name: &'static str) -> Required<T> {
    Required(name, PhantomData)
}

/// Returns the decoder of a field that may be absent.
pub(super) const fn optional<T: Field>(name: &'static str) -> Optional<T> {
    Optional(name, PhantomData)
}

impl<T: Field> Decoder for Required<T> {
    type Output = T;

    fn decode(&self, input: &mut Input<'_>) -> Result<T, Invalid> {
        let value = match input.get(self.0) {
            Some(value) => T::coerce(value),
            None => Err(input.missing()),
        };
        input.check(self.0, value)
    }

    fn fields(&self) -> Vec<FieldSpec> {
        vec![FieldSpec { name: self.0, required: true, schema: T::schema() }]
    }
}

impl<T: Field> Decoder for Optional<T> {
    type Output = Option<T>;

    fn decode(&self, input: &mut Input<'_>) -> Result<Option<T>, Invalid> {
        let value = input.get(self.0).map(T::coerce).transpose();
        input.check(self.0, value)
    }

    fn fields(&self) -> Vec<FieldSpec> {
        vec![FieldSpec { name: self.0, required: false, schema: T::schema() }]
    }
}

/// Decoder whose value is converted.
#[derive(Debug)]
pub struct Map<D, C> {
    decoder: D,
    convert: C,
}

impl<D: Decoder, T, C: Fn(D::Output) -> T> Decoder for Map<D, C> {
    type Output = T;

    fn decode(&self, input: &mut Input<'_>) -> Result<T, Invalid> {
        self.decoder.decode(input).map(&self.convert)
    }

    fn fields(&self) -> Vec<FieldSpec> {
        self.decoder.fields()
    }
}

/// Reads nothing.
impl Decoder for () {
    type Output = ();

    fn decode(&self, _: &mut Input<'_>) -> Result<(), Invalid> {
        Ok(())
    }

    fn fields(&self) -> Vec<FieldSpec> {
        Vec::new()
    }
}

macro_rules! tuple_decoder {
    ($($part:ident)+) => {
        impl<$($part: Decoder),+> Decoder for ($($part,)+) {
            type Output = ($($part::Output,)+);

            #[expect(non_snake_case, reason = "the parts are named like their types")]
            fn decode(&self, input: &mut Input<'_>) -> Result<Self::Output, Invalid> {
                let ($($part,)+) = self;
                let ($($part,)+) = ($($part.decode(input),)+);
                Ok(($($part?,)+))
            }

            #[expect(non_snake_case, reason = "the parts are named like their types")]
            fn fields(&self) -> Vec<FieldSpec> {
                let ($($part,)+) = self;
                [$($part.fields()),+].concat()
            }
        }
    };
}

tuple_decoder!(A B);
tuple_decoder!(A B C);
tuple_decoder!(A B C D);
tuple_decoder!(A B C D E);
