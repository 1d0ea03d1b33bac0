//! Every list with every combination of filters, over a table with long entities.

use serde_json::{Map, Value, json};

use super::measure::IDS;
use super::{Cost, Request, Tester};

/// Characters of each text: the most that a nom may have.
const LENGTH: usize = 256;

/// Entities of one batch: more would exceed the maximum size of a batch.
const AT_ONCE: usize = 300;

const STATUSES: [&str; 3] = ["", "status=actif", "status=inactif"];

/// No filter, one that every entity passes, one that half of them pass, and one that none passes.
const NOMS: [&str; 4] = ["", "nom=%E2%82%AC", "nom=%E2%82%ACa", "nom=z"];

const LIMITS: [&str; 4] = ["", "limit=1", "limit=100", "limit=1000"];

/// Registers as many entities of each kind, and answers every list. The sites are of the table's client, and the
/// équipements of its site. Returns the description and the cost of each.
pub fn every_list(tester: &mut Tester, entities: usize) -> Vec<(String, Cost)> {
    fill(tester, entities);
    let mut costs = Vec::new();
    let parents = ["", &format!("client_id={}", IDS[0]), &format!("site_id={}", IDS[1])];
    for (route, parent) in [
        ("GET /clients/all", ""),
        ("GET /clients/all", "code=1"),
        ("GET /sites/all", ""),
        ("GET /sites/all", parents[1]),
        ("GET /equipements/all", ""),
        ("GET /equipements/all", parents[2]),
        ("GET /clients/{client_id}/infos", ""),
        ("GET /sites/{site_id}/infos", ""),
    ] {
        let is_list = route.ends_with("/all");
        for status in STATUSES.iter().filter(|status| is_list || status.is_empty()) {
            for nom in NOMS.iter().filter(|nom| is_list || nom.is_empty()) {
                for limit in LIMITS {
                    let query: Vec<_> =
                        [parent, status, nom, limit].into_iter().filter(|part| !part.is_empty()).collect();
                    costs.extend([false, true].map(|gzip| cost(tester, route, &query.join("&"), gzip)));
                }
            }
        }
    }
    costs
}

fn cost(tester: &mut Tester, route: &'static str, query: &str, gzip: bool) -> (String, Cost) {
    let headers = Map::from_iter(gzip.then(|| ("accept-encoding".to_owned(), Value::from("gzip"))));
    let request = Request::new(route, query, headers, None);
    let costs = [(), (), ()].map(|()| tester.measure_here(&request));
    let least = costs.into_iter().min_by_key(|cost| cost.time).expect("three costs");
    (format!("{route}?{query}{}", if gzip { ", gzip" } else { "" }), least)
}

fn fill(tester: &Tester, entities: usize) {
    let text =
        |number: usize| format!("€{}", if number.is_multiple_of(2) { "a" } else { "b" }) + &"€".repeat(LENGTH - 2);
    let body = |kind: &str, number: usize| match kind {
        "client" => json!({ "nom": text(number), "code": number + 1 }),
        "site" => json!({ "nom": text(number), "client_id": IDS[0] }),
        _ => json!({ "nom": text(number), "site_id": IDS[1], "type": text(number), "numero_serie": text(number) }),
    };
    for kind in ["client", "site", "equipement"] {
        let numbers: Vec<_> = (0..entities).collect();
        for some in numbers.chunks(AT_ONCE) {
            let operation = |number: &usize| json!({ "op": "register", "kind": kind, "body": body(kind, *number) });
            tester.register(&some.iter().map(operation).collect::<Vec<_>>());
        }
    }
}
