//! The time that a task may use: its engine's running, and the wall time in which a live call is in flight.
//!
//! A person's thinking and the program's own timers do not count.

use std::time::{Duration, Instant};

/// What is left of a task's time, over all of its attempts.
#[derive(Debug)]
pub(crate) struct Budget {
    left: Duration,
    /// Since when wall time is being used up by calls in flight, while the engine stands still.
    counting_since: Option<Instant>,
}

impl Budget {
    pub(crate) fn new(timeout: Duration, used: Duration) -> Self {
        Self { left: timeout.saturating_sub(used), counting_since: None }
    }

    /// The engine ran for this long.
    pub(crate) fn engine_ran(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// The engine stands still from `now` on, with or without live calls in flight.
    pub(crate) fn engine_stopped(&mut self, now: Instant, calls_in_flight: bool) {
        if calls_in_flight && self.counting_since.is_none() {
            self.counting_since = Some(now);
        }
        if !calls_in_flight {
            self.settle(now);
        }
    }

    /// The engine goes on.
    pub(crate) fn engine_resumed(&mut self, now: Instant) {
        self.settle(now);
    }

    fn settle(&mut self, now: Instant) {
        if let Some(since) = self.counting_since.take() {
            self.left = self.left.saturating_sub(now.saturating_duration_since(since));
        }
    }

    /// What is left at `now`.
    pub(crate) fn left(&self, now: Instant) -> Duration {
        let counted =
            self.counting_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.left.saturating_sub(counted)
    }

    /// When the time is up if nothing changes; never while nothing counts.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.counting_since.map(|since| since + self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_engine_time_and_calls_in_flight_count() {
        let start = Instant::now();
        let mut budget = Budget::new(10 * SECOND, 2 * SECOND);
        budget.engine_ran(SECOND);
        assert_eq!(budget.left(start), 7 * SECOND);

        budget.engine_stopped(start, true);
        assert_eq!(budget.deadline(), Some(start + 7 * SECOND));
        budget.engine_stopped(start + SECOND, true);
        assert_eq!(budget.left(start + 3 * SECOND), 4 * SECOND);
        budget.engine_resumed(start + 3 * SECOND);

        budget.engine_stopped(start + 4 * SECOND, false);
        assert_eq!(budget.deadline(), None);
        assert_eq!(budget.left(start + 1000 * SECOND), 4 * SECOND);
    }

    #[test]
    fn calls_that_end_while_the_engine_stands_still_stop_the_count() {
        let start = Instant::now();
        let mut budget = Budget::new(10 * SECOND, Duration::ZERO);
        budget.engine_stopped(start, true);
        budget.engine_stopped(start + SECOND, false);
        assert_eq!(budget.left(start + 100 * SECOND), 9 * SECOND);
    }
}
