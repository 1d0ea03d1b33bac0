//! The ledger `docs/access-patterns.md`: calls and consumed units of each access pattern.
//!
//! `PARC_WRITE_LEDGER=1 cargo test -p shared --test store ledger` updates the file.

mod batches;
mod keys;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;
use shared::models::{
    Client, ClientUpdate, Code, Equipement, EquipementUpdate, Filter, Folded, Pagination, Site, SiteUpdate, Status,
};
use shared::store::{Database, Store};
use testkit::inputs::{self, move_to};
use testkit::{Call, Proxy};

use crate::support::{Table, all, equipement_at, fresh, nom, recode, site_of};

/// A table with two clients. The first has two sites, the second has one; the first site has two
/// équipements, one of them inactive.
struct Fixture {
    table: Table,
    database: Database,
    proxy: Proxy,
    clients: Vec<Client>,
    sites: Vec<Site>,
    equipements: Vec<Equipement>,
    rows: String,
}

impl Fixture {
    async fn new() -> Self {
        let table = Table::new().await;
        let store = table.store();
        let (mut clients, mut sites, mut equipements) = (Vec::new(), Vec::new(), Vec::new());
        for code in 0..2 {
            clients.push(fresh(store.register_client(inputs::client("Boulangerie Morin", code))).await);
        }
        for owner in [0, 0, 1] {
            sites.push(fresh(store.register_site(site_of(&clients[owner]))).await);
        }
        for _ in 0..2 {
            equipements.push(fresh(store.register_equipement(equipement_at(&sites[0]))).await);
        }
        fresh(store.set_equipement_status(equipements[1].equipement_id, Status::Inactif)).await;
        let (database, proxy) = table.behind(Vec::new()).await;
        // Opens the connection before anything is measured.
        database.for_command().equipement(equipements[0].equipement_id).await.expect("an équipement");
        proxy.overlap_calls();
        Self { table, database, proxy, clients, sites, equipements, rows: String::new() }
    }

    /// Carries out one access pattern, and adds its row.
    async fn measure<T, E: std::fmt::Debug>(&mut self, name: &str, pattern: impl AsyncFnOnce(Store) -> Result<T, E>) {
        self.measure_in(name, self.database.for_command(), pattern).await;
    }

    /// Like [`Self::measure`], with the store of another request.
    async fn measure_in<T, E: std::fmt::Debug>(
        &mut self,
        name: &str,
        store: Store,
        pattern: impl AsyncFnOnce(Store) -> Result<T, E>,
    ) {
        let _ = self.proxy.take_calls();
        pattern(store.clone()).await.expect(name);
        let calls = self.proxy.take_calls();
        let units = units(&calls);
        let unit = |place: &str, kind| units.get(&(place.to_owned(), kind)).copied().unwrap_or_default();
        let places = ["table", "GSI1", "GSI2"].map(|place| [unit(place, 'R'), unit(place, 'W')]);
        let total: f64 = places.as_flattened().iter().sum();
        assert!((total - store.usage().units()).abs() < f64::EPSILON, "{name}: {total}, {}", store.usage().units());
        let sum = |kind: usize| places.iter().map(|place| place[kind]).sum::<f64>();
        let mut row = format!("| {name} | {} | {} |", calls.len(), in_sequence(&calls));
        for number in [sum(0), sum(1)].iter().chain(places.as_flattened()) {
            let text = if *number > 0.0 { number.to_string() } else { String::new() };
            write!(row, " {text} |").expect("text");
        }
        writeln!(self.rows, "{}", row.replace("  |", " |")).expect("text");
    }
}

/// Adds up the units by place (the table or an index) and kind: reads and writes.
fn units(calls: &[Call]) -> BTreeMap<(String, char), f64> {
    let mut units = BTreeMap::new();
    for Call { operation, answer, .. } in calls {
        let kind = if operation == "TransactWriteItems" { 'W' } else { 'R' };
        let consumed = &answer["ConsumedCapacity"];
        let tables = consumed.as_array().map_or_else(|| std::slice::from_ref(consumed), Vec::as_slice);
        let mut add = |place: &str, capacity: &Value| {
            let capacity = capacity["CapacityUnits"].as_f64().unwrap_or_default();
            *units.entry((place.to_owned(), kind)).or_default() += capacity;
        };
        for table in tables {
            add("table", &table["Table"]);
            for (index, capacity) in table["GlobalSecondaryIndexes"].as_object().into_iter().flatten() {
                add(index, capacity);
            }
        }
    }
    units
}

/// Returns the length of the longest chain of calls in which each call follows the answer to the one before.
fn in_sequence(calls: &[Call]) -> usize {
    let mut calls: Vec<_> = calls.iter().collect();
    calls.sort_by_key(|call| call.ended);
    let (mut length, mut last) = (0, None);
    for call in calls {
        if last.is_none_or(|last| call.started >= last) {
            (length, last) = (length + 1, Some(call.ended));
        }
    }
    length
}

async fn clients(fixture: &mut Fixture) {
    let client = fixture.clients[0].clone();
    let id = client.client_id;
    fixture.measure("register a client", async |s| s.register_client(inputs::client("Café", 10)).await).await;
    let rename = ClientUpdate { nom: nom("Boulangerie Morin et filles"), ..recode(&client, 0) };
    fixture.measure("change a client's nom", async |s| s.update_client(&rename).await).await;
    fixture.measure("update a client without changes", async |s| s.update_client(&rename).await).await;
    let recoded = ClientUpdate { code: Code::from(20), ..rename.clone() };
    fixture.measure("change a client's code", async |s| s.update_client(&recoded).await).await;
    fixture.measure("deactivate a client", async |s| s.set_client_status(id, Status::Inactif).await).await;
    fixture.measure("reactivate a client", async |s| s.set_client_status(id, Status::Actif).await).await;
    let active = Filter::of_status(Status::Actif);
    let infos = async |s: Store| {
        let (_, sites) = s.client_with_sites(id, &active, Pagination::ALL).await?;
        assert_eq!(all(sites).await.len(), 2);
        Ok::<_, shared::store::StoreError>(())
    };
    fixture.measure("a client and its 2 sites", infos).await;
    let after = Pagination { after: Some(fixture.sites[0].rank), limit: None };
    let rest = async |s: Store| s.client_with_sites(id, &active, after).await.map(|(_, sites)| sites);
    fixture.measure("a later page of a client's sites", rest).await;
    let code = Code::from(20);
    let with_code = async |s: Store| s.clients_with_code(code, &Filter::ALL, Pagination::ALL).await;
    fixture.measure("the client with a code", with_code).await;
}

async fn lists(fixture: &mut Fixture) {
    for code in 100..220 {
        let nom = if code % 12 == 0 { "Pharmacie du Pont" } else { "Boulangerie Morin" };
        fresh(fixture.table.store().register_client(inputs::client(nom, code))).await;
    }
    let page = Pagination { after: None, limit: Some(50) };
    let page_of = async |s: Store, filter: &Filter| -> Result<(), shared::store::StoreError> {
        let mut list = s.clients(filter, page).await?;
        for _ in 0..=50 {
            list.next().await?;
        }
        Ok(())
    };
    fixture.measure("50 of 123 clients", async |s| page_of(s, &Filter::ALL).await).await;
    fixture.measure("50 active clients of 123", async |s| page_of(s, &Filter::of_status(Status::Actif)).await).await;
    let named = Filter { nom: Some(Folded::of("pharm")), status: None };
    fixture.measure("the 10 clients with a name", async |s| page_of(s, &named).await).await;
}

async fn sites(fixture: &mut Fixture) {
    let (client, site) = (fixture.clients[0].clone(), fixture.sites[0].clone());
    let id = site.site_id;
    fixture.measure("register a site", async |s| s.register_site(site_of(&client)).await).await;
    let rename = SiteUpdate { site_id: id, nom: nom("Fournil du port") };
    fixture.measure("change a site's nom", async |s| s.update_site(&rename).await).await;
    fixture.measure("deactivate a site", async |s| s.set_site_status(id, Status::Inactif).await).await;
    fixture.measure("reactivate a site", async |s| s.set_site_status(id, Status::Actif).await).await;
    let infos = async |s: Store| s.site_with_equipements(id, &Filter::ALL, Pagination::ALL).await.map(drop);
    fixture.measure("a site and its 2 équipements", infos).await;
    let list = async |s: Store| s.equipements_of_site(id, &Filter::ALL, Pagination::ALL).await.map(drop);
    fixture.measure("the équipements of a site", list).await;
    let list = async |s: Store| s.sites_of_client(client.client_id, &Filter::ALL, Pagination::ALL).await.map(drop);
    fixture.measure("the sites of a client", list).await;
}

async fn equipements(fixture: &mut Fixture) {
    let [site_id, other, of_other_client] = [0, 1, 2].map(|place| fixture.sites[place].site_id);
    let (equipement, idle) = (fixture.equipements[0].clone(), fixture.equipements[1].clone());
    let (id, site) = (equipement.equipement_id, fixture.sites[0].clone());
    fixture.measure("register an équipement", async |s| s.register_equipement(equipement_at(&site)).await).await;
    fixture.measure("an équipement", async |s| s.equipement(id).await).await;
    let rename = EquipementUpdate { nom: nom("Pétrin"), ..move_to(&equipement, site_id) };
    fixture.measure("change an équipement", async |s| s.update_equipement(&rename).await).await;
    let to = |site_id| EquipementUpdate { site_id, ..rename.clone() };
    fixture.measure("move an équipement", async |s| s.update_equipement(&to(other)).await).await;
    let away = async |s: Store| s.update_equipement(&to(of_other_client)).await;
    fixture.measure("move an équipement to another client", away).await;
    let moved = async |s: Store| s.update_equipement(&move_to(&idle, other)).await;
    fixture.measure("move an inactive équipement", moved).await;
    fixture.measure("deactivate an équipement", async |s| s.set_equipement_status(id, Status::Inactif).await).await;
    fixture.measure("reactivate an équipement", async |s| s.set_equipement_status(id, Status::Actif).await).await;
    fresh(fixture.table.store().set_site_status(of_other_client, Status::Inactif)).await;
    let deactivate = async |s: Store| s.set_equipement_status(id, Status::Inactif).await;
    fixture.measure("deactivate an équipement of an inactive site", deactivate).await;
}

const HEADER: &str = "\
# Access patterns

The calls and capacity units of each access pattern. R are read units, W are write units, as DynamoDB
counts them: a transaction consumes two write units for each item of up to 1 KB, and one for each index
whose entry changes; a strongly consistent read consumes one unit for each 4 KB, an eventually consistent
one half of that. A refused transaction consumes write units too, which DynamoDB does not report: they are
not counted here.

`PARC_WRITE_LEDGER=1 cargo test -p shared --test store ledger` measures them on the embedded emulator, through
a proxy that records every call, and writes this file; without the variable the test fails if the file
differs.

| access pattern | calls | in sequence | R | W | table R | table W | GSI1 R | GSI1 W | GSI2 R | GSI2 W |
|---|---|---|---|---|---|---|---|---|---|---|
";

#[tokio::test]
async fn the_ledger_equals_the_measured_consumption() {
    let mut fixture = Fixture::new().await;
    clients(&mut fixture).await;
    sites(&mut fixture).await;
    equipements(&mut fixture).await;
    keys::measure(&mut fixture).await;
    batches::measure(&mut fixture).await;
    lists(&mut fixture).await;
    let ledger = format!("{HEADER}{}", fixture.rows);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access-patterns.md");
    if env::var_os("PARC_WRITE_LEDGER").is_some() {
        fs::write(&file, &ledger).expect("a file");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        ledger == written,
        "docs/access-patterns.md differs from the measurement; PARC_WRITE_LEDGER=1 updates it:\n{ledger}"
    );
}
