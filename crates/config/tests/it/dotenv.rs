//! The `.env` file.

use executor_config::{Config, Inputs, Problem};
use proptest::prelude::*;

use crate::support::environment;

fn org_name(line: &str) -> Option<String> {
    let inputs = Inputs { dotenv: Some(line.to_owned()), ..environment(&[]) };
    Config::load(&inputs).ok().map(|config| config.org_name)
}

#[test]
fn lines_are_read_as_people_write_them() {
    for (line, expected) in [
        ("EXECUTOR_ORG_NAME=Acme", "Acme"),
        ("  EXECUTOR_ORG_NAME = Acme Inc  ", "Acme Inc"),
        ("export EXECUTOR_ORG_NAME=Acme", "Acme"),
        ("EXECUTOR_ORG_NAME=Acme # comment", "Acme"),
        ("EXECUTOR_ORG_NAME=Ac#me", "Ac#me"),
        ("EXECUTOR_ORG_NAME='Acme # $X \\n' # comment", "Acme # $X \\n"),
        ("EXECUTOR_ORG_NAME=\"Acme \\\"Inc\\\" # x\" # comment", "Acme \"Inc\" # x"),
        ("EXECUTOR_ORG_NAME=\"a\\tb\"", "a\tb"),
        ("EXECUTOR_ORG_NAME=a=b", "a=b"),
        ("# comment\n\nEXECUTOR_ORG_NAME=first\nEXECUTOR_ORG_NAME=last\r\n", "last"),
        ("EXECUTOR_ORG_NAME=", "Default"),
        ("EXECUTOR_ORG_NAME=$HOME", "$HOME"),
    ] {
        assert_eq!(org_name(line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn lines_that_make_no_sense_are_named_by_their_number() {
    for line in ["EXECUTOR_ORG_NAME", "=x", "1A=x", "A B=x", "A-B=x", "A='x", "A=\"x", "A='x' y", "A=\"x\\"] {
        let inputs = Inputs { dotenv: Some(format!("\n# comment\n{line}\n")), ..environment(&[]) };
        let problems = Config::load(&inputs).unwrap_err().problems;
        assert_eq!(problems, [Problem::DotEnv { line: 3 }], "{line}");
    }
}

proptest! {
    #[test]
    fn what_is_quoted_comes_back(value in "[^\\x00-\\x1f\\s][^\\x00-\\x1f\\x7f]{0,30}[^\\x00-\\x1f\\s]") {
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let read = org_name(&format!("EXECUTOR_ORG_NAME=\"{quoted}\""));
        prop_assert_eq!(read.as_deref(), Some(value.trim()));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let inputs = Inputs { dotenv: Some(text), ..environment(&[]) };
        let _ = Config::load(&inputs);
    }
}
