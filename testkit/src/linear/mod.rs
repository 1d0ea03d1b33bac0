//! Linearizability of the history of one entity.
//!
//! A history is linearizable if its operations can be put in an order in which each takes effect at one
//! moment between its invocation and its answer, and each answer is that of the model.
//!
//! The search is Wing and Gong's, with Lowe's cache of visited states. Source: Gavin Lowe, "Testing for
//! linearizability", Concurrency and Computation: Practice and Experience 29(4), 2017.

pub mod entity;
mod recorder;
mod search;

use std::fmt::{self, Debug, Display};
use std::hash::Hash;

pub use recorder::Recorder;
pub use search::MAX_OPERATIONS;

/// The sequential behaviour that a history is checked against.
pub trait Model {
    /// State that the calls read and write.
    type State: Clone + Eq + Hash + Debug;
    /// Call of a caller.
    type Call: Debug;
    /// Reply to a caller.
    type Reply: PartialEq + Debug;

    /// Returns the state before the first call.
    fn initial() -> Self::State;

    /// Returns the state after a call, and its reply.
    fn apply(state: &Self::State, call: &Self::Call) -> (Self::State, Self::Reply);
}

/// One call of a history. A call that its caller repeats under one key is one operation, from the first
/// time that it is sent to the last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation<C, R> {
    /// Number of the caller.
    pub caller: usize,
    /// Time at which the call was first sent, in any unit.
    pub invoked: u64,
    /// The call.
    pub call: C,
    /// Its reply, if there is one.
    pub outcome: Outcome<R>,
}

/// Outcome of a call, as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<R> {
    /// The call took effect between its invocation and `at`, with this reply.
    Answered {
        /// Time of the reply, in the unit of [`Operation::invoked`].
        at: u64,
        /// The reply.
        reply: R,
    },
    /// There is no reply, or it is a 503: the call may take effect at any time after its invocation, or
    /// never.
    Unknown,
}

type OperationOf<M> = Operation<<M as Model>::Call, <M as Model>::Reply>;

/// Returns an order in which the operations may have taken effect, as indexes of `history`. Operations
/// with an unknown outcome that need not have taken effect are left out.
///
/// An operation precedes another one if it was answered before the other one was invoked. If both times
/// are equal, they overlap.
///
/// # Errors
/// Returns [`Violation`] if there is no such order.
///
/// # Panics
/// Panics if there are more than [`MAX_OPERATIONS`] operations.
pub fn check<M: Model>(history: &[OperationOf<M>]) -> Result<Vec<usize>, Violation> {
    search::search::<M>(history)
}

/// Returns the number of states that [`check`] visits: the measure of its time and memory.
///
/// # Panics
/// Panics if there are more than [`MAX_OPERATIONS`] operations.
#[must_use]
pub fn visited_states<M: Model>(history: &[OperationOf<M>]) -> usize {
    search::visited_states::<M>(history)
}

/// Why a history is not linearizable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The longest order that the search found, as indexes of the history.
    pub prefix: Vec<usize>,
    explanation: String,
}

impl Violation {
    fn new<M: Model>(history: &[OperationOf<M>], prefix: Vec<usize>, candidates: &[usize]) -> Self {
        let mut state = M::initial();
        let mut lines = vec!["these operations can be put in order:".to_owned()];
        for index in &prefix {
            state = M::apply(&state, &history[*index].call).0;
            lines.push(format!("  {}", history[*index]));
        }
        lines.push(format!("the state is then {state:?}, and none of these can be next:"));
        for index in candidates {
            let expected = M::apply(&state, &history[*index].call).1;
            lines.push(format!("  {}, expected {expected:?}", history[*index]));
        }
        let explanation = lines.join("\n");
        Self { prefix, explanation }
    }
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation)
    }
}

impl std::error::Error for Violation {}

impl<C: Debug, R: Debug> Display for Operation<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caller, invoked, call, outcome } = self;
        match outcome {
            Outcome::Answered { at, reply } => write!(f, "caller {caller}, {invoked} to {at}: {call:?} -> {reply:?}"),
            Outcome::Unknown => write!(f, "caller {caller}, from {invoked}: {call:?} -> unknown"),
        }
    }
}
