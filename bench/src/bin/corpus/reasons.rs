//! Why something did not come about, counted.

use std::collections::HashMap;

/// Reasons with how often each holds and one example. What stands in backticks tells no two reasons apart.
#[derive(Debug, Default)]
pub(crate) struct Reasons(HashMap<String, (usize, String)>);

impl Reasons {
    pub(crate) fn add(&mut self, reason: &str, example: impl FnOnce() -> String) {
        self.add_many(reason, 1, example);
    }

    pub(crate) fn add_many(&mut self, reason: &str, count: usize, example: impl FnOnce() -> String) {
        if count > 0 {
            self.0.entry(general(reason)).or_insert_with(|| (0, example())).0 += count;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// The most frequent first.
    pub(crate) fn sorted(self) -> Vec<(String, usize, String)> {
        let mut all: Vec<_> =
            self.0.into_iter().map(|(reason, (count, example))| (reason, count, example)).collect();
        all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        all
    }
}

fn general(reason: &str) -> String {
    let parts = reason.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 0 { part } else { "`…`" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_without_what_is_in_backticks() {
        let mut reasons = Reasons::default();
        for (reason, example) in [("`a` is missing.", "1"), ("It is odd.", "2"), ("`b` is missing.", "3")] {
            reasons.add(reason, || example.to_owned());
        }
        let sorted = [("`…` is missing.", 2, "1"), ("It is odd.", 1, "2")];
        let owned = sorted.map(|(reason, count, example)| (reason.to_owned(), count, example.to_owned()));
        assert_eq!((reasons.count(), reasons.sorted()), (3, owned.to_vec()));
    }
}
