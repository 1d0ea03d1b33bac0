//! The members of the body of one entity.

use fastrand::Rng;
use shared::models::Kind;

use super::measure::IDS;
use super::value::Generated;

/// Names of members, and one that no body has.
const NAMES: [&str; 8] = ["nom", "code", "client_id", "site_id", "equipement_id", "type", "numero_serie", "unknown"];

/// Members with generated values. A name may occur twice.
#[derive(Debug, Clone)]
pub(super) struct Members(Vec<(&'static str, Generated)>);

impl Members {
    /// Draws members: in half of the cases, those of a valid body.
    pub(super) fn draw(kind: Kind, registers: bool, rng: &mut Rng) -> Self {
        if rng.bool() {
            let count = rng.usize(1..6);
            return Self((0..count).map(|_| (name(rng), Generated::draw(rng))).collect());
        }
        let parent = |rng: &mut Rng, number| if rng.bool() { Generated::Reference } else { Generated::Id(number) };
        let mut members = vec![("nom", Generated::text(rng))];
        match kind {
            Kind::Client => members.push(("code", Generated::Number)),
            Kind::Site if registers => members.push(("client_id", parent(rng, 0))),
            Kind::Site => {}
            Kind::Equipement => {
                members.push(("site_id", parent(rng, 1)));
                members.extend(["type", "numero_serie"].map(|name| (name, Generated::text(rng))));
            }
        }
        if !registers {
            members.push((kind.id_name(), parent(rng, Kind::ALL.iter().position(|one| *one == kind).unwrap_or(0))));
        }
        Self(members)
    }

    pub(super) fn change(&mut self, rng: &mut Rng) {
        let at = rng.usize(..=self.0.len());
        match (rng.u8(..6), self.0.get_mut(at)) {
            (0, Some(_)) => _ = self.0.remove(at),
            (1, _) => self.0.insert(at, (name(rng), Generated::draw(rng))),
            (2, Some((_, value))) => *value = Generated::text(rng),
            (_, Some((_, value))) => value.change(rng),
            _ => {}
        }
    }

    /// Returns a bound of the size of their JSON, in bytes.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + 4 + value.size()).fold(2, usize::saturating_add)
    }

    /// Returns them as JSON. `registered` are the entities of each kind that a batch has registered last.
    pub(super) fn json(&self, number: usize, registered: &[Option<usize>; 3]) -> String {
        let member = |(name, value): &(&str, Generated)| {
            let kind = Kind::ALL.iter().position(|kind| kind.id_name() == *name).unwrap_or(0);
            let identifier = registered[kind].map_or_else(|| IDS[kind].to_owned(), |number| format!("$r{number}"));
            format!("\"{name}\":{}", value.json(&identifier, number))
        };
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }
}

fn name(rng: &mut Rng) -> &'static str {
    NAMES[rng.usize(..NAMES.len())]
}
