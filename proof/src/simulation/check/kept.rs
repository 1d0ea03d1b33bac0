//! Kept answers: which requests had an effect under which key, and for how long that is remembered.

use std::ops::RangeInclusive;

use super::super::recording::{Attempt, Commit, KeptAnswer, Recorded, Severity};
use super::timeline::Timeline;
use super::{Answered, Violation};

/// Seconds for which an answer is kept: 24 hours by every clock, which differ by up to 8 s, and up to a minute more.
const KEPT_FOR: RangeInclusive<i64> = 24 * 3_600 + 8..=24 * 3_600 + 61;

/// Seconds before the expiry from which DynamoDB may have deleted an answer: clocks differ, and a request takes some time.
const LAST_SECONDS: i64 = 120;

/// When something expires that no request repeats, because it has no key.
const NEVER: i64 = i64::MAX;

/// When a kept answer expires, in seconds since 1970. The records of one batch expire together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry(i64);

impl Expiry {
    pub(super) fn of(kept: &KeptAnswer) -> Self {
        Self(kept.until)
    }

    /// Returns `true` if the answer may be kept when a request arrives.
    pub(super) fn is_after(self, attempt: &Attempt) -> bool {
        self.0 > attempt.seconds()
    }

    /// Returns `true` if the answer is certainly kept during a whole request.
    pub(super) fn is_long_after(self, attempt: &Attempt) -> bool {
        self.0 > attempt.seconds().saturating_add(LAST_SECONDS)
    }
}

/// A transaction of a request, which keeps an answer if the request has a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Place in the order of everything that happened.
    pub(super) at: u64,
    /// The sending that caused it.
    pub(super) attempt: usize,
    /// When the answer expires.
    pub(super) expiry: Expiry,
}

impl Timeline<'_> {
    /// Records a transaction, and that it keeps an answer.
    ///
    /// # Errors
    /// Returns a violation if the request has a key and no answer is kept, or it is kept for another time.
    pub(super) fn keep(&mut self, commit: &Commit, request: &Recorded) -> Result<Kept, Violation> {
        let attempt = &request.attempts[commit.by.attempt];
        let expiry = commit.kept.as_ref().map_or(Expiry(NEVER), Expiry::of);
        let of_request = self.kept.entry(commit.by.step_id()).or_default();
        let is_first = of_request.last().is_none_or(|last| last.expiry != expiry);
        let is_right = match &commit.kept {
            Some(kept) => !is_first || KEPT_FOR.contains(&(kept.until - attempt.seconds())),
            None => true,
        };
        if !is_right || commit.kept.is_some() != request.key.is_some() {
            return Err(Violation(format!("an answer is kept until {expiry:?}: {commit:?} of {:?}", request.call)));
        }
        let kept = Kept { at: commit.at, attempt: commit.by.attempt, expiry };
        of_request.push(kept);
        Ok(kept)
    }

    /// Returns when the answer expires that a request kept last before a place, if it kept one.
    pub(super) fn kept_at(&self, request: &Recorded, at: u64) -> Option<Expiry> {
        let of_request = self.kept.get(&request.step_id())?;
        of_request.iter().take_while(|kept| kept.at < at).last().map(|kept| kept.expiry)
    }

    /// Returns the transactions that may keep the answer to another request under the key of this one.
    pub(super) fn kept_by_others(&self, answered: Answered<'_>) -> Vec<Kept> {
        let Answered { request, .. } = answered;
        let under_key = request.key.iter().flat_map(|key| &self.by_key[key.as_str()]);
        let others = under_key.map(|other| other.step_id()).filter(|other| *other != request.step_id());
        let all = others.filter_map(|other| self.kept.get(&other)).flatten().copied();
        all.filter(|kept| kept.is_possible(answered)).collect()
    }

    /// Returns the states in which a refusal of an operation may have been decided. Later decisions find the answer that
    /// another sending, or another request with the same key, has kept meanwhile. `index` is `usize::MAX` for all operations
    /// of a batch.
    pub(super) fn window_of_refusal(&self, answered: Answered<'_>, index: usize) -> RangeInclusive<usize> {
        let Answered { request, number, attempt, answer } = answered;
        let own = self
            .effects(request)
            .iter()
            .filter(|effect| (effect.index == index || index == usize::MAX) && effect.kept.attempt != number);
        let own = own.filter(|_| request.key.is_some()).map(|effect| effect.kept.at);
        let kept = own.chain(self.kept_by_others(answered).into_iter().map(|kept| kept.at));
        let end = kept.filter(|at| *at > attempt.invoked).min().unwrap_or(answer.at).min(answer.at);
        self.window(attempt.invoked, end)
    }
}

impl Kept {
    /// Returns `true` if the answer is certainly kept during the whole request.
    pub(super) fn is_certain(self, Answered { attempt, .. }: Answered<'_>) -> bool {
        self.at < attempt.invoked && self.expiry.is_long_after(attempt)
    }

    /// Returns `true` if the answer may be kept at the end of the request.
    pub(super) fn is_possible(self, Answered { attempt, answer, .. }: Answered<'_>) -> bool {
        self.at < answer.at && self.expiry.is_after(attempt)
    }

    /// Returns `true` if the answer is certainly kept at the end of the request.
    pub(super) fn is_certain_at_end(self, Answered { attempt, answer, .. }: Answered<'_>) -> bool {
        self.at < answer.at && self.expiry.is_long_after(attempt)
    }

    /// Returns `true` if the request may repeat the answer: its own one only if it does not know that it was carried out.
    pub(super) fn may_be_repeated(self, Answered { number, attempt, .. }: Answered<'_>) -> bool {
        self.attempt != number || attempt.worst_fault >= Some(Severity::Uncertain)
    }
}
