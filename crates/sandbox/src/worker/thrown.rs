//! Errors and their frames, in places of the program's own text.

use executor_core::task::Location;

use crate::output::ThrownError;
use crate::transform::Mapping;

/// The name under which the engine knows the program.
pub(super) const PROGRAM: &str = "program";

/// The program's own frames in an engine's stack, innermost first.
fn frames(mapping: &Mapping, stack: &str) -> impl Iterator<Item = (String, Location)> {
    stack.lines().filter_map(|line| {
        // "    at name (program:12:5)" or "    at program:12:5"
        let frame = line.trim_start().strip_prefix("at ")?;
        let (name, place) = match frame.rsplit_once(" (") {
            Some((name, place)) => (name, place.strip_suffix(')')?),
            None => ("<anonymous>", frame),
        };
        let (line, column) = place.strip_prefix(PROGRAM)?.strip_prefix(':')?.split_once(':')?;
        Some((name.to_owned(), mapping.locate(line.parse().ok()?, column.parse().ok()?)?))
    })
}

/// The frames as a text, one a line.
pub(super) fn trace(mapping: &Mapping, stack: &str) -> String {
    let lines = frames(mapping, stack)
        .map(|(name, place)| format!("    at {name} ({}:{})", place.line, place.column));
    lines.collect::<Vec<_>>().join("\n")
}

/// The innermost place.
pub(super) fn location(mapping: &Mapping, stack: &str) -> Option<Location> {
    frames(mapping, stack).next().map(|(_, place)| place)
}

/// An error that nothing caught, as far as its own members and its frames tell.
pub(super) fn thrown(mapping: &Mapping, name: Option<String>, message: String, stack: &str) -> ThrownError {
    let trace = trace(mapping, stack);
    // The constructor of an error of the program's own is not where it was thrown.
    let location =
        frames(mapping, stack).find(|(frame, _)| Some(frame) != name.as_ref()).map(|(_, place)| place);
    ThrownError {
        name,
        message,
        location,
        stack: (!trace.is_empty()).then_some(trace),
        tool_error: None,
        hint: None,
    }
}
