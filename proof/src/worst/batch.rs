//! The operations of a batch.

use std::iter::repeat_n;

use fastrand::Rng;
use serde_json::Map;
use shared::models::Kind;

use super::members::Members;
use super::value::{Generated, scaled};
use super::{Candidate, Request};

/// Maximum size of a batch in bytes, and maximum number of its operations.
const MAX_BODY: usize = 1 << 20;
const MAX_OPERATIONS: usize = 1_000;

/// A batch: groups of operations that differ in numbers and references only.
#[derive(Debug, Clone)]
pub struct Batch {
    groups: Vec<Group>,
    /// Whether the groups take turns.
    interleaved: bool,
    has_key: bool,
    query: &'static str,
}

/// Query strings of a batch.
const QUERIES: [&str; 4] = ["", "atomique=true", "dry_run=true", "atomique=true&dry_run=true"];

/// Draws a query string; most are empty.
fn query(rng: &mut Rng) -> &'static str {
    if rng.u8(..4) > 0 { "" } else { QUERIES[rng.usize(..QUERIES.len())] }
}

#[derive(Debug, Clone)]
struct Group {
    kind: usize,
    op: &'static str,
    members: Members,
    if_match: Option<Generated>,
    count: usize,
}

impl Group {
    fn draw(rng: &mut Rng) -> Self {
        let kind = rng.usize(..Kind::ALL.len());
        let op = ["register", "register", "update", "deactivate", "reactivate"][rng.usize(..5)];
        let members = Members::draw(Kind::ALL[kind], op == "register", rng);
        Self { kind, op, members, if_match: None, count: rng.usize(1..400) }
    }

    fn change(&mut self, rng: &mut Rng) {
        match rng.u8(..8) {
            0 => *self = Self::draw(rng),
            1 | 2 => self.count = scaled(self.count, rng).min(MAX_OPERATIONS),
            3 => self.if_match = rng.bool().then(|| Generated::text(rng)),
            _ => self.members.change(rng),
        }
    }

    fn json(&self, number: usize, registered: &[Option<usize>; 3]) -> String {
        let Self { kind, op, members, if_match, .. } = self;
        let (kind, body) = (Kind::ALL[*kind].name(), members.json(number, registered));
        let reference = if *op == "register" { format!(r#","ref":"r{number}""#) } else { String::new() };
        let if_match = if_match.as_ref().map_or_else(String::new, |tag| format!(r#","if_match":{}"#, tag.json("", 0)));
        format!(r#"{{"op":"{op}","kind":"{kind}"{reference}{if_match},"body":{body}}}"#)
    }
}

impl Batch {
    /// Returns the groups of the operations, in their order.
    fn order(&self) -> Vec<&Group> {
        if !self.interleaved {
            return self.groups.iter().flat_map(|group| repeat_n(group, group.count)).take(MAX_OPERATIONS).collect();
        }
        let most = self.groups.iter().map(|group| group.count).max().unwrap_or(0);
        let turn = |turn| self.groups.iter().filter(move |group| group.count > turn);
        (0..most).flat_map(turn).take(MAX_OPERATIONS).collect()
    }
}

impl Candidate for Batch {
    fn draw(rng: &mut Rng) -> Self {
        let groups = (0..rng.usize(1..4)).map(|_| Group::draw(rng)).collect();
        Self { groups, interleaved: rng.bool(), has_key: rng.bool(), query: query(rng) }
    }

    fn change(&mut self, rng: &mut Rng) {
        let at = rng.usize(..=self.groups.len());
        match (rng.u8(..16), self.groups.get_mut(at)) {
            (0 | 1, _) => self.query = query(rng),
            (2, _) => self.has_key = !self.has_key,
            (3, _) => self.interleaved = !self.interleaved,
            (4, Some(_)) => _ = self.groups.remove(at),
            (5, _) => self.groups.insert(at, Group::draw(rng)),
            (_, Some(group)) => group.change(rng),
            _ => {}
        }
    }

    fn request(&self, number: u64) -> Option<Request> {
        let (mut registered, mut operations, mut size) = ([None; 3], Vec::new(), 0);
        for (number, group) in self.order().into_iter().enumerate() {
            if group.members.size() > MAX_BODY {
                return None;
            }
            let operation = group.json(number, &registered);
            size += operation.len() + 1;
            if size + 20 > MAX_BODY {
                break;
            }
            if group.op == "register" {
                registered[group.kind] = Some(number);
            }
            operations.push(operation);
        }
        let mut headers = Map::new();
        if self.has_key {
            headers.insert("idempotency-key".to_owned(), number.to_string().into());
        }
        let body = format!(r#"{{"operations":[{}]}}"#, operations.join(","));
        Some(Request::new("POST /lot", self.query, headers, Some(body)))
    }
}
