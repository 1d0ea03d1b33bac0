//! Whether an entity stands in the index where a list looks for it.

use super::{Difference, key};
use crate::models::EntityId;
use crate::store::calls::{Item, text};
use crate::store::keys::{Key, shard_of};
use crate::store::write::{Refused, Update};
use crate::store::{Store, StoreError};

impl Store {
    /// Whether lists show an entity, in its place.
    pub(super) async fn check_listed<T: EntityId>(
        &self,
        item: &Item,
        repair: bool,
    ) -> Result<Vec<Difference>, StoreError> {
        let Key { partition, sort } = key(item);
        // A client's identifier is in its partition, its children's are in their sort keys.
        let id = sort.split_once('#').or(partition.split_once('#')).and_then(|(_, id)| T::parse_lenient(id));
        let Some(id) = id else { return Ok(Vec::new()) };
        let place = [shard_of(id), id.to_string()];
        if place == [text(item, "GSI1PK"), text(item, "GSI1SK")] {
            return Ok(Vec::new());
        }
        let what = format!("{:?} {id}: is not listed where it should be", T::KIND);
        let list = Update::new(key(item), "SET GSI1PK = :shard, GSI1SK = :id ADD version :one", "attribute_exists(PK)");
        let [shard, id] = place;
        let list = list.bind(":shard", shard)?.bind(":id", id)?.bind(":one", 1)?;
        self.differ(what, repair, vec![list.or(Refused::Stale)]).await
    }
}
