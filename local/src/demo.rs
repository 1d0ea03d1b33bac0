//! `parc demo` and `--demo`: fills an empty table with sample data.
//!
//! The data is the same every time, except for identifiers and timestamps.

use std::fmt;
use std::io::{self, Write};

use fastrand::Rng;
use shared::models::{ClientRegister, Code, EquipementRegister, InvalidText, Nom, OptionalText, SiteRegister, Status};
use shared::store::{Database, Store};

use crate::AnyError;
use crate::table::TableArgs;

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

/// Numbers of entities in the sample data.
#[derive(Default)]
pub(crate) struct Filled {
    clients: u32,
    sites: u32,
    equipements: u32,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, sites, equipements } = self;
        write!(f, "{clients} clients, {sites} sites and {equipements} équipements")
    }
}

/// Fills an empty table, and refuses any other.
pub(crate) async fn run(table: &TableArgs) -> Result<(), AnyError> {
    table.refuse_memory()?;
    let open = table.open_or_create().await?;
    if !open.is_empty().await? {
        return Err("the table is not empty; demo only fills an empty one: choose another --data or --table".into());
    }
    writeln!(io::stdout(), "filling {}", open.description)?;
    let filled = fill(&open.app.database).await?;
    open.close().await?;
    writeln!(io::stdout(), "{filled}")?;
    Ok(())
}

/// Registers the sample data.
pub(crate) async fn fill(database: &Database) -> Result<Filled, AnyError> {
    let mut rng = Rng::with_seed(2026);
    let mut filled = Filled::default();
    for number in 0..CLIENTS {
        register_client(&database.for_command(), &mut rng, number, &mut filled).await?;
    }
    Ok(filled)
}

/// Registers a client with its sites and their équipements, a few of which are inactive.
async fn register_client(store: &Store, rng: &mut Rng, number: u32, filled: &mut Filled) -> Result<(), AnyError> {
    let nom = nom(format!("{} {}", pick(rng, &METIERS), pick(rng, &FAMILLES)))?;
    let client =
        store.register_client(ClientRegister { nom, code: Code::from(i64::from(1000 + number)) }).await?.fresh()?;
    filled.clients += 1;
    for _ in 0..rng.u32(0..4) {
        let nom = self::nom(format!("{} de {}", pick(rng, &LIEUX), pick(rng, &VILLES)))?;
        let site = store.register_site(SiteRegister { client_id: client.client_id, nom }).await?.fresh()?;
        filled.sites += 1;
        for _ in 0..rng.u32(0..5) {
            let &(nom, r#type) = pick(rng, &EQUIPEMENTS);
            let numero = format!("{}{}-{:04}", rng.uppercase(), rng.uppercase(), rng.u32(0..10_000));
            let equipement = EquipementRegister {
                site_id: site.site_id,
                nom: self::nom(nom.to_owned())?,
                r#type: OptionalText::try_from(Some(r#type.to_owned())).map_err(invalid)?,
                numero_serie: OptionalText::try_from(Some(numero)).map_err(invalid)?,
            };
            let equipement = store.register_equipement(equipement).await?.fresh()?;
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
    Nom::try_from(text).map_err(invalid)
}

fn invalid(error: InvalidText) -> String {
    error.to_string()
}
