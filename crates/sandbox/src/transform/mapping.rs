//! From places in compiled code to places in the program's own text.
//!
//! Kept as the `mappings` of a source map: `;` ends a line, `,` a segment, and a segment is a list of signed numbers in
//! base64, each relative to the one before.

use executor_core::task::Location;

use super::LINES_BEFORE;

/// Where a run of generated code comes from; all count from 0.
#[derive(Debug, Clone, Copy)]
struct Segment {
    column: u32,
    source_line: u32,
    source_column: u32,
}

/// The way back from compiled code.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    lines: Vec<Vec<Segment>>,
    inserted: u32,
}

impl Mapping {
    /// What is stored with a compiled program: how many characters of the first line are not the user's, and the
    /// mappings of a source map.
    pub(super) fn encode(mappings: &str, inserted: u32) -> String {
        format!("{inserted}|{mappings}")
    }

    /// Reads what was stored. What cannot be read maps nowhere.
    pub(crate) fn decode(stored: &str) -> Self {
        let Some((inserted, mappings)) = stored.split_once('|') else { return Self::default() };
        let (mut line, mut column) = (0_i64, 0_i64);
        let lines = mappings.split(';').map(|segments| {
            let mut generated_column = 0_i64;
            let segments = segments.split(',').filter_map(|segment| {
                let mut numbers = [0_i64; 5];
                for (slot, number) in numbers.iter_mut().zip(Numbers(segment.bytes())) {
                    *slot = number;
                }
                generated_column += numbers[0];
                line += numbers[2];
                column += numbers[3];
                Some(Segment {
                    column: u32::try_from(generated_column).ok()?,
                    source_line: u32::try_from(line).ok()?,
                    source_column: u32::try_from(column).ok()?,
                })
            });
            segments.collect()
        });
        Self { lines: lines.collect(), inserted: inserted.parse().unwrap_or(0) }
    }

    /// The place in the program's own text of a place in the compiled code; both count from 1.
    pub(crate) fn locate(&self, line: usize, column: u32) -> Option<Location> {
        let segments = self.lines.get(line.checked_sub(1 + LINES_BEFORE)?)?;
        let following = segments.partition_point(|segment| segment.column < column);
        let segment = segments.get(following.saturating_sub(1))?;
        let inserted = if segment.source_line == 0 { self.inserted } else { 0 };
        Some(Location {
            line: segment.source_line + 1,
            column: segment.source_column.saturating_sub(inserted) + 1,
        })
    }
}

/// The numbers of one segment.
struct Numbers<'a>(std::str::Bytes<'a>);

impl Iterator for Numbers<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        // Five bits a digit; a number of ours fits seven digits.
        for shift in (0..35).step_by(5) {
            let digit = base64_digit(self.0.next()?)?;
            value |= (digit & 0x1f) << shift;
            if digit & 0x20 == 0 {
                return Some(if value & 1 == 0 { value >> 1 } else { -(value >> 1) });
            }
        }
        None
    }
}

fn base64_digit(byte: u8) -> Option<i64> {
    Some(i64::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
