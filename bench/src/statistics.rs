//! Percentiles.

use std::time::Duration;

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
