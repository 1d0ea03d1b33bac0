//! Clients, and the reservations of their codes.

use super::{Checker, Finding, subject, unchanged};
use crate::models::Kind;
use crate::store::StoreError;
use crate::store::rows::{CLIENT_ID, CODE, ClientRow, CodeRow, Item, Key, TableRow};
use crate::store::table::{Condition, OnConditionFailed, Query, Table, TransactOp};

impl Checker<'_> {
    pub(super) async fn client(&self, row: &ClientRow) -> Result<Vec<Finding>, StoreError> {
        let subject = subject(row.client.client_id);
        let mut findings = Vec::from_iter(self.index_keys(&subject, row).await?);
        findings.extend(self.history(&subject, row).await?);
        findings.extend(self.reservation(&subject, row).await?);
        Ok(findings)
    }

    /// Checks that a client's code is reserved for it.
    async fn reservation(&self, subject: &str, row: &ClientRow) -> Result<Option<Finding>, StoreError> {
        type State = (Option<ClientRow>, Option<CodeRow>);
        let read = async |table: Table| {
            let client = table.get::<ClientRow>(row.key()).await?;
            let reserved = match &client {
                Some(row) => table.get::<CodeRow>(Key::code(row.client.code)).await?,
                None => None,
            };
            Ok((client, reserved))
        };
        let is_right = |(client, reserved): &State| {
            let holder = reserved.as_ref().map(|row| row.client_id);
            client.as_ref().is_none_or(|row| holder == Some(row.client.client_id))
        };
        let problem = |(client, _): &State| {
            let code = client.as_ref().map_or(row.client.code, |row| row.client.code);
            format!("its code {code} is not reserved for it")
        };
        let repair = |state: &State| match state {
            (Some(row), None) => {
                let reservation = CodeRow { code: row.client.code, client_id: row.client.client_id };
                vec![unchanged(row), TransactOp::insert(&reservation, OnConditionFailed::Stale)]
            }
            // Two clients have the code: an operator must decide which one keeps it.
            _ => Vec::new(),
        };
        self.examine(subject, read, is_right, problem, repair).await
    }

    /// Checks that a reservation belongs to a client that has the code.
    pub(super) async fn code(&self, row: CodeRow) -> Result<Option<Finding>, StoreError> {
        type State = (Option<CodeRow>, Option<Item>, bool);
        let CodeRow { code, client_id } = row;
        let client_key = Key::client(client_id);
        // The client's item is not read as a row: if it is corrupt, that is reported separately, and
        // it keeps its reservation.
        let read = async |table: Table| {
            let reservation = table.get::<CodeRow>(row.key()).await?;
            let client = table.get_item(client_key.clone()).await?;
            let has_sites = client.is_none() && has_children(&table, &client_key.partition, Kind::Site).await?;
            Ok((reservation, client, has_sites))
        };
        let is_right = |(reservation, client, _): &State| {
            let is_current = reservation.as_ref() == Some(&row);
            let client = client.clone().map(ClientRow::from_item);
            !is_current || client.is_some_and(|client| client.map_or(true, |client| client.client.code == code))
        };
        let repair = |(_, _, has_sites): &State| {
            // If the client is lost but its sites are not, this is its last trace: keep it.
            if *has_sites {
                return Vec::new();
            }
            let other = Condition::Absent.or(CODE.is_not(&code));
            vec![
                TransactOp::check(client_key.clone(), other, OnConditionFailed::Stale),
                TransactOp::delete(row.key(), CLIENT_ID.is(&client_id), OnConditionFailed::Stale),
            ]
        };
        let problem = |_: &State| format!("reserved for client {client_id}, which is missing or has another code");
        self.examine(&format!("code {code}"), read, is_right, problem, repair).await
    }
}

/// Returns `true` if a partition holds a child of this kind.
pub(super) async fn has_children(table: &Table, partition: &String, kind: Kind) -> Result<bool, StoreError> {
    let page = table.query(Query::of_children(partition, kind).with_limit(Some(1))).await?;
    Ok(!page.items.is_empty())
}
