//! Where each item stands, and what reaching it consumes.
//!
//! | item | `PK` | `SK` | `GSI1PK` | `GSI1SK` | `GSI2SK` |
//! |---|---|---|---|---|---|
//! | client | `CLIENT#<client_id>` | `CLIENT` | `CLIENT#<shard>` | `client_id` | `NOM#<folded nom>` |
//! | code | `CODE#<code>` | `CODE` | | | |
//! | site | `CLIENT#<client_id>` | `SITE#<site_id>` | `SITE#<shard>` | `site_id` | `NOM#<folded nom>` |
//! | where a site is | `SITE#<site_id>` | `SITE` | | | |
//! | équipement | `SITE#<site_id>` | `EQUIPEMENT#<equipement_id>` | `EQUIPEMENT#<shard>` | `equipement_id` | `NOM#<folded nom>` |
//! | where an équipement is | `EQUIPEMENT#<equipement_id>` | `EQUIPEMENT` | | | |
//!
//! The index `GSI1` (`GSI1PK`, `GSI1SK`) holds whole items, for lists; `GSI2` (`GSI1PK`, `GSI2SK`)
//! holds keys only, for searches by name: a counter that changes does not touch it.
//!
//! A transaction consumes two units for each item that it writes or checks, and one for each index
//! where the item stands in it and what the index holds of it changes; a new name is two of `GSI2`. An item is taken to have at most 1 KB written and 4 KB read.
//!
//! | access pattern | calls | units |
//! |---|---|---|
//! | register a client | transaction: code, client | 2 × 2 + 2 |
//! | change a client's nom | update | 1 + 3 |
//! | change a client's code | refused update; transaction: client, two codes | (1 +) 3 × 2 + 1 |
//! | make a client active or inactive | update | 1 + 1 |
//! | the client of a code | the code; the client | 1 + 1 |
//! | a client's page | query of its partition | 1 for 4 KB |
//! | register a site | transaction: client, site, where it is | 3 × 2 + 3 |
//! | change a site | where it is; update | 1 + 1 + 3 |
//! | make a site active or inactive | where it is; the site; transaction: client, site | 1 + 1 + 2 × 2 + 2 |
//! | a site's page | where it is; the site; query of its partition | 1 + 1 + 1 for 4 KB |
//! | register an équipement | where its site is; transaction: client, site, équipement, where it is | 1 + 4 × 2 + 4 |
//! | change an équipement | where it is; the équipement; where its site is; update | 3 + 1 + 1 |
//! | move an équipement to a site of its client | the same three, its site; transaction of 6, 4 of them in `GSI1` and 2 in `GSI2` | 4 + 6 × 2 + 6 |
//! | move an équipement to another client | the same four; transaction of 7, 6 of them in `GSI1` and 2 in `GSI2` | 4 + 7 × 2 + 8 |
//! | make an équipement inactive | where it is; the équipement; its site; transaction: client, site, équipement | 3 + 3 × 2 + 3 |
//! | make an équipement active | where it is; the équipement; transaction: client, site, équipement | 2 + 3 × 2 + 3 |
//! | an équipement's page | where it is; the équipement | 1 + 1 |
//! | every entity of a kind | query a shard and MB of `GSI1` | 0.5 for 4 KB, 0.5 a shard at least |
//! | those of a name, where they are few | query a shard of `GSI2`; gets by 100 keys | 0.5 a shard at least, 0.5 for 4 KB; 0.5 each |
//! | those of a name, where they are many | as those found to be few, 70 at the most; as every entity | |
//! | the children of one parent | the parent; query of its partition | as its page |

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calls::{Item, text};
use crate::models::{ClientId, Code, EntityId, EquipementId, Folded, Kind, SiteId};

/// The name of the index that lists are read from.
pub(super) const LISTS: &str = "GSI1";

/// The name of the index that names are searched in.
pub(super) const NAMES: &str = "GSI2";

/// Over how many partitions of the index the entities of one kind are spread.
///
/// A partition takes 1,000 writes a second and every list asks each: four take what one region's
/// default table quota is likely to be asked for, at the price of four parallel queries a list.
/// The number is part of the stored data; to change it, every item is written again.
pub(super) const SHARDS: u8 = 4;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    #[serde(rename = "PK")]
    pub(super) partition: String,
    #[serde(rename = "SK")]
    pub(super) sort: String,
}

impl Key {
    fn new(partition: String, sort: impl Into<String>) -> Self {
        Self { partition, sort: sort.into() }
    }

    pub(super) fn client(id: ClientId) -> Self {
        Self::new(under(id), prefix(Kind::Client))
    }

    pub(super) fn code(code: Code) -> Self {
        Self::new(format!("CODE#{code}"), "CODE")
    }

    pub(super) fn site(client_id: ClientId, id: SiteId) -> Self {
        Self::new(under(client_id), under(id))
    }

    pub(super) fn equipement(site_id: SiteId, id: EquipementId) -> Self {
        Self::new(under(site_id), under(id))
    }

    /// Where it is said what the entity belongs to.
    pub(super) fn home<T: EntityId>(id: T) -> Self {
        Self::new(under(id), prefix(T::KIND))
    }

    /// The key of an item.
    pub(super) fn of(item: &Item) -> Self {
        Self::new(text(item, "PK").to_owned(), text(item, "SK"))
    }

    pub(super) fn into_item(self) -> Item {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        Item::from([("PK".to_owned(), S(self.partition)), ("SK".to_owned(), S(self.sort))])
    }
}

const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "CLIENT",
        Kind::Site => "SITE",
        Kind::Equipement => "EQUIPEMENT",
    }
}

fn under<T: EntityId>(id: T) -> String {
    format!("{}#{id}", prefix(T::KIND))
}

/// The first and the last sort key of the children in a partition, after one of them or all.
pub(super) fn children<T: EntityId>(after: Option<T>) -> [String; 2] {
    let kind = prefix(T::KIND);
    // What follows "#" and the identifier in the order of bytes is nobody's key.
    let from = after.map_or_else(|| format!("{kind}#"), |id| format!("{}!", under(id)));
    [from, format!("{kind}$")]
}

/// An identifier as a part of a key: `SITE#<site_id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Under<T>(pub(super) T);

impl<T: EntityId> Serialize for Under<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&under(self.0))
    }
}

impl<'de, T: EntityId + Deserialize<'de>> Deserialize<'de> for Under<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id = text.strip_prefix(prefix(T::KIND)).and_then(|text| text.strip_prefix('#'));
        id.and_then(T::parse_lenient).map(Self).ok_or_else(|| D::Error::custom(format!("{text} is no key of its kind")))
    }
}

/// The index partition of one shard of the entities of a kind.
pub(super) fn shard(kind: Kind, shard: u8) -> String {
    format!("{}#{shard}", prefix(kind))
}

/// The index partition that lists this entity.
pub(super) fn shard_of<T: EntityId>(id: T) -> String {
    // The last byte of a version 7 identifier is random: it spreads as well as any hash.
    let [.., last] = id.as_uuid().into_bytes();
    shard(T::KIND, last % SHARDS)
}

/// The identifier of the entity that stands at a key: a client's is in its partition, its
/// children's are in their sort keys.
pub(super) fn id_at<T: EntityId>(Key { partition, sort }: &Key) -> Option<T> {
    sort.split_once('#').or(partition.split_once('#')).and_then(|(_, id)| T::parse_lenient(id))
}

/// The sort key of a nom, or the beginning of those of all noms that begin so.
pub(super) fn name(nom: &Folded) -> String {
    // No key may be empty, and a nom of nothing but accents folds to nothing.
    format!("NOM#{}", nom.compared())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ClientId {
        ClientId::parse_lenient("019a5a1e-0000-7000-8000-0000000000a6").expect("an identifier")
    }

    #[test]
    fn keys_are_these_texts() {
        let texts = |key: Key| [key.partition, key.sort];
        let site = SiteId::from_uuid(id().as_uuid());
        let equipement = EquipementId::from_uuid(id().as_uuid());
        let uuid = "019a5a1e-0000-7000-8000-0000000000a6";
        assert_eq!(texts(Key::client(id())), [&format!("CLIENT#{uuid}"), "CLIENT"]);
        assert_eq!(texts(Key::code(Code::from(-7))), ["CODE#-7", "CODE"]);
        assert_eq!(texts(Key::site(id(), site)), [format!("CLIENT#{uuid}"), format!("SITE#{uuid}")]);
        assert_eq!(texts(Key::home(site)), [&format!("SITE#{uuid}"), "SITE"]);
        assert_eq!(texts(Key::equipement(site, equipement)), [format!("SITE#{uuid}"), format!("EQUIPEMENT#{uuid}")]);
        assert_eq!(texts(Key::home(equipement)), [&format!("EQUIPEMENT#{uuid}"), "EQUIPEMENT"]);
        assert_eq!(shard_of(id()), "CLIENT#2");
    }

    #[test]
    fn children_after_one_of_them_are_those_with_greater_identifiers() {
        let [from, to] = children(Some(SiteId::from_uuid(id().as_uuid())));
        let key = |last: &str| format!("SITE#019a5a1e-0000-7000-8000-0000000000{last}");
        assert!(key("a6") < from && from < key("a7") && key("ff") < to);
        let [from, to] = children::<SiteId>(None);
        assert!(from < key("00") && key("ff") < to && "CLIENT" < from.as_str());
    }

    #[test]
    fn every_shard_is_used() {
        let used: std::collections::BTreeSet<_> = (0..1000).map(|_| shard_of(ClientId::generate().0)).collect();
        let all = (0..SHARDS).map(|n| shard(Kind::Client, n));
        assert!(used.into_iter().eq(all));
    }
}
