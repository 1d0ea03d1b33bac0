//! Searches for the requests that cost most: it changes requests at random, and keeps those that cost more than before.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a defect of the search itself must end it")]

mod batch;
mod body;
mod lists;
mod measure;
mod members;
mod query;
mod value;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use fastrand::Rng;

pub use batch::Batch;
pub use body::Body;
pub use lists::every_list;
pub use measure::{Cost, Memory, Request, Tester};
pub use query::Query;

/// A kind of requests among which the search looks for the worst.
pub trait Candidate: Clone + Debug {
    /// Draws a request.
    fn draw(rng: &mut Rng) -> Self;

    /// Changes it a little.
    fn change(&mut self, rng: &mut Rng);

    /// Returns its event, and `None` if it is larger than API Gateway or parc accepts. `number` is another one for each
    /// measurement.
    fn request(&self, number: u64) -> Option<Request>;
}

/// What the search maximizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Objective {
    /// Time of the function.
    Time,
    /// Memory of the function and of the engine.
    Memory,
    /// Size of the response.
    Response,
}

impl Objective {
    /// Every objective.
    pub const ALL: [Self; 3] = [Self::Time, Self::Memory, Self::Response];

    /// Returns what a request costs by this objective.
    #[must_use]
    pub fn of(self, cost: &Cost) -> u128 {
        match self {
            Self::Time => cost.time.as_nanos(),
            Self::Memory => cost.memory as u128,
            Self::Response => cost.response_bytes as u128,
        }
    }
}

/// The most expensive request with one status, by one objective.
#[derive(Debug, Clone)]
pub struct Worst<C> {
    /// The request.
    pub candidate: C,
    /// What it costs.
    pub cost: Cost,
}

/// Looks for the most expensive requests for some time. Returns them by objective and status, and the number of requests.
///
/// Each status has its own worst request, because a long refusal would otherwise hide the requests that are carried out.
pub fn search<C: Candidate>(
    tester: &mut Tester,
    seed: u64,
    time: Duration,
) -> (BTreeMap<(Objective, u16), Worst<C>>, u64) {
    let (mut rng, end) = (Rng::with_seed(seed), Instant::now() + time);
    let (mut worst, mut number) = (BTreeMap::<_, Worst<C>>::new(), 0);
    while Instant::now() < end {
        let mut candidate = match rng.choice(worst.values()) {
            Some(known) if rng.u8(..16) > 0 => known.candidate.clone(),
            _ => C::draw(&mut rng),
        };
        (0..rng.usize(1..4)).for_each(|_| candidate.change(&mut rng));
        let mut measure = || {
            number += 1;
            candidate.request(number).map(|request| tester.measure(&request))
        };
        let Some(mut cost) = measure() else { continue };
        for objective in Objective::ALL {
            let key = (objective, cost.status);
            // Two per cent are noise.
            let exceeds = |cost: &Cost| {
                worst.get(&key).is_none_or(|known| objective.of(cost) > objective.of(&known.cost) * 51 / 50)
            };
            if !exceeds(&cost) {
                continue;
            }
            // A pause of the machine is not a cost of the request.
            for again in [measure(), measure(), measure()].into_iter().flatten() {
                if again.status == cost.status && again.time < cost.time {
                    cost = again;
                }
            }
            if exceeds(&cost) {
                worst.insert(key, Worst { candidate: candidate.clone(), cost });
            }
        }
    }
    (worst, number)
}
