//! Whether an entity stands in the index where a list looks for it.

use super::Difference;
use crate::models::{EntityId, Folded};
use crate::store::calls::{Item, text};
use crate::store::keys::{Key, id_at, name, shard_of};
use crate::store::write::{Refused, Update};
use crate::store::{Store, StoreError};

impl Store {
    /// Whether lists show an entity, in its place.
    pub(super) async fn check_listed<T: EntityId>(
        &self,
        item: &Item,
        repair: bool,
    ) -> Result<Vec<Difference>, StoreError> {
        let Some(id) = id_at::<T>(&Key::of(item)) else { return Ok(Vec::new()) };
        let place = [shard_of(id), id.to_string(), name(&Folded::of(text(item, "nom")))];
        if place == ["GSI1PK", "GSI1SK", "GSI2SK"].map(|attribute| text(item, attribute)) {
            return Ok(Vec::new());
        }
        let what = format!("{:?} {id}: is not listed where it should be", T::KIND);
        // Of the very nom that was seen: who changes it meanwhile lists it by the new one.
        let list = Update::new(
            Key::of(item),
            "SET GSI1PK = :shard, GSI1SK = :id, GSI2SK = :name ADD version :one",
            "nom = :nom",
        );
        let [shard, id, name] = place;
        let list = list.bind(":shard", shard)?.bind(":id", id)?.bind(":name", name)?;
        let list = list.bind(":nom", text(item, "nom"))?.bind(":one", 1)?;
        self.differ(what, repair, vec![list.or(Refused::Stale)]).await
    }
}
