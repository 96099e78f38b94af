//! From inputs to a configuration, or to everything that is wrong with them.

use std::collections::BTreeMap;

use crate::effective::Effective;
use crate::inputs::Inputs;
use crate::notice::{Notice, notices};
use crate::problem::{Problem, Problems};
use crate::reader::Reader;
use crate::settings::{Config, VARIABLES};
use crate::sources::Sources;

impl Config {
    /// Makes the configuration of `inputs`, or says everything that is wrong with them.
    pub fn load(inputs: &Inputs) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let sources = Sources::new(inputs, &mut problems);
        let notices = notices(&sources);
        let mut reader = Reader {
            inputs,
            sources: &sources,
            values: BTreeMap::new(),
            effective: Vec::with_capacity(VARIABLES.len()),
            problems,
        };
        let config = Self::read(&mut reader, notices.clone());
        if let Some(config) = &config {
            reader.problems.extend(config.conflicts());
        }
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(Problems { problems: reader.problems, notices }),
        }
    }

    /// Every variable with its value and where that came from.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// What is odd about the inputs and does no harm.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn conflicts(&self) -> Option<Problem> {
        (self.sandbox_strict && self.sandbox_unsafe).then_some(Problem::Conflict {
            first: "EXECUTOR_SANDBOX_STRICT",
            second: "EXECUTOR_SANDBOX_UNSAFE",
            reason: "one asks for every layer of the jail, the other for none",
        })
    }
}
