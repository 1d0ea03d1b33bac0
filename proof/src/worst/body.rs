//! The body of one entity, and the headers of a change.

use fastrand::Rng;
use serde_json::Map;
use shared::models::Kind;

use super::members::Members;
use super::query::{HEADER_UNITS, MAX_HEAD};
use super::value::scaled;
use super::{Candidate, Request};

const ROUTES: [(&str, Kind, bool); 6] = [
    ("POST /clients/register", Kind::Client, true),
    ("PUT /clients/update", Kind::Client, false),
    ("POST /sites/register", Kind::Site, true),
    ("PUT /sites/update", Kind::Site, false),
    ("POST /equipements/register", Kind::Equipement, true),
    ("PUT /equipements/update", Kind::Equipement, false),
];

/// Maximum size of a body in bytes. Larger ones are refused by their size.
const MAX_BODY: usize = 64 << 10;

/// A request with the body of one entity.
#[derive(Debug, Clone)]
pub struct Body {
    route: &'static str,
    members: Members,
    /// Unit and number of repetitions of `If-Match`.
    if_match: Option<(usize, usize)>,
    has_key: bool,
}

impl Candidate for Body {
    fn draw(rng: &mut Rng) -> Self {
        let (route, kind, registers) = ROUTES[rng.usize(..ROUTES.len())];
        Self { route, members: Members::draw(kind, registers, rng), if_match: None, has_key: rng.bool() }
    }

    fn change(&mut self, rng: &mut Rng) {
        match (rng.u8(..16), &mut self.if_match) {
            (0, _) => self.has_key = !self.has_key,
            (1, if_match) => *if_match = rng.bool().then(|| (rng.usize(..HEADER_UNITS.len()), rng.usize(1..100))),
            (2, Some((_, count))) => *count = scaled(*count, rng),
            _ => self.members.change(rng),
        }
    }

    fn request(&self, number: u64) -> Option<Request> {
        let if_match = self.if_match.map(|(unit, count)| HEADER_UNITS[unit].repeat(count.min(MAX_HEAD)));
        if if_match.as_ref().is_some_and(|text| text.len() > MAX_HEAD) || self.members.size() > MAX_BODY * 6 {
            return None;
        }
        let mut headers = Map::from_iter(if_match.map(|text| ("if-match".to_owned(), text.into())));
        if self.has_key {
            headers.insert("idempotency-key".to_owned(), number.to_string().into());
        }
        let body = self.members.json(0, &[None; 3]);
        (body.len() <= MAX_BODY).then(|| Request::new(self.route, "", headers, Some(body)))
    }
}
