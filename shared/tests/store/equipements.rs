//! Équipements: what each method leaves in the table.

use shared::models::{Equipement, EquipementUpdate, Status};
use shared::store::Written;

use crate::support::{Table, equipement_at, nom, register, site_of};

#[tokio::test]
async fn every_change_counts_as_a_version() {
    let table = Table::new().await;
    let client = table.store().register_client(register(12)).await.and_then(Written::fresh).expect("a client");
    let site = table.store().register_site(site_of(&client)).await.and_then(Written::fresh).expect("a site");
    let other = table.store().register_site(site_of(&client)).await.and_then(Written::fresh).expect("a site");
    let equipement =
        table.store().register_equipement(equipement_at(&site)).await.and_then(Written::fresh).expect("an équipement");
    let Equipement { equipement_id, site_id, r#type, numero_serie, .. } = equipement.clone();

    let mut asked = EquipementUpdate { equipement_id, site_id, nom: nom("Pétrin"), r#type, numero_serie };
    let changed = table.store().update_equipement(&asked).await.and_then(Written::fresh).expect("an équipement");
    assert_eq!(changed, Equipement { nom: nom("Pétrin"), version: 2, ..equipement });
    asked.site_id = other.site_id;
    let moved = table.store().update_equipement(&asked).await.and_then(Written::fresh).expect("an équipement");
    assert_eq!(moved, Equipement { site_id: other.site_id, version: 3, ..changed });
    let inactive = table
        .store()
        .set_equipement_status(equipement_id, Status::Inactif)
        .await
        .and_then(Written::fresh)
        .expect("an équipement");
    assert_eq!(inactive, Equipement { status: Status::Inactif, version: 4, ..moved });
    let again = table
        .store()
        .set_equipement_status(equipement_id, Status::Inactif)
        .await
        .and_then(Written::fresh)
        .expect("an équipement");
    assert_eq!(again, inactive, "an update without changes counted as one");
    assert_eq!(table.store().equipement(equipement_id).await.expect("an équipement"), inactive);
}
