//! What a tool looks like: finding it, showing it as TypeScript, checking the arguments of a call to it, and whether it
//! takes more than it did.
//!
//! Everything here is a function of data: no I/O, no async, no clock. What comes in was written by strangers, so:
//! - Every walk over a schema has an explicit limit of depth and of size; none depends on the schema being sane.
//! - A schema that cannot be understood is shown and checked less exactly; it never makes a tool unusable.
//! - Rendered text is valid TypeScript whatever names, strings and comments the schema holds.

pub mod arguments;
mod schema;
pub mod search;
mod spelling;
pub mod typescript;
pub mod widening;

use executor_core::Json;

/// Gives the schema behind `#/$defs/<name>`, if the source has one.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<Json>;
