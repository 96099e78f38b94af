//! Percentiles, means and their intervals.

use std::time::Duration;

use crate::random::Random;

/// Durations in order.
#[derive(Debug, Clone, Default)]
pub struct Durations(Vec<Duration>);

impl Durations {
    /// Puts measured durations in order.
    pub fn new(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        Self(measured)
    }

    /// The duration that this share of them does not exceed, in milliseconds; 0 if there are none.
    pub fn at(&self, share: f64) -> f64 {
        let place = (self.0.len() as f64 * share).ceil() as usize;
        let last = self.0.len().saturating_sub(1);
        milliseconds(self.0.get(place.saturating_sub(1).min(last)).copied().unwrap_or_default())
    }

    /// The middle one, in milliseconds.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// A duration in milliseconds.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Bytes in millions.
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The middle of some numbers; 0 if there are none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// How often numbers are drawn anew for an interval.
const RESAMPLES: usize = 10_000;

/// The mean; 0 of nothing.
pub fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

/// The 95 % bootstrap interval of the mean.
pub fn interval(numbers: &[f64]) -> (f64, f64) {
    let mut random = Random::new(1);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            numbers.iter().filter_map(|_| random.choose(numbers)).sum::<f64>() / numbers.len().max(1) as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(0.0);
    (at(0.025), at(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_smallest_that_enough_do_not_exceed() {
        let durations = Durations::new((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(
            [0.0, 0.01, 0.5, 0.99, 1.0].map(|share| durations.at(share)),
            [1.0, 1.0, 50.0, 99.0, 100.0]
        );
        assert_eq!(Durations::default().at(0.5), 0.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
