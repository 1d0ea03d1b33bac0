use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Folded;

/// Maximum length of every text of an entity, in characters (Unicode scalar values).
pub const MAX_CHARS: usize = 256;

/// Error for a text that an entity cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidText {
    /// Only white space in a required text.
    #[error("a blank text")]
    Blank,
    /// More than [`MAX_CHARS`] characters.
    #[error("a text of more than {MAX_CHARS} characters")]
    TooLong,
}

/// Returns the text without the white space at its ends.
fn trimmed(text: &str) -> Result<String, InvalidText> {
    let text = text.trim();
    if text.chars().count() > MAX_CHARS { Err(InvalidText::TooLong) } else { Ok(text.to_owned()) }
}

/// A name: 1 to 256 characters with no white space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Nom(String);

impl Nom {
    /// Returns the name, folded for searches.
    #[must_use]
    pub fn folded(&self) -> Folded {
        Folded::of(&self.0)
    }
}

impl TryFrom<String> for Nom {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let text = trimmed(&text)?;
        if text.is_empty() { Err(InvalidText::Blank) } else { Ok(Self(text)) }
    }
}

/// Type or serial number of an équipement: null, or 1 to 256 characters with no white space at either end.
/// An empty text is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "Option<String>")]
pub struct OptionalText(Option<String>);

impl TryFrom<Option<String>> for OptionalText {
    type Error = InvalidText;

    fn try_from(text: Option<String>) -> Result<Self, InvalidText> {
        let text = text.as_deref().map(trimmed).transpose()?;
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nom(text: &str) -> Result<Nom, InvalidText> {
        Nom::try_from(text.to_owned())
    }

    #[test]
    fn white_space_around_a_name_is_removed() {
        assert_eq!(nom(" \u{a0}Café du Port\t"), Ok(Nom("Café du Port".into())));
    }

    #[test]
    fn a_blank_nom_is_refused() {
        assert_eq!(nom(" \u{2003} "), Err(InvalidText::Blank));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(nom(&"é".repeat(256)).is_ok());
        assert_eq!(nom(&"é".repeat(257)), Err(InvalidText::TooLong));
        assert_eq!(OptionalText::try_from(Some("é".repeat(257))), Err(InvalidText::TooLong));
    }

    #[test]
    fn an_empty_text_is_none() {
        for text in [None, Some(String::new()), Some(" ".to_owned())] {
            assert_eq!(OptionalText::try_from(text), Ok(OptionalText(None)));
        }
    }
}
