//! The page that lists every code: `docs/errors.md`, made from the table of codes.

use std::fmt::Write;

use executor_core::ErrorCode;

const HEAD: &str = "# Errors

Every failure has a code that never changes its meaning, a sentence that says what was wrong and where, and a hint that
says what to do next. The HTTP API answers with a problem document (RFC 9457, `application/problem+json`) that carries
them as `code`, `detail` and `hint`; code that runs in a task catches a `ToolError` with `code`, `message` and `hint`; a
task that ended without a result has them in `error`.

*Retry* says whether the same request may succeed if it is only made again.

| code | status | retry | meaning | next step |
|---|---|---|---|---|
";

/// The text of the page.
pub fn render() -> String {
    let mut page = HEAD.to_owned();
    for code in ErrorCode::ALL {
        let retry = if code.is_retryable() { "yes" } else { "no" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| `{code}` | {} | {retry} | {} | {} |",
            code.http_status(),
            cell(code.meaning()),
            cell(code.next_step())
        );
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");

    #[test]
    fn the_committed_page_is_that_of_the_table() {
        let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
        let advice = "docs/errors.md is out of date; run: cargo test -p executor-server -- --ignored";
        assert!(committed == render(), "{advice}");
    }

    #[test]
    #[ignore = "writes the page; run it after a change to the table"]
    fn write_the_page() {
        std::fs::write(PAGE, render()).unwrap();
    }
}
