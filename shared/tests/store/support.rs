//! Inputs of the store's tests.

use shared::models::{Client, ClientRegister, ClientUpdate, Code, EquipementRegister, Site, SiteRegister};
use testkit::inputs;
pub(crate) use testkit::inputs::nom;
pub(crate) use testkit::{TestTable as Table, all, fresh};

pub(crate) fn register(code: i64) -> ClientRegister {
    inputs::client("Boulangerie Morin", code)
}

/// Returns the update that gives a client another code.
pub(crate) fn recode(client: &Client, code: i64) -> ClientUpdate {
    ClientUpdate { client_id: client.client_id, nom: client.nom.clone(), code: Code::from(code) }
}

/// Returns the registration of a site of a client.
pub(crate) fn site_of(client: &Client) -> SiteRegister {
    inputs::site(client.client_id, "Fournil de la gare")
}

/// Returns the registration of an équipement at a site.
pub(crate) fn equipement_at(site: &Site) -> EquipementRegister {
    inputs::equipement(site.site_id, "Four à sole")
}
