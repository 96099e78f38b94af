//! A task's code with the line that asks.

use std::fmt::{self, Display};

use super::html::Escaped;

/// Code by lines, one of them marked.
pub(super) struct Code<'a> {
    pub(super) text: &'a str,
    /// Counted from 1.
    pub(super) asks: Option<u32>,
}

impl Display for Code<'_> {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        page.write_str("<pre class=\"code\" tabindex=\"0\">")?;
        for (number, line) in (1..).zip(self.text.lines()) {
            // The mark is text as well: colour alone tells nothing to those who do not see it.
            let (class, mark) = match self.asks == Some(number) {
                true => (" class=\"asks\"", '▸'),
                false => ("", ' '),
            };
            write!(page, "<span{class}>{mark}<b>{number:>4}</b>  {}\n</span>", Escaped(line))?;
        }
        page.write_str("</pre>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_asks_is_marked_and_nothing_becomes_markup() {
        let shown = Code { text: "const a = 1 < 2\nawait tools.x()", asks: Some(2) }.to_string();
        assert!(shown.contains("<span> <b>   1</b>  const a = 1 &lt; 2\n</span>"), "{shown}");
        assert!(shown.contains("<span class=\"asks\">▸<b>   2</b>  await tools.x()"), "{shown}");
    }
}
