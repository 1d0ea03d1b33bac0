//! What access patterns consume, from `docs/access-patterns.md`.

use std::collections::BTreeMap;

use super::Error;
use super::workload::Share;

/// Consumption of an access pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    calls_in_sequence: f64,
    reads: f64,
    writes: f64,
}

/// The ledger's rows by name.
#[derive(Debug, Clone)]
pub struct Ledger(BTreeMap<String, Row>);

/// Consumption of the average request of a mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AverageRequest {
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
    /// Reads that follow each other.
    pub read_calls: f64,
    /// Transactions, which is also the share of requests that write.
    pub transactions: f64,
}

impl Ledger {
    /// Reads the table.
    ///
    /// # Errors
    /// Returns [`Error::MalformedRow`] if a row has another form.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| access pattern |"));
        rows.map(|line| {
            let malformed = || Error::MalformedRow(line.to_owned());
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let ["", name, _calls, in_sequence, reads, writes, ..] = cells[..] else { return Err(malformed()) };
            let number = |text: &str| if text.is_empty() { Ok(0.0) } else { text.parse().map_err(|_| malformed()) };
            let row = Row { calls_in_sequence: number(in_sequence)?, reads: number(reads)?, writes: number(writes)? };
            Ok((name.to_owned(), row))
        })
        .collect::<Result<_, _>>()
        .map(Self)
    }

    /// Returns what the average request of a mix consumes.
    ///
    /// # Errors
    /// Returns [`Error::UnknownPattern`] if a pattern is not in the table, [`Error::Shares`] if the shares do not add
    /// up to 1.
    pub fn average(&self, mix: &[Share]) -> Result<AverageRequest, Error> {
        let sum: f64 = mix.iter().map(|part| part.share).sum();
        if (sum - 1.0).abs() > 1e-9 {
            return Err(Error::Shares(sum));
        }
        let mut average = AverageRequest { reads: 0.0, writes: 0.0, read_calls: 0.0, transactions: 0.0 };
        for Share { pattern, share } in mix {
            let row = self.0.get(pattern).ok_or_else(|| Error::UnknownPattern(pattern.clone()))?;
            // A pattern that writes ends with its only transaction.
            let transactions = if row.writes > 0.0 { 1.0 } else { 0.0 };
            average.reads += share * row.reads;
            average.writes += share * row.writes;
            average.read_calls += share * (row.calls_in_sequence - transactions);
            average.transactions += share * transactions;
        }
        Ok(average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Access patterns

| access pattern | calls | in sequence | R | W | table R |
|---|---|---|---|---|---|
| a read | 1 | 1 | 2.5 | | 2.5 |
| a write | 4 | 3 | 1 | 14 | 1 |
";

    fn share(pattern: &str, share: f64) -> Share {
        Share { pattern: pattern.to_owned(), share }
    }

    #[test]
    fn the_average_weighs_patterns_by_their_share() {
        let ledger = Ledger::parse(TEXT).expect("a ledger");
        let average = ledger.average(&[share("a read", 0.75), share("a write", 0.25)]).expect("an average");
        let expected = AverageRequest { reads: 2.125, writes: 3.5, read_calls: 1.25, transactions: 0.25 };
        assert_eq!(average, expected);
    }

    #[test]
    fn an_unknown_pattern_is_refused() {
        let result = Ledger::parse(TEXT).expect("a ledger").average(&[share("a dance", 1.0)]);
        assert!(matches!(result, Err(Error::UnknownPattern(name)) if name == "a dance"));
    }

    #[test]
    fn shares_that_do_not_add_up_are_refused() {
        let result = Ledger::parse(TEXT).expect("a ledger").average(&[share("a read", 0.5)]);
        assert!(matches!(result, Err(Error::Shares(_))));
    }

    #[test]
    fn a_malformed_row_is_refused() {
        assert!(matches!(Ledger::parse("| a read | 1 | x | 1 | | |\n"), Err(Error::MalformedRow(_))));
    }
}
