//! Cost of requests as the register grows: `cargo bench -p functions --bench growth`.
//!
//! The deployed binaries answer over the Lambda Runtime API, from an embedded table in this process. For each request
//! and each size of the register, this prints a row of a Markdown table: calls to DynamoDB, the median time of the
//! function, capacity units, the bytes of the response as Lambda counts them, and the peak memory of the process. For
//! a whole list, the pages are added up.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints, and panics on errors")]

mod function;

use function::{Cost, Function};
use serde_json::{Value, json};
use shared::models::{Client, Site};
use shared::store::Database;
use testkit::embedded::Embedded;
use testkit::raw::{RawTable, number};
use testkit::{Proxy, fresh, inputs};

const HEADER: &str = "\
| register | request | answers | calls | ms | units | MB | peak MB |
|---|---|---|---|---|---|---|---|";

/// Number of times that a request is measured, after a first time that opens the connection.
const SAMPLES: usize = 3;

/// Requests of `clients-all`: title, query and whether gzip is accepted.
const LISTS: [(&str, &str, bool); 7] = [
    ("a page of 50", "limit=50", false),
    ("a page of 50, gzip", "limit=50", true),
    ("the whole list", "", false),
    ("the whole list, gzip", "", true),
    ("a name that ten have", "nom=caf%C3%A9", false),
    ("50 of a name that a tenth has", "nom=garage&limit=50", false),
    ("all of a name that a tenth has", "nom=garage", false),
];

/// Requests of `clients-infos`.
const INFOS: [(&str, &str, bool); 3] = [
    ("infos of the client", "", false),
    ("infos of the client, gzip", "", true),
    ("infos of the client, limit=50", "limit=50", false),
];

/// An embedded table.
struct Register {
    engine: Embedded,
    database: Database,
    raw: RawTable,
}

impl Register {
    async fn new() -> Self {
        let engine = Embedded::in_memory().expect("an engine");
        let database = engine.table().await.expect("a table");
        let raw = RawTable::new(engine.url());
        Self { engine, database, raw }
    }

    async fn register_client(&self, nom: &str) -> Client {
        fresh(self.database.for_command().register_client(inputs::client(nom, 0))).await
    }

    async fn register_site(&self, client: &Client) -> Site {
        fresh(self.database.for_command().register_site(inputs::site(client.client_id, "Fournil de la gare"))).await
    }

    /// Prints the row of a request.
    async fn measure(&self, register: &str, title: &str, binary: &str, event: &Value) {
        let calls = self.calls(binary, event).await;
        let mut function = Function::start(binary, self.engine.url()).await;
        function.cost(event).await;
        let mut samples = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            samples.push(function.cost(event).await);
        }
        samples.sort_by(|a, b| a.ms.total_cmp(&b.ms));
        let Cost { answers, ms, units, bytes } = samples[SAMPLES / 2];
        let mb = f64::from(u32::try_from(bytes).expect("bytes")) / 1e6;
        let peak = function.peak_memory();
        println!("| {register} | {title} | {answers} | {calls} | {ms:.1} | {units} | {mb:.3} | {peak:.1} |");
    }

    /// Counts the calls to DynamoDB.
    async fn calls(&self, binary: &str, event: &Value) -> usize {
        let proxy = Proxy::start(self.engine.url(), Vec::new()).await;
        Function::start(binary, proxy.url()).await.cost(event).await;
        proxy.take_calls().len()
    }
}

/// Returns the event of a request.
fn event(name: &str, query: &str, gzip: bool) -> Value {
    let mut event = testkit::event(name);
    event["rawQueryString"] = query.into();
    if gzip {
        event["headers"]["accept-encoding"] = json!("gzip");
    }
    event
}

/// Returns the nom of the client with this number: ten are cafés, every tenth of the others is a garage, the rest are
/// bakeries.
fn nom_of_client(number: usize) -> String {
    let kind = match number {
        0..10 => "Café",
        _ if number.is_multiple_of(10) => "Garage",
        _ => "Boulangerie",
    };
    format!("{kind} de la rue numéro {number}")
}

async fn lists() {
    let register = Register::new().await;
    register.register_client(&nom_of_client(0)).await;
    let mut filled = 1;
    for clients in [10, 1_000, 100_000] {
        let noms: Vec<_> = (filled..clients).map(nom_of_client).collect();
        register.raw.copy_client(noms.iter().map(|nom| Some(nom.as_str()))).await;
        filled = clients;
        for (title, query, gzip) in LISTS {
            let event = event("clients-all", query, gzip);
            register.measure(&format!("{clients} clients"), title, env!("CARGO_BIN_EXE_clients-all"), &event).await;
        }
    }
}

/// Measures the list that takes the most memory: JSON writes each character of these noms with six bytes, for DynamoDB
/// and in the answer.
async fn longest_noms() {
    let register = Register::new().await;
    register.register_client(&"\u{1}".repeat(256)).await;
    register.raw.copy_client(std::iter::repeat_n(None, 3_499)).await;
    for (title, gzip) in [("the whole list", false), ("the whole list, gzip", true)] {
        let event = event("clients-all", "", gzip);
        register.measure("3500 clients, longest noms", title, env!("CARGO_BIN_EXE_clients-all"), &event).await;
    }
}

async fn infos() {
    for sites in [10, 1_000, 10_000] {
        let register = Register::new().await;
        let client = register.register_client("Boulangerie Morin").await;
        register.register_site(&client).await;
        register.raw.copy_site(sites - 1).await;
        for (title, query, gzip) in INFOS {
            let mut event = event("clients-infos", query, gzip);
            event["pathParameters"]["client_id"] = json!(client.client_id);
            let row = format!("{sites} sites of a client");
            register.measure(&row, title, env!("CARGO_BIN_EXE_clients-infos"), &event).await;
        }
    }
}

/// Registers one more équipement, at a site that holds all the others of its client.
async fn registrations() {
    for equipements in [10, 1_000, 100_000] {
        let register = Register::new().await;
        let client = register.register_client("Boulangerie Morin").await;
        let site = register.register_site(&client).await;
        let first = inputs::equipement(site.site_id, "Four à sole");
        fresh(register.database.for_command().register_equipement(first)).await;
        register.raw.copy_equipement(equipements - 2, |_| {}).await;
        let client_key = format!("CLIENT#{}", client.client_id);
        let counter = number(i64::try_from(equipements - 1).expect("a counter"));
        for sort in ["CLIENT", &format!("SITE#{}", site.site_id)] {
            register.raw.set([&client_key, sort], "equipements", counter.clone()).await;
        }
        let mut event = event("equipements-register", "", false);
        event["body"] = json!({ "site_id": site.site_id, "nom": "Four à sole" }).to_string().into();
        let row = format!("{equipements} équipements of a client");
        register.measure(&row, "register the last one", env!("CARGO_BIN_EXE_equipements-register"), &event).await;
    }
}

#[tokio::main]
async fn main() {
    println!("{HEADER}");
    lists().await;
    longest_noms().await;
    infos().await;
    registrations().await;
}
