//! Reads variable after variable, noting what is in effect and what is wrong.

use std::collections::BTreeMap;

use crate::derive::{Gap, Known};
use crate::effective::Effective;
use crate::inputs::Inputs;
use crate::problem::Problem;
use crate::sources::{Origin, Sources};
use crate::variable::{Fallback, Variable};

pub(crate) struct Reader<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) sources: &'a Sources,
    /// The good texts so far, from which defaults are derived.
    pub(crate) values: BTreeMap<&'static str, String>,
    pub(crate) effective: Vec<Effective>,
    pub(crate) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// The value of `variable`; `None` when there is a problem with it, which has then been noted.
    pub(crate) fn read<T>(
        &mut self,
        variable: &'static Variable,
        parse: impl Fn(Option<&str>) -> Option<T>,
    ) -> Option<T> {
        let (text, origin) = match self.find(variable) {
            Ok(Some((text, origin))) => (Some(text), origin),
            Ok(None) => (None, Origin::Default),
            Err(Gap::Dependency) => return None,
            Err(Gap::Machine) => {
                self.problems.push(Problem::Missing { name: variable.name });
                return None;
            }
        };
        let Some(parsed) = parse(text.as_deref()) else {
            let value = text.filter(|_| !variable.secret);
            let (name, expects) = (variable.name, variable.expects);
            self.problems.push(Problem::Invalid { name, value, origin, expects });
            return None;
        };
        self.effective.push(Effective::new(variable, text.as_deref(), origin));
        self.values.extend(text.map(|text| (variable.name, text)));
        Some(parsed)
    }

    fn find(&self, variable: &Variable) -> Result<Option<(String, Origin)>, Gap> {
        if let Some((text, origin)) = self.sources.find(variable) {
            return Ok(Some((text.to_owned(), origin)));
        }
        match variable.default {
            Fallback::Fixed(text) => Ok(Some((text.to_owned(), Origin::Default))),
            Fallback::Unset { .. } => Ok(None),
            Fallback::Derived { derive, .. } => derive(&Known {
                values: &self.values,
                environment: &self.inputs.environment,
                platform: self.inputs.platform,
            })
            .map(Some),
        }
    }
}
