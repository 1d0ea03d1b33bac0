//! Items of the table, one file per item type. Nothing here calls DynamoDB.
//!
//! Each type lists its attributes twice, both times checked by the compiler: where it destructures
//! itself to be written, and where it constructs itself to be read. A [`PartialRow`] also names those that queries read,
//! which a test checks.

/// Implements [`EntityRow`] for a row that holds its entity in this field.
macro_rules! entity_row {
    ($row:ident, $field:ident: $entity:ident) => {
        impl crate::store::rows::EntityRow for $row {
            type Entity = $entity;

            fn into_entity(self) -> $entity {
                self.$field
            }

            fn entity(&self) -> &$entity {
                &self.$field
            }

            fn history(&self) -> &crate::store::digest::Digest {
                &self.history
            }

            fn with_version(mut self, version: u64) -> Self {
                self.$field.version = version;
                self
            }

            fn with_history(self, history: crate::store::digest::Digest) -> Self {
                Self { history, ..self }
            }
        }
    };
}

mod attributes;
mod client;
mod code;
mod equipement;
mod history;
mod item;
mod item_digest;
mod item_line;
mod item_type;
mod kept_answer;
mod keys;
mod layout;
mod site;

pub(crate) use attributes::*;
pub(crate) use client::{ClientCounts, ClientRow};
pub(crate) use code::CodeRow;
pub(crate) use equipement::{EquipementCopyRow, EquipementRow};
pub(crate) use history::HistoryRow;
pub(crate) use item::{CorruptItem, Item};
pub use item_line::InvalidLine;
pub(crate) use item_line::NoLine;
pub(crate) use item_type::ItemType;
pub(crate) use kept_answer::KeptAnswerRow;
pub(crate) use keys::{
    Key, LIST_INDEX, LIST_PARTITIONS, NAME_INDEX, children, list_partition, rank_of_child, rank_of_search_key,
    search_prefix, version_bounds,
};
pub(crate) use layout::LayoutRow;
pub(crate) use site::{SiteParentRow, SiteRow};

use crate::models::{Client, Code, Entity, EntityId, Equipement, Rank, Site};
use crate::store::digest::Digest;
use crate::store::request::RetryKey;
use kept_answer::{part_of_sort, retry_key_of_partition};
use keys::{code_of_partition, id_of_partition, list_partition_of, search_key, version_of_sort};

/// An item type of the table.
pub(crate) trait TableRow: Sized {
    /// Returns the item as parc writes it.
    fn to_item(&self) -> Item;

    /// Reads an item.
    ///
    /// # Errors
    /// Returns [`CorruptItem`] if the item is not of this type.
    fn from_item(item: Item) -> Result<Self, CorruptItem>;

    /// Returns the key of the item.
    fn key(&self) -> Key {
        self.to_item().key()
    }

    /// Returns the entity's copy in another partition, if it has one.
    fn copy(&self) -> Option<Item> {
        None
    }
}

/// An item type of which queries read only some attributes: the others would be a third of the bytes to receive and of
/// the time to parse them.
pub(crate) trait PartialRow: TableRow {
    /// What is read.
    type Part;

    /// Attributes that it is read from, besides the key.
    const ATTRIBUTES: &'static [&'static str];

    /// Reads it from an item with these attributes.
    ///
    /// # Errors
    /// Returns [`CorruptItem`] if the item is not of this type.
    fn part_from_item(item: &mut Item) -> Result<Self::Part, CorruptItem>;
}

/// The item type that holds the entities of a kind.
pub(crate) trait EntityRow: TableRow + Clone + PartialEq {
    /// The entity.
    type Entity: Entity;

    /// Returns the entity.
    fn into_entity(self) -> Self::Entity;

    /// Returns a reference to the entity.
    fn entity(&self) -> &Self::Entity;

    /// Returns the version of the entity.
    fn version(&self) -> u64 {
        self.entity().version()
    }

    /// Returns the digest of the newest history entry.
    fn history(&self) -> &Digest;

    /// Returns the same row with another version.
    fn with_version(self, version: u64) -> Self;

    /// Returns the same row with another digest of the newest history entry.
    fn with_history(self, history: Digest) -> Self;
}

/// An item of any type, identified by its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Row {
    Client(ClientRow),
    Code(CodeRow),
    Site(SiteRow),
    SiteParent(SiteParentRow),
    Equipement(EquipementRow),
    EquipementCopy(EquipementCopyRow),
    ClientHistory(HistoryRow<Client>),
    SiteHistory(HistoryRow<Site>),
    EquipementHistory(HistoryRow<Equipement>),
    KeptAnswer(KeptAnswerRow),
    Layout(LayoutRow),
    /// An item type that this version of parc does not know.
    Unknown(Key),
}

impl Row {
    /// Reads an item of any type.
    ///
    /// # Errors
    /// Returns [`CorruptItem`] if the item has the key of a type but not its attributes.
    pub(crate) fn from_item(item: Item) -> Result<Self, CorruptItem> {
        let key = item.key();
        match ItemType::of(&key) {
            ItemType::Client => read(item).map(Self::Client),
            ItemType::Code => read(item).map(Self::Code),
            ItemType::Site => read(item).map(Self::Site),
            ItemType::SiteParent => read(item).map(Self::SiteParent),
            ItemType::Equipement => read(item).map(Self::Equipement),
            ItemType::EquipementCopy => read(item).map(Self::EquipementCopy),
            ItemType::ClientHistory => read_unchanged(&item).map(Self::ClientHistory),
            ItemType::SiteHistory => read_unchanged(&item).map(Self::SiteHistory),
            ItemType::EquipementHistory => read_unchanged(&item).map(Self::EquipementHistory),
            ItemType::KeptAnswer => read_unchanged(&item).map(Self::KeptAnswer),
            ItemType::Layout => read(item).map(Self::Layout),
            ItemType::Unknown => Ok(Self::Unknown(key)),
        }
    }
}

/// Reads an item whose key is the one that parc writes for its content: an identifier has one text.
fn read<T: TableRow>(item: Item) -> Result<T, CorruptItem> {
    let key = item.key();
    let row = T::from_item(item)?;
    if row.key() == key { Ok(row) } else { Err(CorruptItem::of_key(key)) }
}

/// Reads an item that never changes, and must hold what parc writes and nothing else.
fn read_unchanged<T: TableRow>(item: &Item) -> Result<T, CorruptItem> {
    let row = T::from_item(item.clone())?;
    if row.to_item() == *item { Ok(row) } else { Err(CorruptItem::changed(item.key())) }
}

impl Item {
    /// Adds the index keys of an entity: its place in lists and in searches by name.
    fn listed<E: Entity>(self, entity: &E) -> Self {
        let rank = entity.rank();
        self.with(LIST_PARTITION, &list_partition_of(E::KIND, rank))
            .with(RANK, &rank)
            .with(SEARCH_KEY, &search_key(&entity.nom().folded(), rank))
    }

    /// Returns the identifier in the partition key.
    fn id_in_key<T: EntityId>(&self) -> Result<T, CorruptItem> {
        id_of_partition(self.text(PARTITION)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }

    /// Returns the rank in the sort key.
    fn rank_in_key(&self) -> Result<Rank, CorruptItem> {
        rank_of_child(self.text(SORT)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }

    /// Returns the hash of an `Idempotency-Key` in the partition key.
    fn retry_key_in_key(&self) -> Result<RetryKey, CorruptItem> {
        retry_key_of_partition(self.text(PARTITION)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }

    /// Returns the part of a kept answer in the sort key.
    fn part_in_key(&self) -> Result<u16, CorruptItem> {
        part_of_sort(self.text(SORT)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }

    /// Returns the version in the sort key.
    fn version_in_key(&self) -> Result<u64, CorruptItem> {
        version_of_sort(self.text(SORT)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }

    /// Returns the code in the partition key.
    fn code_in_key(&self) -> Result<Code, CorruptItem> {
        code_of_partition(self.text(PARTITION)).ok_or_else(|| CorruptItem::of_key(self.key()))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::models::{ClientRegister, EquipementRegister, Nom, OptionalText, SiteRegister};

    /// Checks that a part is read from its attributes, and needs each of them.
    fn check<R: PartialRow>(row: &R) {
        let attributes = row.to_item().into_attributes();
        let without = |missing: &str| {
            let is_read = |name: &str| R::ATTRIBUTES.contains(&name) || [PARTITION.name(), SORT.name()].contains(&name);
            let kept = attributes.clone().into_iter().filter(|(name, _)| is_read(name) && name != missing);
            R::part_from_item(&mut Item::from(kept.collect::<std::collections::HashMap<_, _>>()))
        };
        assert!(without("").is_ok());
        for name in R::ATTRIBUTES {
            assert!(without(name).is_err(), "{name} is read but not needed");
        }
    }

    #[test]
    fn parts_of_rows_are_read_from_their_attributes() {
        let nom = || Nom::try_from("Boulangerie Morin".to_owned()).expect("a nom");
        let client = Client::new(ClientRegister { nom: nom(), code: Code::from(12) }, Uuid::from_u128(7 << 76));
        let site = SiteRegister { client_id: client.client_id, nom: nom() };
        let site = Site::new(site, Uuid::from_u128((7 << 76) + 1));
        let equipement = EquipementRegister {
            site_id: site.site_id,
            nom: nom(),
            r#type: OptionalText::default(),
            numero_serie: OptionalText::default(),
        };
        let equipement = Equipement::new(equipement, client.client_id, Uuid::from_u128((7 << 76) + 2));
        let parent = SiteParentRow { site_id: site.site_id, client_id: client.client_id, site_rank: site.rank };
        check(&parent);
        check(&EquipementCopyRow(equipement.clone()));
        check(&EquipementRow { equipement, site_rank: site.rank, history: Digest::default() });
        check(&ClientRow::from(client));
        check(&SiteRow::from(site));
    }
}
