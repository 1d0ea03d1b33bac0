use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Kind, Nom, Rank, Status};

/// Identifier of an entity of some kind.
pub trait EntityId: Copy + Ord + fmt::Debug + fmt::Display {
    /// The kind of entity that it identifies.
    const KIND: Kind;

    /// Returns the identifier with this value.
    fn from_uuid(uuid: Uuid) -> Self;

    /// Returns its value.
    fn as_uuid(&self) -> Uuid;

    /// Reads an identifier in every form that Python's `uuid.UUID` accepts, which a path may contain.
    #[must_use]
    fn parse_lenient(text: &str) -> Option<Self> {
        let digits: String = text.replace("urn:", "").replace("uuid:", "").trim_matches(['{', '}']).replace('-', "");
        let bare = digits.len() == 32;
        bare.then(|| Uuid::parse_str(&digits).ok().map(Self::from_uuid)).flatten()
    }

    /// Returns the identifier in a path, or the nil UUID, which no entity has, if the text is not an identifier.
    #[must_use]
    fn in_path(text: &str) -> Self {
        Self::parse_lenient(text).unwrap_or_else(|| Self::from_uuid(Uuid::nil()))
    }
}

/// A client, a site or an équipement.
pub trait Entity: Clone + fmt::Debug + PartialEq + Serialize {
    /// Type of its identifier.
    type Id: EntityId + Serialize;

    /// The fields whose changes make a new version.
    type Fields: Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned;

    /// Kind of entity.
    const KIND: Kind = Self::Id::KIND;

    /// Returns its identifier.
    fn id(&self) -> Self::Id;

    /// Returns its position in lists.
    fn rank(&self) -> Rank;

    /// Returns its name.
    fn nom(&self) -> &Nom;

    /// Returns its status.
    fn status(&self) -> Status;

    /// Returns its version, from 1.
    fn version(&self) -> u64;

    /// Returns the fields whose changes make a new version.
    fn fields(&self) -> Self::Fields;

    /// Returns the numbers of sites and of équipements that it shows; 0 if it does not show one.
    fn counters(&self) -> [u32; 2] {
        [0, 0]
    }

    /// Returns the entity as JSON text, as every response holds it.
    #[expect(clippy::expect_used, reason = "texts, numbers and structs of them always convert")]
    fn json(&self) -> String {
        serde_json::to_string(self).expect("JSON")
    }

    /// Returns `true` if it was at another site before.
    fn has_moved(&self, _before: &Self) -> bool {
        false
    }
}

macro_rules! entity_id {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        ///
        /// A UUID, written in canonical lower case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl EntityId for $name {
            const KIND: Kind = $kind;

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

entity_id!(
    /// Identifier of a client.
    ClientId,
    Kind::Client
);
entity_id!(
    /// Identifier of a site.
    SiteId,
    Kind::Site
);
entity_id!(
    /// Identifier of an équipement.
    EquipementId,
    Kind::Equipement
);

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    #[test]
    fn every_form_that_python_accepts_is_parsed() {
        for form in [
            CANONICAL,
            "3FA85F64-5717-4562-B3FC-2C963F66AFA6",
            "3fa85f6457174562b3fc2c963f66afa6",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}",
            "urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "3fa85f64-57174562b3fc-2c963f66afa6",
        ] {
            let id = ClientId::parse_lenient(form).expect(form);
            assert_eq!(id.to_string(), CANONICAL);
        }
    }

    #[test]
    fn a_malformed_identifier_is_refused() {
        for text in ["", "x", "all", &CANONICAL[1..], &format!("{CANONICAL}0"), "3fa85f6457174562b3fc2c963f66afag"] {
            assert_eq!(ClientId::parse_lenient(text), None, "{text}");
        }
    }
}
