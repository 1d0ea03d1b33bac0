//! The instructions that functions may take.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::callgrind::Instructions;

/// Percentage by which a count may differ from its budget.
const TOLERANCE: u64 = 3;

/// A comparison of counts with their budget.
#[derive(Debug)]
pub struct Report {
    /// Whether no count exceeds its budget by more than the tolerance.
    pub is_within: bool,
    /// One line per count.
    pub text: String,
}

/// Compares counts with their budget.
#[must_use]
pub fn compare(budget: &BTreeMap<String, Instructions>, counted: &BTreeMap<String, Instructions>) -> Report {
    let mut report = Report { is_within: true, text: String::new() };
    for (name, budget) in budget {
        let Some(counted) = counted.get(name) else {
            report.is_within = false;
            let _ = writeln!(report.text, "{name}: not counted");
            continue;
        };
        for (kind, counted, budget) in [("cold", counted.cold, budget.cold), ("warm", counted.warm, budget.warm)] {
            let (counted_percent, tolerance) = (counted * 100, budget * TOLERANCE);
            let verdict = if counted_percent > budget * 100 + tolerance {
                report.is_within = false;
                "too many; reduce them, or raise bench/budget.json and give the reason in the commit"
            } else if counted_percent + tolerance < budget * 100 {
                "fewer; lower bench/budget.json with bench/budget --write"
            } else {
                "as budgeted"
            };
            let _ = writeln!(report.text, "{name} {kind}: {counted} instructions, {budget} budgeted: {verdict}");
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(cold: u64, warm: u64) -> BTreeMap<String, Instructions> {
        BTreeMap::from([("clients-infos".to_owned(), Instructions { cold, warm })])
    }

    #[test]
    fn more_than_3_percent_over_the_budget_fails() {
        let budget = counts(1000, 100);
        for (counted, is_within) in
            [(counts(1030, 103), true), (counts(1031, 100), false), (counts(1000, 104), false), (counts(500, 50), true)]
        {
            assert_eq!(compare(&budget, &counted).is_within, is_within, "{counted:?}");
        }
    }

    #[test]
    fn a_function_that_was_not_counted_fails() {
        assert!(!compare(&counts(1000, 100), &BTreeMap::new()).is_within);
    }
}
