//! Keys of the items that operations read, so that one call reads them for many operations.

use uuid::Uuid;

use crate::models::{
    ClientId, EntityId, EquipementId, EquipementRegister, EquipementUpdate, Kind, Operation, SiteId, SiteRegister,
    SiteUpdate,
};
use crate::store::rows::{ClientRow, EquipementRow, Item, Key, SiteParentRow, TableRow};

/// Returns the keys of the items that an operation reads first.
pub(super) fn first(operation: &Operation) -> Vec<Key> {
    match operation {
        Operation::RegisterClient(input) => vec![Key::code(input.code)],
        Operation::UpdateClient(input) => vec![Key::client(input.client_id), Key::code(input.code)],
        Operation::SetClientStatus(id, _) => vec![Key::client(*id)],
        Operation::RegisterSite(SiteRegister { client_id, .. }) => vec![Key::client(*client_id)],
        Operation::UpdateSite(SiteUpdate { site_id: id, .. })
        | Operation::SetSiteStatus(id, _)
        | Operation::RegisterEquipement(EquipementRegister { site_id: id, .. }) => vec![Key::site_parent(*id)],
        Operation::UpdateEquipement(EquipementUpdate { equipement_id, site_id, .. }) => {
            vec![Key::equipement(*equipement_id), Key::site_parent(*site_id)]
        }
        Operation::SetEquipementStatus(id, _) => vec![Key::equipement(*id)],
    }
}

/// Returns the keys of the items that an operation reads after an item of [`first`].
pub(super) fn second(operation: &Operation, item: &Item) -> Vec<Key> {
    let Operation::UpdateClient(input) = operation else { return parents(item) };
    // The reservation of the code that becomes free.
    let code = ClientRow::from_item(item.clone()).ok().map(|row| row.client.code);
    code.filter(|code| *code != input.code).map(Key::code).into_iter().collect()
}

/// Returns the keys of the site and of the client that an équipement or the pointer of a site names.
pub(super) fn parents(item: &Item) -> Vec<Key> {
    let pointer = || SiteParentRow::from_item(item.clone()).ok().map(|row| (row.site_key(), row.client_id));
    let equipement =
        || EquipementRow::from_item(item.clone()).ok().map(|row| (row.site_key(), row.equipement.client_id));
    let parents = pointer().or_else(equipement);
    parents.map_or_else(Vec::new, |(site, client_id)| vec![site, Key::client(client_id)])
}

/// Returns the key of the entity that an operation changes, or of the pointer that leads to it.
pub(super) fn own(operation: &Operation, id: Uuid) -> Key {
    match operation.kind() {
        Kind::Client => Key::client(ClientId::from_uuid(id)),
        Kind::Site => Key::site_parent(SiteId::from_uuid(id)),
        Kind::Equipement => Key::equipement(EquipementId::from_uuid(id)),
    }
}

/// Returns the key of the équipement that an operation changes. Unlike sites, équipements move.
pub(super) fn changed_equipement(operation: &Operation) -> Option<Key> {
    match operation {
        Operation::UpdateEquipement(EquipementUpdate { equipement_id: id, .. })
        | Operation::SetEquipementStatus(id, _) => Some(Key::equipement(*id)),
        Operation::RegisterClient(_)
        | Operation::UpdateClient(_)
        | Operation::SetClientStatus(..)
        | Operation::RegisterSite(_)
        | Operation::UpdateSite(_)
        | Operation::SetSiteStatus(..)
        | Operation::RegisterEquipement(_) => None,
    }
}

/// Returns the key of the history entry of a version of that entity.
pub(super) fn version(operation: &Operation, id: Uuid, version: u64) -> Key {
    match operation.kind() {
        Kind::Client => Key::history_entry(ClientId::from_uuid(id), version),
        Kind::Site => Key::history_entry(SiteId::from_uuid(id), version),
        Kind::Equipement => Key::history_entry(EquipementId::from_uuid(id), version),
    }
}

/// Returns the keys of everything that an operation names; `new_id` is the identifier of what it registers.
pub(super) fn named(operation: &Operation, new_id: Uuid) -> Vec<Key> {
    let mut keys = first(operation);
    keys.extend(operation.registers().then(|| own(operation, new_id)));
    keys
}
