//! Inputs for the tests.

use std::collections::BTreeMap;

use executor_config::{Config, Inputs, Platform, Problems};

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Inputs of a machine with a home folder and these variables.
pub(crate) fn environment(pairs: &[(&str, &str)]) -> Inputs {
    let mut environment = map(&[("HOME", "/home/someone")]);
    environment.extend(map(pairs));
    Inputs { environment, platform: Platform::Unix, ..Inputs::default() }
}

pub(crate) fn load(pairs: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::load(&environment(pairs))
}

/// The value and the origin in effect, as people see them.
pub(crate) fn shown(config: &Config, name: &str) -> String {
    config.effective().iter().find(|effective| effective.variable.name == name).unwrap().to_string()
}
