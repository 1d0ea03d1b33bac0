//! Memory over time.

use std::time::Duration;

/// Memory at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Time since the start.
    pub(super) at: Duration,
    /// Resident memory, in bytes.
    pub(super) memory: u64,
    /// Clients registered so far.
    pub(super) registered: u64,
}

/// Samples, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<Sample>);

/// How memory grew.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Growth {
    /// Average, in bytes.
    pub(super) mean: f64,
    /// Slope of the line of least squares, in bytes per minute.
    pub(super) per_minute: f64,
    /// The same per registered client, if any was registered.
    pub(super) per_registration: Option<f64>,
}

impl Samples {
    pub(super) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// Returns how memory grew in the second half.
    #[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^52")]
    pub(super) fn growth_of_second_half(&self) -> Growth {
        let half = self.0.get(self.0.len() / 2..).unwrap_or_default();
        let memory = || half.iter().map(|sample| sample.memory as f64);
        let minutes = half.iter().map(|sample| sample.at.as_secs_f64() / 60.0);
        let registered = half.iter().map(|sample| sample.registered as f64);
        let grows = half.first().map(|sample| sample.registered) != half.last().map(|sample| sample.registered);
        Growth {
            mean: memory().sum::<f64>() / (half.len().max(1) as f64),
            per_minute: slope(minutes.zip(memory())),
            per_registration: grows.then(|| slope(registered.zip(memory()))),
        }
    }
}

/// Returns the slope of the line of least squares, or 0 if there is none.
fn slope(points: impl Iterator<Item = (f64, f64)>) -> f64 {
    let [mut count, mut sum_x, mut sum_y, mut squares, mut products] = [0.0; 5];
    for (x, y) in points {
        count += 1.0;
        sum_x += x;
        sum_y += y;
        squares += x * x;
        products += x * y;
    }
    let divisor = count * squares - sum_x * sum_x;
    if divisor > 0.0 { (count * products - sum_x * sum_y) / divisor } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_second_half() {
        let mut samples = Samples::default();
        for minute in 0..20 {
            let memory = if minute < 10 { 1000 * minute } else { 50_000 + 10 * minute };
            samples.push(Sample { at: Duration::from_mins(minute), memory, registered: 2 * minute });
        }
        let growth = samples.growth_of_second_half();
        assert!((growth.per_minute - 10.0).abs() < 1e-6, "{growth:?}");
        assert!((growth.per_registration.unwrap_or_default() - 5.0).abs() < 1e-6, "{growth:?}");
        assert!((growth.mean - 50_145.0).abs() < 1e-6, "{growth:?}");
        assert!(Samples::default().growth_of_second_half().per_minute.abs() < 1e-6);
    }
}
