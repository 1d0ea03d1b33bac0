use super::{Cursor, Fields, Model, Wrong, coerce};
use crate::models::{ClientId, ClientRegister, ClientUpdate, Status};

impl Model for ClientRegister {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        let nom = fields.required("nom", coerce::nom);
        let code = fields.required("code", coerce::code);
        Ok(Self { nom: nom?, code: code? })
    }
}

impl Model for ClientUpdate {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        let client_id = fields.required("client_id", coerce::uuid);
        let nom = fields.required("nom", coerce::nom);
        let code = fields.required("code", coerce::code);
        Ok(Self { client_id: client_id?, nom: nom?, code: code? })
    }
}

/// Which clients a list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientList {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those created after this one.
    pub after: Option<ClientId>,
}

impl ClientList {
    /// What a cursor of this list is bound to.
    #[must_use]
    pub fn scope(status: Option<Status>) -> String {
        format!("clients status={}", status.map_or("", Status::name))
    }
}

impl Model for ClientList {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        let status = fields.optional("status", coerce::status);
        let scope = Self::scope(status.ok().flatten());
        let after = fields.optional("cursor", |value| Cursor::read(scope, value));
        Ok(Self { status: status?, after: after? })
    }
}
