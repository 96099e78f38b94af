//! Where values come from, and which source wins.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::dotenv;
use crate::inputs::Inputs;
use crate::problem::Problem;
use crate::variable::Variable;

/// Where an effective value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag.
    Flag,
    /// A variable of the process environment; it may be an alias.
    Environment(String),
    /// A line of the `.env` file.
    DotEnv(String),
    /// The managed runtime's file.
    RuntimeFile,
    /// A setting stored in the deployment.
    Stored,
    /// Found out from a variable that the hosting platform sets.
    Platform(&'static str),
    /// The default.
    Default,
}

/// The sources, the strongest first.
pub(crate) struct Sources([Source; 5]);

struct Source {
    values: BTreeMap<String, String>,
    origin: fn(&str) -> Origin,
}

impl Sources {
    /// Reads all sources. What cannot be read goes to `problems`.
    pub(crate) fn new(inputs: &Inputs, problems: &mut Vec<Problem>) -> Self {
        let dotenv = dotenv::parse(inputs.dotenv.as_deref().unwrap_or_default(), problems);
        let runtime_file = inputs.runtime_file.as_deref().map(|text| runtime_file(text, problems));
        Self([
            Source { values: inputs.flags.clone(), origin: |_| Origin::Flag },
            Source {
                values: inputs.environment.clone(),
                origin: |name| Origin::Environment(name.to_owned()),
            },
            Source { values: dotenv, origin: |name| Origin::DotEnv(name.to_owned()) },
            Source { values: runtime_file.unwrap_or_default(), origin: |_| Origin::RuntimeFile },
            Source { values: inputs.stored.clone(), origin: |_| Origin::Stored },
        ])
    }

    /// The value of `variable` in the strongest source that has one. Within a source its own name wins over aliases.
    ///
    /// An empty value is none, because that is how compose files and dashboards write "not set".
    pub(crate) fn find(&self, variable: &Variable) -> Option<(&str, Origin)> {
        self.0.iter().find_map(|source| {
            variable.names().find_map(|name| {
                let text = source.values.get(name)?.trim();
                (!text.is_empty()).then(|| (text, (source.origin)(name)))
            })
        })
    }

    /// Every name that is set and could be meant for us.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Origin)> {
        self.0.iter().flat_map(|source| {
            let set = source.values.iter().filter(|(_, text)| !text.trim().is_empty());
            set.map(|(name, _)| (name.as_str(), (source.origin)(name)))
        })
    }

    /// Whether a name that we do not know is a mistake where it stands. Environments are shared with other programs.
    pub(crate) fn is_ours(name: &str, origin: &Origin) -> bool {
        name.starts_with("EXECUTOR_") || !matches!(origin, Origin::Environment(_) | Origin::DotEnv(_))
    }
}

fn runtime_file(text: &str, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            problems.push(Problem::RuntimeFile { detail: "it is not an object".to_owned() });
            return BTreeMap::new();
        }
        Err(error) => {
            problems.push(Problem::RuntimeFile { detail: error.to_string() });
            return BTreeMap::new();
        }
    };
    let mut values = BTreeMap::new();
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => {
                problems.push(Problem::RuntimeFile { detail: format!("`{name}` is not a plain value") });
                continue;
            }
        };
        values.insert(name, text);
    }
    values
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("flag"),
            Self::Environment(name) => write!(formatter, "environment ({name})"),
            Self::DotEnv(name) => write!(formatter, ".env ({name})"),
            Self::RuntimeFile => formatter.write_str("managed runtime"),
            Self::Stored => formatter.write_str("stored setting"),
            Self::Platform(name) => write!(formatter, "platform ({name})"),
            Self::Default => formatter.write_str("default"),
        }
    }
}
