//! What the compiler says, as errors with their places.

use executor_core::task::Location;

use super::PROGRAM;
use super::program::BEFORE;

/// The most errors that are told.
const MOST_ERRORS: usize = 10;
/// The longest message, in bytes.
const MOST_MESSAGE: usize = 1_000;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    /// Where, in the user's own code.
    pub location: Location,
    /// The compiler's message.
    pub message: String,
}

/// The errors in `program.ts(3,5): error TS2345: Argument of type …`; lines that are indented go on with the one before.
pub(super) fn read(said: &str, code: &str) -> Vec<TypeError> {
    let lines = code.lines().count().max(1);
    let mut errors: Vec<TypeError> = Vec::new();
    let mut is_ours = false;
    for line in said.lines() {
        if line.starts_with(' ') {
            if let Some(last) = errors.last_mut().filter(|last| is_ours && last.message.len() < MOST_MESSAGE)
            {
                last.message.push(' ');
                last.message.push_str(line.trim());
            }
            continue;
        }
        let error = error_of(line);
        is_ours = error.is_some();
        if errors.len() == MOST_ERRORS {
            break;
        }
        // What is said of the line after the last is about what we have put around the program.
        errors.extend(error.filter(|error| error.location.line as usize <= lines));
    }
    for error in &mut errors {
        error.message.truncate(error.message.floor_char_boundary(MOST_MESSAGE));
    }
    errors
}

fn error_of(line: &str) -> Option<TypeError> {
    let rest = line.strip_prefix(PROGRAM)?.strip_prefix('(')?;
    let (place, rest) = rest.split_once("): error ")?;
    let (line, column) = place.split_once(',')?;
    let (line, column): (u32, u32) = (line.parse().ok()?, column.parse().ok()?);
    let (_, message) = rest.split_once(": ")?;
    let shift = if line == 1 { BEFORE.len() as u32 } else { 0 };
    let location = Location { line, column: column.saturating_sub(shift).max(1) };
    Some(TypeError { location, message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_places_in_the_users_own_code() {
        let said = format!(
            "program.ts(1,{}): error TS2345: Argument is wrong.\n  Types of property 'a' differ.\nprogram.ts(2,3): error TS2322: No.\n\
             tools.d.ts(1,1): error TS1: Ours.\n  More of ours.\nprogram.ts(3,1): error TS1005: '}}' expected.\n",
            BEFORE.len() + 7
        );
        let errors = read(&said, "await x\ny");
        let shown: Vec<_> = errors
            .iter()
            .map(|error| (error.location.line, error.location.column, error.message.as_str()))
            .collect();
        assert_eq!(shown, [(1, 7, "Argument is wrong. Types of property 'a' differ."), (2, 3, "No.")]);
    }
}
