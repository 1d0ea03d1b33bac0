use super::decoder::{Decoder, required};
use super::model::Model;
use crate::models::{SiteRegister, SiteUpdate};

impl Model for SiteRegister {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("client_id"), required("nom")).map(|(client_id, nom)| Self { client_id, nom })
    }
}

impl Model for SiteUpdate {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("site_id"), required("nom")).map(|(site_id, nom)| Self { site_id, nom })
    }
}
