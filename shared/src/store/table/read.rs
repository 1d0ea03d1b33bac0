//! Reads by key, and the scan of operators.

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};

use super::{QueryPage, Table};
use crate::store::error::StoreError;
use crate::store::rows::{Item, Key, TableRow};

/// Maximum number of keys of one call of [`Table::batch`].
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>.
pub(crate) const MAX_BATCH: usize = 100;

impl Table {
    /// Reads one item; strongly consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`], or [`StoreError::Corrupt`] if the item is not of this type.
    pub(crate) async fn get<T: TableRow>(&self, key: Key) -> Result<Option<T>, StoreError> {
        Ok(self.get_item(key).await?.map(T::from_item).transpose()?)
    }

    /// Reads one item of any type; strongly consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn get_item(&self, key: Key) -> Result<Option<Item>, StoreError> {
        match &self.overlay {
            Some(overlay) => overlay.get(self, key).await,
            None => self.read_item(key).await,
        }
    }

    /// Like [`Self::get_item`], past the overlay.
    pub(super) async fn read_item(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let get = self
            .connection
            .db
            .get_item()
            .table_name(&*self.connection.name)
            .set_key(Some(Item::at(key).into_attributes()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let got = self.call(|| get.clone().send()).await?;
        Ok(got.item.map(Item::from))
    }

    /// Reads the items with these keys, at most [`MAX_BATCH`], in no order; eventually consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn batch(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        self.batch_get(keys, false).await
    }

    /// Like [`Self::batch`], but each item is read strongly consistently, which consumes twice as much.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn batch_consistently(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        self.batch_get(keys, true).await
    }

    async fn batch_get(&self, keys: Vec<Key>, consistent: bool) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        let mut left: Vec<_> = keys.into_iter().map(|key| Item::at(key).into_attributes()).collect();
        let mut backoff = self.backoff();
        while !left.is_empty() {
            let keys = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(consistent).build();
            let batch = self
                .connection
                .db
                .batch_get_item()
                .request_items(&*self.connection.name, keys.map_err(|error| StoreError::Bug(error.to_string()))?)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let got = self.call(|| batch.clone().send()).await?;
            items.extend(got.responses.unwrap_or_default().into_values().flatten().map(Item::from));
            // Keys whose items pass 16 MB, or are throttled, come back unprocessed.
            left = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if !left.is_empty() {
                if !backoff.wait().await {
                    return Err(StoreError::Unavailable("keys left unprocessed until the deadline".to_owned()));
                }
                self.usage.count_retry();
            }
        }
        Ok(items)
    }

    /// Reads one page of the whole table; eventually consistent. For operators: no request scans.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn scan(&self, start: Option<Item>) -> Result<QueryPage, StoreError> {
        self.scan_page(start, false).await
    }

    /// Like [`Self::scan`], but strongly consistent, which consumes twice as much.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn scan_consistently(&self, start: Option<Item>) -> Result<QueryPage, StoreError> {
        self.scan_page(start, true).await
    }

    async fn scan_page(&self, start: Option<Item>, consistent: bool) -> Result<QueryPage, StoreError> {
        let scan = self
            .connection
            .db
            .scan()
            .table_name(&*self.connection.name)
            .consistent_read(consistent)
            .set_exclusive_start_key(start.map(Item::into_attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = self.call(|| scan.clone().send()).await?;
        Ok(QueryPage::new(page.items, page.count, page.last_evaluated_key))
    }
}
