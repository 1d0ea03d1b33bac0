use std::fmt;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::violation::Step;
use super::{Json, Violation, Violations};
use crate::models::EntityId;

/// The layout of the text; a cursor of another version is refused.
const VERSION: &str = "1";

/// Where a list goes on: after this entity, in the list that the scope names.
///
/// Its text is opaque, 49 characters long and bound to the scope, so that the cursor of one
/// resource or filter is refused by every other. It names a place, never a right: who forges one
/// can read nothing that the list would not give anyway.
#[derive(Debug, Clone)]
pub struct Cursor {
    scope: String,
    last: Uuid,
}

impl Cursor {
    /// The cursor after the entity `last` of the list `scope`.
    pub fn after(scope: String, last: impl EntityId) -> Self {
        Self { scope, last: last.as_uuid() }
    }

    /// The entity that the cursor of the list `scope` stands after.
    ///
    /// # Errors
    /// That the list gave no such cursor.
    pub fn read<T: EntityId>(scope: String, text: &str) -> Result<T, Violations> {
        let last = text.strip_prefix(VERSION).and_then(|text| text.get(..32)).map(Uuid::try_parse);
        match last {
            Some(Ok(last)) if (Self { scope, last }).to_string() == text => Ok(T::from_uuid(last)),
            _ => {
                let value = Json::Text(text.to_owned());
                let refused = Violation::new("cursor_invalid", "Input should be a cursor that this list gave", &value);
                Err(refused.at([Step::Name("query"), Step::Name("cursor")]).into())
            }
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, last } = self;
        let last = last.simple();
        let digest = Sha256::digest(format!("parc cursor {VERSION} {last} {scope}"));
        write!(f, "{VERSION}{last}")?;
        digest.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::ClientId;

    fn read(scope: &str, text: &str) -> Option<ClientId> {
        Cursor::read(scope.to_owned(), text).ok()
    }

    #[test]
    fn a_cursor_is_read_back_by_the_list_that_gave_it_and_by_no_other() {
        let (last, _) = ClientId::generate();
        let text = Cursor::after("clients".into(), last).to_string();
        assert_eq!(read("clients", &text), Some(last));
        assert_eq!(read("clients status=actif", &text), None);
        assert!(text.len() < 200);
    }

    #[test]
    fn a_cursor_that_was_touched_is_refused() {
        let text = Cursor::after("clients".into(), ClientId::generate().0).to_string();
        for at in 0..text.len() {
            let other = if text[at..].starts_with('0') { "1" } else { "0" };
            let mut touched = text.clone();
            touched.replace_range(at..=at, other);
            assert_eq!(read("clients", &touched), None, "{touched}");
            assert_eq!(read("clients", &text[..at]), None);
        }
        assert_eq!(read("clients", &text.to_uppercase()), None);
        assert_eq!(read("clients", "1é"), None);
    }
}
