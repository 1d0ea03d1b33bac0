use super::{Fields, Invalid, Model};
use crate::models::{ClientRegister, ClientUpdate};

impl Model for ClientRegister {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let nom = fields.required("nom");
        let code = fields.required("code");
        Ok(Self { nom: nom?, code: code? })
    }
}

impl Model for ClientUpdate {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let client_id = fields.required("client_id");
        let nom = fields.required("nom");
        let code = fields.required("code");
        Ok(Self { client_id: client_id?, nom: nom?, code: code? })
    }
}
