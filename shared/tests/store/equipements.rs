//! Équipements in the table.

use shared::models::{Equipement, EquipementUpdate, Status};

use crate::support::{Table, equipement_at, fresh, nom, register, site_of};

#[tokio::test]
async fn each_change_increments_the_version() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let site = fresh(table.store().register_site(site_of(&client))).await;
    let other = fresh(table.store().register_site(site_of(&client))).await;
    let equipement = fresh(table.store().register_equipement(equipement_at(&site))).await;
    let Equipement { equipement_id, site_id, r#type, numero_serie, .. } = equipement.clone();

    let mut update = EquipementUpdate { equipement_id, site_id, nom: nom("Pétrin"), r#type, numero_serie };
    let changed = fresh(table.store().update_equipement(&update)).await;
    assert_eq!(changed, Equipement { nom: nom("Pétrin"), version: 2, ..equipement });
    update.site_id = other.site_id;
    let moved = fresh(table.store().update_equipement(&update)).await;
    assert_eq!(moved, Equipement { site_id: other.site_id, version: 3, ..changed });
    let inactive = fresh(table.store().set_equipement_status(equipement_id, Status::Inactif)).await;
    assert_eq!(inactive, Equipement { status: Status::Inactif, version: 4, ..moved });
    let again = fresh(table.store().set_equipement_status(equipement_id, Status::Inactif)).await;
    assert_eq!(again, inactive, "an update without changes has a version");
    assert_eq!(table.store().equipement(equipement_id).await.expect("an équipement"), inactive);
}
