//! `parc demo` and `--demo`: fills an empty table with sample data.
//!
//! The data is the same every time, except for identifiers and timestamps.

use std::fmt;
use std::io::{self, Write};
use std::ops::RangeFrom;

use fastrand::Rng;
use serde_json::{Map, Value, json};
use shared::store::Database;

use crate::AnyError;
use crate::batches::{Batches, Outcome};
use crate::progress::overwrite;
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

impl Filled {
    fn count(&mut self, registration: &Value) {
        match registration["kind"].as_str() {
            Some("client") => self.clients += 1,
            Some("site") => self.sites += 1,
            _ => self.equipements += 1,
        }
    }
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
    let mut batches = Batches::new(database, None, false);
    let mut filled = Filled::default();
    let mut rng = Rng::with_seed(2026);
    let mut refs = 0..;
    let operations = (0..CLIENTS).flat_map(|number| client(&mut rng, number, &mut refs)).collect::<Vec<_>>();
    for (line, operation) in (1..).zip(operations) {
        if operation["op"] == "register" {
            filled.count(&operation);
        }
        if let Some(outcomes) = batches.add(line, operation).await? {
            check(&outcomes)?;
            overwrite(&format!("{line} operations carried out"));
        }
    }
    check(&batches.finish().await?)?;
    Ok(filled)
}

fn check(outcomes: &[Outcome]) -> Result<(), AnyError> {
    match outcomes.iter().find_map(|outcome| outcome.refusal.as_ref()) {
        Some(refusal) => Err(format!("the sample data was refused: {refusal}").into()),
        None => Ok(()),
    }
}

/// Returns the operations that register a client with its sites and their équipements, a few of which are inactive.
fn client(rng: &mut Rng, number: u32, refs: &mut RangeFrom<u32>) -> Vec<Value> {
    let nom = format!("{} {}", pick(rng, &METIERS), pick(rng, &FAMILLES));
    let mut operations = Vec::new();
    let client = register(&mut operations, "client", refs, &json!({ "nom": nom, "code": 1000 + number }));
    for _ in 0..rng.u32(0..4) {
        let nom = format!("{} de {}", pick(rng, &LIEUX), pick(rng, &VILLES));
        let site = register(&mut operations, "site", refs, &json!({ "client_id": client, "nom": nom }));
        for _ in 0..rng.u32(0..5) {
            let &(nom, r#type) = pick(rng, &EQUIPEMENTS);
            let numero = format!("{}{}-{:04}", rng.uppercase(), rng.uppercase(), rng.u32(0..10_000));
            let body = json!({ "site_id": site, "nom": nom, "type": r#type, "numero_serie": numero });
            let equipement = register(&mut operations, "equipement", refs, &body);
            if rng.u32(0..15) == 0 {
                operations.push(deactivation("equipement", &equipement));
            }
        }
        if rng.u32(0..20) == 0 {
            operations.push(deactivation("site", &site));
        }
    }
    if rng.u32(0..20) == 0 {
        operations.push(deactivation("client", &client));
    }
    operations
}

/// Adds a registration, and returns what stands for the new identifier.
fn register(operations: &mut Vec<Value>, kind: &str, refs: &mut RangeFrom<u32>, body: &Value) -> String {
    let name = refs.next().map_or_else(String::new, |number| number.to_string());
    operations.push(json!({ "op": "register", "kind": kind, "ref": name, "body": body }));
    format!("${name}")
}

fn deactivation(kind: &str, id: &str) -> Value {
    let body: Map<_, _> = [(format!("{kind}_id"), Value::from(id))].into_iter().collect();
    json!({ "op": "deactivate", "kind": kind, "body": body })
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(0..from.len())]
}
