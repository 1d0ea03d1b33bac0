//! The query string and the headers of a request that reads.

use fastrand::Rng;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Map;

use super::value::scaled;
use super::{Candidate, Request};

const ROUTES: [&str; 9] = [
    "GET /clients/all",
    "GET /sites/all",
    "GET /equipements/all",
    "GET /clients/{client_id}/infos",
    "GET /sites/{site_id}/infos",
    "GET /equipements/{equipement_id}/infos",
    "GET /clients/{client_id}/historique",
    "GET /sites/{site_id}/historique",
    "GET /equipements/{equipement_id}/historique",
];

/// Maximum bytes of the request line and the headers, as API Gateway has it.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
pub(super) const MAX_HEAD: usize = 10_240;

const NAMES: [&str; 8] = ["nom", "status", "limit", "cursor", "code", "client_id", "site_id", "unknown"];

/// Texts of which values consist.
const UNITS: [&str; 14] =
    ["a", "é", "\u{fdfa}", "ẞ", "\u{0301}", "\u{1}", "7", "-", "actif", "inactif", "1000", "1", "_", " "];

const HEADERS: [&str; 3] = ["if-none-match", "accept-encoding", "x-forwarded-proto"];

/// Texts of which headers consist.
pub(super) const HEADER_UNITS: [&str; 7] = ["\"1-a\",", "W/\"1-a\",", "*", "gzip,", "gzip;q=0.1,", "a", ","];

/// A unit and the number of its repetitions, under a name.
#[derive(Debug, Clone)]
struct Repeated {
    name: &'static str,
    unit: &'static str,
    count: usize,
}

/// A request that reads.
#[derive(Debug, Clone)]
pub struct Query {
    route: &'static str,
    parameters: Vec<Repeated>,
    headers: Vec<Repeated>,
}

fn draw(names: &[&'static str], units: &[&'static str], rng: &mut Rng) -> Repeated {
    let count = if rng.bool() { 1 } else { rng.usize(1..300) };
    Repeated { name: names[rng.usize(..names.len())], unit: units[rng.usize(..units.len())], count }
}

impl Candidate for Query {
    fn draw(rng: &mut Rng) -> Self {
        let parameters = (0..rng.usize(..4)).map(|_| draw(&NAMES, &UNITS, rng)).collect();
        Self { route: ROUTES[rng.usize(..ROUTES.len())], parameters, headers: Vec::new() }
    }

    fn change(&mut self, rng: &mut Rng) {
        let (list, names, units) = if rng.u8(..4) > 0 {
            (&mut self.parameters, &NAMES[..], &UNITS[..])
        } else {
            (&mut self.headers, &HEADERS[..], &HEADER_UNITS[..])
        };
        let at = rng.usize(..=list.len());
        match (rng.u8(..8), list.get_mut(at)) {
            (0, _) => self.route = ROUTES[rng.usize(..ROUTES.len())],
            (1, Some(_)) => _ = list.remove(at),
            (2, _) => list.insert(at, draw(names, units, rng)),
            (3, Some(one)) => *one = draw(names, units, rng),
            (4, Some(one)) => {
                let again = one.clone();
                list.insert(at, again);
            }
            (_, Some(one)) => one.count = scaled(one.count, rng).min(MAX_HEAD),
            _ => {}
        }
    }

    fn request(&self, _: u64) -> Option<Request> {
        let value = |one: &Repeated| utf8_percent_encode(one.unit, NON_ALPHANUMERIC).to_string().repeat(one.count);
        let query: Vec<_> = self.parameters.iter().map(|one| format!("{}={}", one.name, value(one))).collect();
        let query = query.join("&");
        let mut headers: Map<String, _> = Map::new();
        for Repeated { name, unit, count } in &self.headers {
            headers.insert((*name).to_owned(), unit.repeat(*count).into());
        }
        let size: usize = headers.values().map(|value| value.as_str().map_or(0, str::len)).sum();
        (query.len() + size <= MAX_HEAD).then(|| Request::new(self.route, &query, headers, None))
    }
}
