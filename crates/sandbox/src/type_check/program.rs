//! A program as the compiler takes it: the body of a function, in which every line keeps its number.

use crate::transform;

/// Goes before the program, on its first line.
pub(super) const BEFORE: &str = "export {}; async function program(): Promise<any> { ";

/// An exported default is a value like any other, as long as it needs.
const DEFAULT: (&str, &str) = ("export default ", "const  _value = ");

/// The program's file.
pub(super) fn wrap(code: &str) -> String {
    let code = transform::without_fence(code);
    let code = code.replacen(DEFAULT.0, DEFAULT.1, 1);
    // A comment on the last line must not swallow the end.
    format!("{BEFORE}{code}\n}}\n")
}
