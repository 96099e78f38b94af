//! The `.env` file and the managed runtime's file.

use std::collections::BTreeMap;

use executor_config::{Config, Inputs};

use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "dotenv", run, deep: || nested::seeds(nested::json()) };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let environment = BTreeMap::from([("HOME".to_owned(), "/home/someone".to_owned())]);
    for (dotenv, runtime_file) in [(Some(text.clone()), None), (None, Some(text))] {
        match Config::load(&Inputs {
            dotenv,
            runtime_file,
            environment: environment.clone(),
            ..Inputs::default()
        }) {
            Ok(config) => assert!(!config.effective().is_empty()),
            Err(problems) => assert!(!problems.to_string().is_empty()),
        }
    }
}
