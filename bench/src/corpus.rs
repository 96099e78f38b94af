//! The corpus for measuring search: 527 real tools of 70 servers, and 94 tasks with the tools that they want.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use executor_catalog::search::{Entry, Index, Naming};
use executor_core::SourceId;
use executor_core::tool::SideEffect;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// Where the corpus is if nothing else is said: beside the repository.
pub const DEFAULT_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora/livemcpbench");

/// A tool as its server gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// The server's display name.
    pub server: String,
    /// The tool's name.
    pub name: String,
    /// All that the server says.
    pub description: String,
    /// JSON Schema of the arguments.
    pub input_schema: Value,
}

/// A task: what a person wants done, step by step, and the tools that do it.
#[derive(Debug, Clone, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// Each step is one query.
    pub steps: Vec<String>,
    /// The names of the wanted tools.
    pub tools: Vec<String>,
}

impl Task {
    /// Whether the task is of the half on which weights are tuned. The other half is only reported on.
    pub fn is_for_tuning(&self) -> bool {
        is_for_tuning(&self.id)
    }
}

/// Whether what has that name is of the half on which weights are tuned: one fixed half of all names.
pub fn is_for_tuning(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bit of this hash is only the parity of the text's bytes; a higher one depends on all of them.
    (hash >> 32).is_multiple_of(2)
}

/// The corpus.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The tools, in the order of the file.
    pub tools: Vec<Tool>,
    /// The tasks.
    pub tasks: Vec<Task>,
}

impl Corpus {
    /// Reads the corpus from its folder.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            tools: read_lines(&folder.join("tools.jsonl"))?,
            tasks: read_lines(&folder.join("queries.jsonl"))?,
        })
    }

    /// The tools as an index wants them, a source a server.
    pub fn sources(&self) -> Vec<(SourceId, String, Vec<Entry<'_>>)> {
        let mut by_server: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
        for tool in &self.tools {
            by_server.entry(&tool.server).or_default().push(entry(tool));
        }
        by_server
            .into_iter()
            .enumerate()
            .map(|(number, (server, tools))| (source_id(number), identifier(server), tools))
            .collect()
    }

    /// An index of all tools.
    pub fn index(&self) -> Index {
        let mut index = Index::new();
        for (source, name, tools) in self.sources() {
            index.replace(source, Naming { name: &name, ..Naming::default() }, tools);
        }
        index
    }
}

/// The id of a source by its number.
pub fn source_id(number: usize) -> SourceId {
    SourceId::from(Uuid::from_u128(number as u128))
}

/// The folder that is given by argument or `EXECUTOR_BENCH_CORPUS`, else the default.
pub fn folder(given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER))
}

/// A tool as an import makes it: its first sentence is the summary.
fn entry(tool: &Tool) -> Entry<'_> {
    let properties = tool.input_schema.get("properties").and_then(Value::as_object);
    let parameters = properties.map(|all| all.keys().map(|name| name.as_str().into()).collect());
    Entry {
        name: &tool.name,
        summary: first_sentence(&tool.description),
        description: &tool.description,
        parameters: parameters.unwrap_or_default(),
        side_effect: SideEffect::Write,
        deprecated: false,
    }
}

fn first_sentence(text: &str) -> &str {
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.find(". ").map_or(line, |end| &line[..=end])
}

/// A display name as a source is named: letters and digits in camel case.
fn identifier(name: &str) -> String {
    let mut words =
        name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("source").to_owned();
    words.fold(first, |mut identifier, word| {
        let mut characters = word.chars();
        identifier.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        identifier.push_str(characters.as_str());
        identifier
    })
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = fs_err::read_to_string(path)?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("a line of {}", path.display())))
        .collect()
}
