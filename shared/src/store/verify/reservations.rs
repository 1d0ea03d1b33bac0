//! Codes and the reservations that make them unique.

use super::{ATTEMPTS, Difference};
use crate::models::{Client, Filter, Part, SiteId};
use crate::store::calls::{Item, row};
use crate::store::clients::{CodeRow, client};
use crate::store::keys::Key;
use crate::store::write::{Refused, Update, Write};
use crate::store::{Store, StoreError};

impl Store {
    /// Whether a client's code is reserved for it.
    pub(super) async fn check_reserved(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let Some(seen) = self.get(Key::of(item)).await? else { return Ok(Vec::new()) };
        let mut seen = client(seen)?;
        for _ in 0..ATTEMPTS {
            let Client { client_id, code, .. } = seen;
            let reserved = self.get(Key::code(code)).await?.map(row::<CodeRow>).transpose()?;
            if reserved.as_ref().is_some_and(|row| row.client_id == client_id) {
                return Ok(Vec::new());
            }
            let Some(now) = self.get(Key::client(client_id)).await? else { return Ok(Vec::new()) };
            let now = client(now)?;
            if now.code != code {
                seen = now;
                continue;
            }
            let what = format!("client {client_id}: its code {code} is not reserved for it");
            let mend = if reserved.is_some() {
                Vec::new()
            } else {
                let still = Update::new(Key::client(client_id), "", "code = :code").bind(":code", code)?;
                vec![Write::check(still, Refused::Stale), CodeRow::reserve(code, client_id, Refused::Stale)?]
            };
            return self.differ(what, repair, mend).await;
        }
        Ok(Vec::new())
    }

    /// Whether a reservation is that of a client which has the code.
    pub(super) async fn check_reservation(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let CodeRow { key, client_id } = row(item.clone())?;
        // A client that cannot be read is a difference of its own, and keeps its reservation.
        let Ok(holder) = self.get(Key::client(client_id)).await?.map(client).transpose() else { return Ok(Vec::new()) };
        let lost = holder.is_none();
        if holder.is_some_and(|holder| Key::code(holder.code) == key) {
            return Ok(Vec::new());
        }
        // A reservation ends in the transaction that changes the code: one that is gone is in order.
        let still = self.get(key.clone()).await?.map(row::<CodeRow>).transpose()?;
        if still.is_none_or(|row| row.client_id != client_id) {
            return Ok(Vec::new());
        }
        let what = format!("{}: reserved for client {client_id}, which does not have it", key.partition);
        let code: i64 = key.partition.trim_start_matches("CODE#").parse().unwrap_or_default();
        let other = Update::new(Key::client(client_id), "", "attribute_not_exists(PK) OR code <> :code");
        let free = Update::new(key, "", "client_id = :client").bind(":client", client_id)?;
        // Where a client is lost but its sites are not, the reservation is what is left of it.
        let sites = self.children::<SiteId>(&Key::client(client_id).partition, &Filter::ALL, Part::ALL).limit(1);
        if lost && !self.query(sites).await?.items.is_empty() {
            return self.differ(what, false, Vec::new()).await;
        }
        let mend = vec![Write::check(other.bind(":code", code)?, Refused::Stale), Write::delete(free, Refused::Stale)];
        self.differ(what, repair, mend).await
    }
}
