use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Json, ListScope, Violation};
use crate::models::Position;

/// Version of a cursor's text and of what is signed; a cursor of another version is refused.
const VERSION: &str = "3";

/// Key that signs the cursors of a deployment.
///
/// A cursor holds the position after which a list continues. Its text is opaque, 65 characters long, and
/// bound to a [`ListScope`]: every other list refuses it, and so does every deployment with another key.
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

    /// Returns the cursor after the element at this position of a list.
    #[must_use]
    pub fn write(&self, scope: &ListScope, last: impl Position) -> String {
        let last = last.to_uuid();
        let signature = self.signed(scope, last).finalize().into_bytes();
        cursor(last, signature.first_chunk().copied().map_or(0, u128::from_be_bytes))
    }

    /// Returns the position of the element that a cursor of a list comes after.
    ///
    /// # Errors
    /// Returns a violation if the list did not issue this cursor.
    pub fn read<P: Position>(&self, scope: &ListScope, text: &str) -> Result<P, Violation> {
        self.verified(scope, text).and_then(P::from_uuid).ok_or_else(|| {
            let value = Json::Text(text.to_owned());
            Violation::new("cursor_invalid", "Input should be a cursor that this list gave", &value)
        })
    }

    fn verified(&self, scope: &ListScope, text: &str) -> Option<Uuid> {
        let (last, signature) = text.strip_prefix(VERSION)?.split_at_checked(32)?;
        let last = Uuid::try_parse(last).ok()?;
        let signature = u128::from_str_radix(signature, 16).ok()?;
        // A position has exactly one text: other spellings of the same position are refused.
        let is_canonical = text == cursor(last, signature);
        self.signed(scope, last).verify_truncated_left(&signature.to_be_bytes()).ok()?;
        is_canonical.then_some(last)
    }

    /// Signs the version, the position and the scope, encoded like a query string.
    fn signed(&self, scope: &ListScope, last: Uuid) -> Hmac<Sha256> {
        self.0.clone().chain_update(format!("cursor={VERSION}&after={last}&{}", scope.as_str()))
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

    fn clients() -> ListScope {
        ListScope::new("clients")
    }

    fn read(scope: &ListScope, text: &str) -> Option<Rank> {
        CursorKey::new("ours").read(scope, text).ok()
    }

    fn rank() -> Rank {
        Rank::from_uuid(Uuid::from_u128(0x019a_5a1e_3c08_7000_8000_0000_0000_0001))
    }

    fn cursor() -> String {
        CursorKey::new("ours").write(&clients(), rank())
    }

    #[test]
    fn the_text_of_a_cursor_is_stable() {
        let text = "3019a5a1e3c08700080000000000000015c14bd0090d1265d2ea9b1e9117f235c";
        assert_eq!(cursor(), text);
    }

    #[test]
    fn a_cursor_is_accepted_only_by_its_own_list() {
        let text = cursor();
        assert_eq!(read(&clients(), &text), Some(rank()));
        assert_eq!(read(&clients().with("status", Some("actif")), &text), None);
        assert_eq!(text.len(), 65);
    }

    #[test]
    fn a_value_cannot_be_mistaken_for_another_parameter() {
        let one = clients().with("nom", Some("a&status=actif"));
        let two = clients().with("nom", Some("a")).with("status", Some("actif"));
        assert_ne!(one, two);
    }

    #[test]
    fn a_cursor_signed_with_another_key_is_refused() {
        let forged = CursorKey::new("theirs").write(&clients(), rank());
        assert_eq!(read(&clients(), &forged), None);
    }

    #[test]
    fn a_modified_cursor_is_refused() {
        let text = cursor();
        for at in 0..text.len() {
            let other = if text[at..].starts_with('0') { "1" } else { "0" };
            let mut modified = text.clone();
            modified.replace_range(at..=at, other);
            assert_eq!(read(&clients(), &modified), None, "{modified}");
            assert_eq!(read(&clients(), &text[..at]), None);
        }
        for other in
            [text.to_uppercase(), format!("{text}0"), format!("{text} "), "3é".to_owned(), text.replacen('3', "2", 1)]
        {
            assert_eq!(read(&clients(), &other), None, "{other}");
        }
    }
}
