use std::fmt;

use serde::{Deserialize, Serialize};

/// A name: 1 to 256 characters with no white space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Nom(String);

impl Nom {
    /// The most characters (Unicode scalar values) that a name has.
    pub const MAX_CHARS: usize = 256;
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidNom {
    /// Nothing but white space.
    Blank,
    /// More than [`Nom::MAX_CHARS`] characters.
    TooLong,
}

impl fmt::Display for InvalidNom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("a blank nom"),
            Self::TooLong => write!(f, "a nom of more than {} characters", Nom::MAX_CHARS),
        }
    }
}

impl TryFrom<&str> for Nom {
    type Error = InvalidNom;

    /// The text without the white space at its ends.
    fn try_from(text: &str) -> Result<Self, InvalidNom> {
        let trimmed = text.trim();
        match trimmed.chars().count() {
            0 => Err(InvalidNom::Blank),
            1..=Self::MAX_CHARS => Ok(Self(trimmed.to_owned())),
            _ => Err(InvalidNom::TooLong),
        }
    }
}

impl TryFrom<String> for Nom {
    type Error = InvalidNom;

    fn try_from(text: String) -> Result<Self, InvalidNom> {
        Self::try_from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_the_ends_is_no_part_of_a_name() {
        assert_eq!(Nom::try_from(" \u{a0}Café du Port\t"), Ok(Nom("Café du Port".into())));
    }

    #[test]
    fn a_blank_name_is_refused() {
        assert_eq!(Nom::try_from(" \u{2003} "), Err(InvalidNom::Blank));
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert!(Nom::try_from("é".repeat(256)).is_ok());
        assert_eq!(Nom::try_from("é".repeat(257)), Err(InvalidNom::TooLong));
    }
}
