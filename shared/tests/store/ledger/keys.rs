//! Requests under an `Idempotency-Key`, and histories.

use shared::models::{Client, ClientUpdate, EquipementRegister, Pagination};
use shared::store::{RequestContext, RetryKey, Store};
use testkit::AMPLE_TIME;
use testkit::inputs::{self, optional_text};

use super::Fixture;
use crate::support::{equipement_at, nom, recode};

impl Fixture {
    /// Returns the store for a request with this key.
    pub(super) fn store_with_key(&self, key: &str) -> Store {
        let context = RequestContext::anonymous(AMPLE_TIME, self.database.random());
        self.database.for_request(RequestContext { retry_key: Some(RetryKey::new(None, key)), ..context })
    }
}

pub(super) async fn measure(fixture: &mut Fixture) {
    let register = async |s: Store| s.register_client(inputs::client("Café", 30)).await;
    let store = fixture.store_with_key("client");
    fixture.measure_in("register a client, with a key", store, register).await;
    let store = fixture.store_with_key("client");
    fixture.measure_in("register the same client again, with its key", store, register).await;
    let client = fixture.clients[1].clone();
    let unchanged = ClientUpdate { nom: client.nom.clone(), ..recode(&client, 1) };
    let store = fixture.store_with_key("unchanged");
    fixture
        .measure_in("change nothing of a client, with a key", store, async |s| s.update_client(&unchanged).await)
        .await;
    let renamed = ClientUpdate { nom: nom("Boulangerie Morin et filles"), ..unchanged };
    let store = fixture.store_with_key("renamed");
    fixture.measure_in("change a client's nom, with a key", store, async |s| s.update_client(&renamed).await).await;
    let site = fixture.sites[1].clone();
    let store = fixture.store_with_key("équipement");
    let register = async |s: Store| s.register_equipement(equipement_at(&site)).await;
    fixture.measure_in("register an équipement, with a key", store, register).await;
    // JSON writes each of these characters with six bytes.
    let long = "\u{1}".repeat(256);
    let largest = EquipementRegister {
        nom: nom(&long),
        r#type: optional_text(&long),
        numero_serie: optional_text(&long),
        ..equipement_at(&site)
    };
    fixture.measure("register the largest équipement", async |s| s.register_equipement(largest.clone()).await).await;
    let store = fixture.store_with_key("largest");
    let register = async |s: Store| s.register_equipement(largest).await;
    fixture.measure_in("register the largest équipement, with a key", store, register).await;
    let id = fixture.clients[0].client_id;
    let page = Pagination { after: None, limit: Some(2) };
    let history = async |s: Store| s.history::<Client>(id, page).await;
    fixture.measure("2 entries of the history of a client", history).await;
}
