use super::decoder::{Decoder, optional, required};
use super::model::Model;
use crate::models::{EquipementRegister, EquipementUpdate, OptionalText};

impl Model for EquipementRegister {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("site_id"), required("nom"), optional("type"), optional("numero_serie")).map(
            |(site_id, nom, r#type, numero_serie)| Self {
                site_id,
                nom,
                r#type: absent_is_null(r#type),
                numero_serie: absent_is_null(numero_serie),
            },
        )
    }
}

impl Model for EquipementUpdate {
    fn decoder() -> impl Decoder<Output = Self> {
        (required("equipement_id"), EquipementRegister::decoder()).map(
            |(equipement_id, EquipementRegister { site_id, nom, r#type, numero_serie })| Self {
                equipement_id,
                site_id,
                nom,
                r#type,
                numero_serie,
            },
        )
    }
}

fn absent_is_null(text: Option<OptionalText>) -> OptionalText {
    text.unwrap_or_default()
}
