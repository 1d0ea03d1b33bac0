//! Searches by name.
//!
//! An index follows the table by a moment: what is renamed is in the index by neither name for that
//! long, and an équipement that is moved may be at neither of its places.
//!
//! What is found is given in order of creation, as every list is: a name may change between two
//! pages, an identifier does not. So the index of names is asked for keys only, and where a search
//! finds few, those are put in order and read. Where it finds many, the list of all is read and
//! what has another name is passed over: of many there is soon enough for a page.

use std::collections::{BTreeMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue::S;
use futures_util::future::try_join_all;

use super::calls::{Item, MAX_BATCH, row};
use super::equipements::EquipementHome;
use super::keys::{Key, NAMES, SHARDS, id_at, name, shard};
use super::list::{List, Read};
use super::{Store, StoreError};
use crate::models::{Entity, EntityId, EquipementId, Filter, Folded, Part};

/// How many keys of each shard are few.
///
/// At 140 bytes each, all of them are read for some 70 units. Where there is one more, at least one
/// in 250 of a million entities has the name.
const FEW: i32 = 1000;

impl Store {
    /// A part of the entities of a kind; eventually consistent.
    pub(super) async fn of_kind<T: Entity>(
        &self,
        read: Read<T>,
        filter: &Filter,
        part: Part<T::Id>,
    ) -> Result<List<T>, StoreError> {
        if let Some(nom) = &filter.nom
            && let Some(found) = self.named::<T::Id>(nom).await?
        {
            let rest = found.into_iter().filter(|(id, _)| part.after.is_none_or(|after| *id > after));
            return Ok(List::of_keys(self.clone(), read, filter, rest.map(|(_, key)| key).collect(), part.limit));
        }
        Ok(List::new(self.clone(), read, filter, self.shards(filter, part)))
    }

    /// Where the entities of a kind stand whose nom begins so; `None` where they are not few.
    async fn named<T: EntityId>(&self, nom: &Folded) -> Result<Option<BTreeMap<T, Key>>, StoreError> {
        let query = self
            .db
            .query()
            .index_name(NAMES)
            .key_condition_expression("GSI1PK = :shard AND begins_with(GSI2SK, :nom)")
            .expression_attribute_values(":nom", S(name(nom)))
            .limit(FEW);
        let shards = (0..SHARDS).map(|n| query.clone().expression_attribute_values(":shard", S(shard(T::KIND, n))));
        let pages = try_join_all(shards.map(|query| self.query(query))).await?;
        if pages.iter().any(|page| page.next.is_some()) {
            return Ok(None);
        }
        let keys = pages.iter().flat_map(|page| &page.items).map(Key::of);
        Ok(Some(keys.filter_map(|key| Some((id_at(&key)?, key))).collect()))
    }

    /// What stands at these keys, in no order; an équipement that has been moved since, where it
    /// is now.
    pub(super) async fn items(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let batches = keys.chunks(MAX_BATCH).map(|keys| self.batch(keys.to_vec()));
        let mut items = try_join_all(batches).await?.concat();
        let there: HashSet<_> = items.iter().map(Key::of).collect();
        let gone: Vec<_> = keys.iter().filter(|key| !there.contains(key)).filter_map(id_at::<EquipementId>).collect();
        for id in gone {
            if let Some(home) = self.get(Key::home(id)).await? {
                let EquipementHome { site_id, .. } = row(home)?;
                items.extend(self.get(Key::equipement(site_id, id)).await?);
            }
        }
        Ok(items)
    }
}
