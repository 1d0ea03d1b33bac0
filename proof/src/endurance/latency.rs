//! Response times.

use std::time::Duration;

/// Response times of one kind of request.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds the time of a request.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds the times of others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Returns their number.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the percentile in milliseconds, or 0 if there are none.
    #[must_use]
    pub fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let mut latencies = Latencies::default();
        assert!(latencies.percentile(99).abs() < 1e-9);
        (1..=100).rev().for_each(|time| latencies.push(Duration::from_millis(time)));
        for (percent, expected) in [(0, 1.0), (50, 51.0), (99, 100.0), (100, 100.0)] {
            assert!((latencies.percentile(percent) - expected).abs() < 1e-9, "{percent}");
        }
    }
}
