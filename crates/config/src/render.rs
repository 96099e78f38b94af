//! Documentation made from the declarations: `.env.example` and the reference page.

use std::fmt::Write as _;

use crate::later;
use crate::settings::VARIABLES;
use crate::variable::{Fallback, Variable};

const INTRODUCTION: &str = "\
# Configuration

<!-- Made from the declarations in crates/config by its tests. Change it there. -->

Every setting is an environment variable. A command-line flag wins over the process environment, that over a `.env`
file beside the working directory, that over the managed runtime's file, that over settings stored in the deployment,
that over the default. An empty value counts as not set.

`executor config` prints each effective value and where it came from, secrets masked. `executor config check` lists
every problem at once and exits with 2.
";

/// The text of `.env.example`: every variable, commented out, with its default.
#[must_use]
pub fn env_example() -> String {
    let mut text = String::from(
        "# Every setting of Executor, with its default. Made from the declarations in crates/config by its tests.\n\
         # Copy this file to .env and remove the # before what you change.\n",
    );
    for (section, variables) in sections() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {section}\n");
        for variable in variables {
            let value = if let Fallback::Fixed(value) = variable.default { value } else { "" };
            let note = if value.is_empty() {
                format!(" ({})", plain(variable.default.shown()))
            } else {
                String::new()
            };
            let _ = write!(text, "\n# {}{note}\n# {}={value}\n", plain(variable.help), variable.name);
        }
    }
    text
}

/// The reference page in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    for (section, variables) in sections() {
        let _ = write!(text, "\n## {section}\n\n| variable | default | meaning |\n|---|---|---|\n");
        for variable in variables {
            let _ = writeln!(text, "| {} | {} | {} |", names(variable), default(variable), meaning(variable));
        }
    }
    text.push_str("\n## Known, not used by this version\n\nSetting one of these does no harm; it is noticed at start.\n\n");
    let names: Vec<_> = later::NAMES.iter().map(|name| format!("`{name}`")).collect();
    let _ = writeln!(text, "{}", names.join(", "));
    text
}

/// The variables by section, in the order of their declaration.
fn sections() -> impl Iterator<Item = (&'static str, &'static [Variable])> {
    VARIABLES.chunk_by(|one, other| one.section == other.section).map(|chunk| (chunk[0].section, chunk))
}

fn names(variable: &Variable) -> String {
    let aliases: Vec<_> = variable.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = if aliases.is_empty() { String::new() } else { format!("<br>also {}", aliases.join(", ")) };
    format!("`{}`{also}", variable.name)
}

fn default(variable: &Variable) -> String {
    match variable.default {
        Fallback::Fixed(value) => format!("`{value}`"),
        Fallback::Derived { shown, .. } | Fallback::Unset { shown } => shown.to_owned(),
    }
}

fn meaning(variable: &Variable) -> String {
    let secret = if variable.secret { " Secret." } else { "" };
    format!("{} Expects {}.{secret} Since {}.", variable.help, variable.expects, variable.since)
}

/// Markdown without its code marks.
fn plain(markdown: &str) -> String {
    markdown.replace('`', "")
}
