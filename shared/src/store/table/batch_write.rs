//! Writes in batches. They are unconditional, so they are only for a table that nobody else writes to.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest};

use super::Table;
use crate::store::error::StoreError;
use crate::store::rows::{Item, Key};

/// Maximum number of writes of one call of [`Table::batch_write`].
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>.
pub(crate) const MAX_BATCH_WRITE: usize = 25;

/// One write of a batch.
#[derive(Debug)]
pub(crate) enum BatchOp {
    /// Writes an item, whether it exists or not.
    Put(Item),
    /// Deletes an item, whether it exists or not.
    Delete(Key),
}

impl BatchOp {
    fn into_sdk(self) -> Result<WriteRequest, BuildError> {
        let write = WriteRequest::builder();
        Ok(match self {
            Self::Put(item) => write.put_request(PutRequest::builder().set_item(Some(item.into_attributes())).build()?),
            Self::Delete(key) => {
                let key = Item::at(key).into_attributes();
                write.delete_request(DeleteRequest::builder().set_key(Some(key)).build()?)
            }
        }
        .build())
    }
}

impl Table {
    /// Carries out at most [`MAX_BATCH_WRITE`] writes of different items, in no order.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if not everything was written before the deadline.
    pub(crate) async fn batch_write(&self, ops: Vec<BatchOp>) -> Result<(), StoreError> {
        let ops: Result<Vec<_>, BuildError> = ops.into_iter().map(BatchOp::into_sdk).collect();
        let mut left = ops.map_err(|error| StoreError::Bug(error.to_string()))?;
        let mut backoff = self.backoff();
        while !left.is_empty() {
            let batch = self
                .connection
                .db
                .batch_write_item()
                .request_items(&*self.connection.name, left)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let written = self.call(|| batch.clone().send()).await?;
            // Writes that are throttled come back unprocessed.
            left = written.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            if !left.is_empty() {
                if !backoff.wait().await {
                    return Err(StoreError::Unavailable("writes left unprocessed until the deadline".to_owned()));
                }
                self.usage.count_retry();
            }
        }
        Ok(())
    }
}
