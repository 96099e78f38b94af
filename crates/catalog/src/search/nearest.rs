//! "Did you mean": the paths nearest to one that does not exist.

use super::segment::Segment;

pub(super) fn of(_path: &str, _segments: &[&Segment], _limit: usize) -> Vec<String> {
    Vec::new()
}
