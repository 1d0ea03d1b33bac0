use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::violation::Step;
use super::{Json, Violation, Violations};
use crate::models::Position;

/// Version of a cursor's text; a cursor of another version is refused.
const VERSION: &str = "2";

/// Key that signs the cursors of a deployment.
///
/// A cursor holds the position after which a list continues. Its text is opaque, 65 characters long, and
/// bound to a scope, which names the list and its filter: every other list refuses it, and so does every
/// deployment with another key.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

impl CursorKey {
    /// Derives the key from a secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        // The digest of a secret of any length fits into the key.
        let mut key = Key::<Hmac<Sha256>>::default();
        key.iter_mut().zip(Sha256::digest(secret)).for_each(|(byte, digest)| *byte = digest);
        Self(Hmac::new(&key))
    }

    /// Returns the cursor after the element at this position of the list `scope`.
    #[must_use]
    pub fn write(&self, scope: &str, last: impl Position) -> String {
        let last = last.to_uuid();
        let signature = self.signed(scope, last).finalize().into_bytes();
        cursor(last, signature.first_chunk().copied().map_or(0, u128::from_be_bytes))
    }

    /// Returns the position of the element that a cursor of the list `scope` comes after.
    ///
    /// # Errors
    /// Returns a violation if the list did not issue this cursor.
    pub fn read<P: Position>(&self, scope: &str, text: &str) -> Result<P, Violations> {
        self.verified(scope, text).and_then(P::from_uuid).ok_or_else(|| {
            let value = Json::Text(text.to_owned());
            let refused = Violation::new("cursor_invalid", "Input should be a cursor that this list gave", &value);
            refused.at([Step::Name("query"), Step::Name("cursor")]).into()
        })
    }

    fn verified(&self, scope: &str, text: &str) -> Option<Uuid> {
        let (last, signature) = text.strip_prefix(VERSION)?.split_at_checked(32)?;
        let last = Uuid::try_parse(last).ok()?;
        let signature = u128::from_str_radix(signature, 16).ok()?;
        // A position has exactly one text: other spellings of the same position are refused.
        let same = text == cursor(last, signature);
        self.signed(scope, last).verify_truncated_left(&signature.to_be_bytes()).ok()?;
        same.then_some(last)
    }

    fn signed(&self, scope: &str, last: Uuid) -> Hmac<Sha256> {
        self.0.clone().chain_update(format!("parc cursor {VERSION} {last} {scope}"))
    }
}

/// Returns the text of a cursor, with the first 128 bits of its signature.
fn cursor(last: Uuid, signature: u128) -> String {
    format!("{VERSION}{}{signature:032x}", last.simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Rank;

    fn read(scope: &str, text: &str) -> Option<Rank> {
        CursorKey::new("ours").read(scope, text).ok()
    }

    fn rank() -> Rank {
        Rank::from_uuid(Uuid::from_u128(0x019a_5a1e_3c08_7000_8000_0000_0000_0001))
    }

    fn cursor() -> (Rank, String) {
        let last = rank();
        (last, CursorKey::new("ours").write("clients", last))
    }

    #[test]
    fn a_cursor_is_read_back_by_the_list_that_gave_it_and_by_no_other() {
        let (last, text) = cursor();
        assert_eq!(read("clients", &text), Some(last));
        assert_eq!(read("clients status=actif", &text), None);
        assert_eq!(text.len(), 65);
    }

    #[test]
    fn a_cursor_that_another_key_signed_is_refused() {
        let forged = CursorKey::new("theirs").write("clients", rank());
        assert_eq!(read("clients", &forged), None);
    }

    #[test]
    fn a_cursor_that_was_touched_is_refused() {
        let (_, text) = cursor();
        for at in 0..text.len() {
            let other = if text[at..].starts_with('0') { "1" } else { "0" };
            let mut touched = text.clone();
            touched.replace_range(at..=at, other);
            assert_eq!(read("clients", &touched), None, "{touched}");
            assert_eq!(read("clients", &text[..at]), None);
        }
        for other in
            [text.to_uppercase(), format!("{text}0"), format!("{text} "), "2é".to_owned(), text.replacen('2', "1", 1)]
        {
            assert_eq!(read("clients", &other), None, "{other}");
        }
    }
}
