//! `parc demo`: a set to look at. The same every time, but for identifiers and instants.

use std::io::{self, Write};

use fastrand::Rng;
use shared::models::{
    ClientRegister, Code, EquipementRegister, Filter, InvalidText, Nom, OptionalText, Pagination, SiteRegister, Status,
};
use shared::store::Store;

use crate::AnyError;
use crate::place::Place;

const CLIENTS: u32 = 200;
const METIERS: [&str; 12] = [
    "Boulangerie",
    "Boucherie",
    "Brasserie",
    "Clinique",
    "Fromagerie",
    "Garage",
    "Hôtel",
    "Imprimerie",
    "Laverie",
    "Menuiserie",
    "Pharmacie",
    "Restaurant",
];
const FAMILLES: [&str; 20] = [
    "Aubert",
    "Besnard",
    "Carpentier",
    "Delmas",
    "Étienne",
    "Fabre",
    "Garnier",
    "Hamon",
    "Imbert",
    "Joly",
    "Klein",
    "Lefèvre",
    "Morin",
    "Noël",
    "Olivier",
    "Petit",
    "Quéré",
    "Rousseau",
    "Sénéchal",
    "Vasseur",
];
const LIEUX: [&str; 8] =
    ["Atelier", "Cuisine centrale", "Dépôt", "Entrepôt", "Laboratoire", "Magasin", "Réserve", "Siège"];
const VILLES: [&str; 12] = [
    "Angers",
    "Besançon",
    "Brest",
    "Dijon",
    "Grenoble",
    "Lille",
    "Lyon",
    "Nantes",
    "Orléans",
    "Rennes",
    "Saint-Étienne",
    "Toulouse",
];
const EQUIPEMENTS: [(&str, &str); 12] = [
    ("Autoclave", "stérilisation"),
    ("Centrale d'alarme", "sécurité"),
    ("Chambre froide", "froid"),
    ("Chaudière à condensation", "chauffage"),
    ("Compresseur à vis", "air comprimé"),
    ("Extincteur à eau pulvérisée", "sécurité"),
    ("Four à sole", "cuisson"),
    ("Groupe électrogène", "énergie"),
    ("Hotte aspirante", "ventilation"),
    ("Lave-vaisselle à capot", "lavage"),
    ("Monte-charge", "levage"),
    ("Pompe à chaleur", "chauffage"),
];

/// What was filled in.
#[derive(Default)]
struct Filled {
    sites: u32,
    equipements: u32,
}

pub(crate) async fn run(place: &Place) -> Result<(), AnyError> {
    if place.memory {
        return Err("a table in memory would be forgotten at once: give demo a folder or an endpoint".into());
    }
    let open = place.open_or_make().await?;
    if open.app.database.for_command().clients(&Filter::ALL, Pagination::ALL).await?.next().await?.is_some() {
        return Err("the table is not empty: demo only fills one that is".into());
    }
    writeln!(io::stdout(), "filling the table {}", open.shown)?;
    let mut rng = Rng::with_seed(2026);
    let mut filled = Filled::default();
    for number in 0..CLIENTS {
        client(&open.app.database.for_command(), &mut rng, number, &mut filled).await?;
    }
    open.close().await?;
    let Filled { sites, equipements } = filled;
    writeln!(io::stdout(), "{CLIENTS} clients, {sites} sites and {equipements} équipements")?;
    Ok(())
}

async fn client(store: &Store, rng: &mut Rng, number: u32, filled: &mut Filled) -> Result<(), AnyError> {
    let nom = nom(format!("{} {}", pick(rng, &METIERS), pick(rng, &FAMILLES)))?;
    let client =
        store.register_client(ClientRegister { nom, code: Code::from(i64::from(1000 + number)) }).await?.fresh()?;
    for _ in 0..rng.u32(0..4) {
        let nom = self::nom(format!("{} de {}", pick(rng, &LIEUX), pick(rng, &VILLES)))?;
        let site = store.register_site(SiteRegister { client_id: client.client_id, nom }).await?.fresh()?;
        filled.sites += 1;
        for _ in 0..rng.u32(0..5) {
            let &(nom, r#type) = pick(rng, &EQUIPEMENTS);
            let numero = format!("{}{}-{:04}", rng.uppercase(), rng.uppercase(), rng.u32(0..10_000));
            let asked = EquipementRegister {
                site_id: site.site_id,
                nom: self::nom(nom.to_owned())?,
                r#type: OptionalText::try_from(Some(r#type.to_owned())).map_err(refused)?,
                numero_serie: OptionalText::try_from(Some(numero)).map_err(refused)?,
            };
            let equipement = store.register_equipement(asked).await?.fresh()?;
            filled.equipements += 1;
            if rng.u32(0..15) == 0 {
                store.set_equipement_status(equipement.equipement_id, Status::Inactif).await?.fresh()?;
            }
        }
        if rng.u32(0..20) == 0 {
            store.set_site_status(site.site_id, Status::Inactif).await?.fresh()?;
        }
    }
    if rng.u32(0..20) == 0 {
        store.set_client_status(client.client_id, Status::Inactif).await?.fresh()?;
    }
    Ok(())
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(0..from.len())]
}

fn nom(text: String) -> Result<Nom, String> {
    Nom::try_from(text).map_err(refused)
}

fn refused(why: InvalidText) -> String {
    why.to_string()
}
