use super::{Fields, Invalid, Model};
use crate::models::{SiteRegister, SiteUpdate};

impl Model for SiteRegister {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let client_id = fields.required("client_id");
        let nom = fields.required("nom");
        Ok(Self { client_id: client_id?, nom: nom? })
    }
}

impl Model for SiteUpdate {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let site_id = fields.required("site_id");
        let nom = fields.required("nom");
        Ok(Self { site_id: site_id?, nom: nom? })
    }
}
