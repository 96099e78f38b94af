//! Text that a command is given by a file's name, or on standard input for `-`.

use std::io::Read;

use crate::failure::Usage;

/// Reads it whole.
pub(crate) fn read(file: &str) -> anyhow::Result<String> {
    if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(|error| {
        let next = "name a file, or write `-` to give the text itself on standard input";
        Usage(format!("`{file}` cannot be read: {error}.\n  next: {next}")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_a_mistake_of_the_command_line_with_a_way_out() {
        let error = read("return 1 + 1").unwrap_err();
        assert!(error.is::<Usage>() && error.to_string().contains("standard input"), "{error}");
    }
}
