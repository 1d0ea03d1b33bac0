//! The layout of a table: which items it holds, under which keys.

use super::rows::{Key, LayoutRow, Row};
use super::table::{OnConditionFailed, Table, TransactOp, TransactOutcome};
use super::{Database, StoreError, TableDefinition, TableError};

impl Database {
    /// Creates the table unless it exists, and checks its layout.
    ///
    /// # Errors
    /// Returns [`TableError`].
    pub async fn create_table(&self, definition: &TableDefinition) -> Result<(), TableError> {
        self.connection.create_table(definition).await?;
        self.check_layout().await
    }

    /// Checks that the table has the layout of this version of parc, and records it in a table
    /// that has no layout item.
    ///
    /// # Errors
    /// Returns [`TableError::Layout`] if it has another one.
    pub async fn check_layout(&self) -> Result<(), TableError> {
        if !self.has_recorded_layout().await? {
            // Another process may write it at the same time.
            let note = TransactOp::insert(&LayoutRow::CURRENT, OnConditionFailed::Stale);
            let (TransactOutcome::Done | TransactOutcome::Refused { .. }) =
                self.for_command().table.transact(vec![note]).await?;
        }
        Ok(())
    }

    /// Like [`Self::check_layout`], but writes nothing. Returns `false` if the table has no layout item.
    ///
    /// # Errors
    /// Returns [`TableError::Layout`] if it has another layout.
    pub async fn has_recorded_layout(&self) -> Result<bool, TableError> {
        self.connection.wait_until_active().await?;
        let table = self.for_command().table;
        let LayoutRow(needed) = LayoutRow::CURRENT;
        let found = match table.get::<LayoutRow>(Key::layout()).await? {
            Some(LayoutRow(found)) if found == needed => return Ok(true),
            Some(LayoutRow(found)) => found,
            None if is_current(&table).await? => return Ok(false),
            None => LayoutRow::UNRECORDED,
        };
        Err(TableError::Layout { table: self.connection.name(), found, needed })
    }
}

/// Returns `true` if a table that has no layout item is empty, as a deployment makes it, or
/// holds an entity of this layout. No entity can be read in two layouts.
async fn is_current(table: &Table) -> Result<bool, StoreError> {
    let page = table.scan(None).await?;
    let is_entity = |row| matches!(row, Ok(Row::Client(_) | Row::Site(_) | Row::Equipement(_)));
    Ok(page.items.is_empty() || page.items.into_iter().map(Row::from_item).any(is_entity))
}
