//! Kept answers: which requests had an effect under which key, and for how long that is remembered.

use std::ops::RangeInclusive;

use super::super::recording::{Commit, Recorded};
use super::Answered;
use super::timeline::Timeline;

/// Milliseconds for which an answer is certainly kept.
pub(super) const KEPT: u64 = 24 * 3_600_000;

/// Milliseconds after which an answer is certainly not kept any more: clocks differ by some seconds.
pub(super) const EXPIRED: u64 = KEPT + 2 * 60_000;

/// A transaction of a request, which keeps an answer if the request has a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Place in the order of everything that happened.
    pub(super) at: u64,
    /// Time from which the answer is kept, in milliseconds from the start: those of a batch expire with the first one.
    pub(super) since: u64,
}

impl Timeline<'_> {
    /// Records that a transaction keeps an answer. Returns since when it is kept.
    pub(super) fn keep(&mut self, commit: &Commit) -> u64 {
        let of_request = self.kept.entry(commit.by.step_id()).or_default();
        let last = of_request.last().map(|kept| kept.since);
        let since = last.filter(|since| commit.committed_at - since < KEPT).unwrap_or(commit.committed_at);
        of_request.push(Kept { at: commit.at, since });
        since
    }

    /// Returns since when the answer to a request is kept that is kept at a place, if there is one.
    pub(super) fn kept_since(&self, request: &Recorded, at: u64) -> Option<u64> {
        let of_request = self.kept.get(&request.step_id())?;
        of_request.iter().take_while(|kept| kept.at < at).last().map(|kept| kept.since)
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
    /// another sending, or another request with the same key, has kept meanwhile.
    pub(super) fn window_of_refusal(&self, answered: Answered<'_>, index: usize) -> RangeInclusive<usize> {
        let Answered { request, number, attempt, answer } = answered;
        let own = self.effects(request).iter().filter(|effect| effect.index == index && effect.attempt != number);
        let own = own.filter(|_| request.key.is_some()).map(|effect| effect.at);
        let kept = own.chain(self.kept_by_others(answered).into_iter().map(|kept| kept.at));
        let end = kept.filter(|at| *at > attempt.invoked).min().unwrap_or(answer.at).min(answer.at);
        self.window(attempt.invoked, end)
    }
}

impl Kept {
    /// Returns `true` if the answer may be kept while a request is answered.
    fn is_possible(self, Answered { attempt, answer, .. }: Answered<'_>) -> bool {
        self.at < answer.at && attempt.invoked_at.saturating_sub(self.since) < EXPIRED
    }

    /// Returns `true` if the answer is certainly kept during the whole request.
    pub(super) fn is_certain(self, Answered { attempt, .. }: Answered<'_>) -> bool {
        self.at < attempt.invoked && attempt.invoked_at.saturating_sub(self.since) < KEPT
    }
}
