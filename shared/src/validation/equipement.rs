use super::{Fields, Invalid, Model};
use crate::models::{EquipementRegister, EquipementUpdate};

impl Model for EquipementRegister {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let site_id = fields.required("site_id");
        let nom = fields.required("nom");
        let r#type = fields.optional("type");
        let numero_serie = fields.optional("numero_serie");
        Ok(Self {
            site_id: site_id?,
            nom: nom?,
            r#type: r#type?.unwrap_or_default(),
            numero_serie: numero_serie?.unwrap_or_default(),
        })
    }
}

impl Model for EquipementUpdate {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let equipement_id = fields.required("equipement_id");
        let EquipementRegister { site_id, nom, r#type, numero_serie } = EquipementRegister::read(fields)?;
        Ok(Self { equipement_id: equipement_id?, site_id, nom, r#type, numero_serie })
    }
}
