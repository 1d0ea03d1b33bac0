//! A table of a test's own.

use local::embedded::Embedded;
use shared::models::{
    Client, ClientRegister, ClientUpdate, Code, Entity, EquipementRegister, Nom, Site, SiteRegister, Texte,
};
use shared::store::{List, Store};

pub(crate) struct Table {
    store: Store,
    _engine: Embedded,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let engine = Embedded::in_memory().await.expect("an engine");
        let store = engine.table().await.expect("a table");
        Self { store, _engine: engine }
    }

    /// The table for one request.
    pub(crate) fn store(&self) -> Store {
        self.store.for_request(None)
    }
}

pub(crate) fn nom(text: &str) -> Nom {
    Nom::try_from(text.to_owned()).expect("a nom")
}

pub(crate) fn register(code: i64) -> ClientRegister {
    ClientRegister { nom: nom("Boulangerie Morin"), code: Code::from(code) }
}

/// What is asked to give a client another code.
pub(crate) fn recode(client: &Client, code: i64) -> ClientUpdate {
    ClientUpdate { client_id: client.client_id, nom: client.nom.clone(), code: Code::from(code) }
}

/// What is asked to add a site to a client.
pub(crate) fn site_of(client: &Client) -> SiteRegister {
    SiteRegister { client_id: client.client_id, nom: nom("Fournil de la gare") }
}

/// What is asked to install an équipement at a site.
pub(crate) fn equipement_at(site: &Site) -> EquipementRegister {
    let (r#type, numero_serie) = (Texte::default(), Texte::default());
    EquipementRegister { site_id: site.site_id, nom: nom("Four à sole"), r#type, numero_serie }
}

/// All that a list gives.
pub(crate) async fn all<T: Entity>(mut list: List<T>) -> Vec<T> {
    let mut entities = Vec::new();
    while let Some(entity) = list.next().await.expect("a page") {
        entities.push(entity);
    }
    entities
}
