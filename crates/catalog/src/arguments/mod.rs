//! Checking the arguments of a call against the tool's input schema.
//!
//! Three parts: the schema is made sane and bounded ([`bundle`], [`dialect`]); a validator decides whether the
//! arguments fit it; where they do not, a walk of our own says why, all problems at once ([`explain`]). Members
//! that the schema does not know are errors, even where JSON Schema would let them pass, because an upstream that
//! ignores them would do something else than was meant.
//!
//! A tool is never blocked by its own schema: what cannot be understood is not checked.

mod bundle;
mod dialect;
mod explain;
mod names;
mod place;
mod simple;

use executor_core::{ErrorCode, Json, ToolError, ToolPath};
use jsonschema::{Draft, PatternOptions, Validator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Resolve;
use names::Names;

/// How many problems are reported at once.
const MAX_PROBLEMS: usize = 20;
/// How deep arguments may be nested to be checked inside; deeper ones are checked for names only.
const MAX_ARGUMENTS_DEPTH: usize = 48;
/// How large a regular expression of a schema may become, in bytes.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// One thing that is wrong with arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: `labels[0].name`; empty for the arguments as a whole.
    pub place: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What would be right, in short, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// Checks arguments for one tool. Preparing it costs more than a check, so keep it as long as the tool stays as it is.
#[derive(Debug)]
pub struct ArgumentsChecker {
    names: Names,
    inside: Result<Inside, String>,
}

/// What looks into the arguments.
#[derive(Debug)]
struct Inside {
    validator: Validator,
    schema: Value,
}

impl ArgumentsChecker {
    /// Prepares the check. A schema that cannot be compiled is checked for names and required members only.
    pub fn compile(input: &Json, schemas: Resolve<'_>) -> Self {
        match bundle::bundle(input, schemas) {
            Ok(bundle) => {
                let names = Names::of(&bundle.schema);
                Self { names, inside: Inside::compile(bundle.schema) }
            }
            Err(error) => Self { names: Names::at_the_top(input), inside: Err(error.to_string()) },
        }
    }

    /// All problems at once, 20 at most.
    pub fn check(&self, arguments: &Value) -> Result<(), Vec<Problem>> {
        let Value::Object(members) = arguments else {
            let message = "The arguments have to be one object.".to_owned();
            return Err(vec![Problem { place: String::new(), message, expected: Some("object".to_owned()) }]);
        };
        let mut problems = Vec::new();
        if !self.names.open {
            let known = || self.names.known.iter().map(String::as_str);
            let unknown = members.keys().filter(|name| !self.names.known.contains(*name));
            problems.extend(
                unknown.map(|name| explain::unknown(&place::member("", name), name, known()).problem),
            );
        }
        match self.inside.as_ref() {
            Ok(inside) if !is_deeper(arguments, MAX_ARGUMENTS_DEPTH) => {
                if !inside.validator.is_valid(arguments) {
                    let why = explain::explain(&inside.schema, arguments);
                    problems.extend(why);
                    if problems.is_empty() {
                        let message = "The arguments do not fit the tool's schema.".to_owned();
                        problems.push(Problem { place: String::new(), message, expected: None });
                    }
                }
            }
            _ => problems.extend(self.missing(members)),
        }
        let mut places = Vec::new();
        problems.retain(|problem| {
            let key = (problem.place.clone(), problem.message.clone());
            let is_new = !places.contains(&key);
            places.push(key);
            is_new
        });
        problems.truncate(MAX_PROBLEMS);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Why only names and required members are checked, if that is so.
    pub fn degraded(&self) -> Option<&str> {
        self.inside.as_ref().err().map(String::as_str)
    }

    fn missing(&self, members: &serde_json::Map<String, Value>) -> impl Iterator<Item = Problem> {
        let missing = self.names.required.iter().filter(|name| !members.contains_key(*name));
        missing.map(|name| explain::missing(&place::member("", name), None).problem)
    }
}

impl Inside {
    fn compile(mut schema: Value) -> Result<Self, String> {
        let validator = match validator(&schema) {
            Ok(validator) => validator,
            Err(_) => {
                // Patterns are the one thing left that may not compile: look-around, or too large.
                dialect::drop_patterns(&mut schema);
                validator(&schema)?
            }
        };
        Ok(Self { validator, schema })
    }
}

fn validator(schema: &Value) -> Result<Validator, String> {
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .should_validate_formats(false)
        .offline()
        .build(schema)
        .map_err(|error| error.to_string())
}

/// Whether a value is nested deeper than so many levels. Goes no deeper itself.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, below)),
        Value::Object(members) => members.values().any(|member| is_deeper(member, below)),
        _ => false,
    }
}

/// The error that the code is thrown for these problems, which are its details.
pub fn invalid_arguments(path: &ToolPath, problems: &[Problem]) -> ToolError {
    let message = match problems {
        [] => format!("The arguments do not fit `{path}`."),
        [only] => only.message.clone(),
        [first, others @ ..] => {
            let more = if others.len() == 1 { "problem" } else { "problems" };
            format!("{} And {} more {more}, see `details`.", first.message, others.len())
        }
    };
    ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message)
        .with_details(Json::from(&json!({ "problems": problems })))
}
