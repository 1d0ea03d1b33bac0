//! Short constructors of the store's inputs.

use shared::models::{
    ClientId, ClientRegister, Code, Equipement, EquipementRegister, EquipementUpdate, Nom, OptionalText, SiteId,
    SiteRegister,
};

/// Returns a nom.
#[must_use]
pub fn nom(text: &str) -> Nom {
    Nom::try_from(text.to_owned()).expect("a nom")
}

/// Returns an optional text.
#[must_use]
pub fn optional_text(text: &str) -> OptionalText {
    OptionalText::try_from(Some(text.to_owned())).expect("a text")
}

/// Returns the registration of a client.
#[must_use]
pub fn client(text: &str, code: i64) -> ClientRegister {
    ClientRegister { nom: nom(text), code: Code::from(code) }
}

/// Returns the registration of a site.
#[must_use]
pub fn site(client_id: ClientId, text: &str) -> SiteRegister {
    SiteRegister { client_id, nom: nom(text) }
}

/// Returns the registration of an équipement without type and serial number.
#[must_use]
pub fn equipement(site_id: SiteId, text: &str) -> EquipementRegister {
    EquipementRegister {
        site_id,
        nom: nom(text),
        r#type: OptionalText::default(),
        numero_serie: OptionalText::default(),
    }
}

/// Returns the update that moves an équipement to a site and changes nothing else.
#[must_use]
pub fn move_to(equipement: &Equipement, site_id: SiteId) -> EquipementUpdate {
    let Equipement { equipement_id, nom, r#type, numero_serie, .. } = equipement.clone();
    EquipementUpdate { equipement_id, site_id, nom, r#type, numero_serie }
}
