use super::decoder::{Decoder, required};
use super::model::Model;
use crate::models::{ClientRegister, ClientUpdate};

impl Model for ClientRegister {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("nom"), required("code")).map(|(nom, code)| Self { nom, code })
    }
}

impl Model for ClientUpdate {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("client_id"), required("nom"), required("code")).map(|(client_id, nom, code)| Self {
            client_id,
            nom,
            code,
        })
    }
}
