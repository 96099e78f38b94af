//! From bytes to an arena: JSON first, then YAML.

use executor_core::{ErrorCode, Failure};
use serde::de::DeserializeSeed as _;

use super::MAX_DEPTH;
use super::arena::{Arena, Cell};
use super::builder::{Builder, ValueSeed};

/// The most values that a YAML document may have. JSON cannot have more values than bytes; an alias can.
const MAX_YAML_NODES: usize = 20_000_000;
/// The stack for reading YAML: [`MAX_DEPTH`] levels need about 3 MiB of it unoptimised.
const YAML_STACK: usize = 32 * 1024 * 1024;

pub(super) fn read(bytes: &[u8]) -> Result<(Arena, Cell), Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("The document is not text in UTF-8."))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(unreadable("The document is empty."));
    }
    if is_web_page(start) {
        return Err(unreadable("This is a web page, not a document that describes an API."));
    }
    if start.starts_with(['{', '[']) {
        json(text).map_err(|error| unreadable(format!("The document is not valid JSON: {error}.")))
    } else {
        yaml(text)
    }
}

fn json(text: &str) -> Result<(Arena, Cell), serde_json::Error> {
    let mut builder = Builder::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let root = ValueSeed { builder: &mut builder, depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((builder.arena, root))
}

/// Reads YAML on a stack of its own: the parser recurses, and takes more of it for a level than a worker may have left.
fn yaml(text: &str) -> Result<(Arena, Cell), Failure> {
    let failed = || Failure::new(ErrorCode::Internal, "The document could not be read.");
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(YAML_STACK);
        let reader = reader.spawn_scoped(scope, || yaml_here(text)).map_err(|_| failed())?;
        reader.join().unwrap_or_else(|_| Err(failed()))
    })
}

fn yaml_here(text: &str) -> Result<(Arena, Cell), Failure> {
    let mut builder = Builder::default();
    let seed = ValueSeed { builder: &mut builder, depth: 0 };
    let read =
        serde_saphyr::with_deserializer_from_str_with_options(text, yaml_options(text.len()), |yaml| {
            seed.deserialize(yaml)
        });
    match read {
        Ok(root @ (Cell::Object { .. } | Cell::List { .. })) => Ok((builder.arena, root)),
        Ok(_) => Err(unreadable("The document is neither JSON nor YAML.")),
        Err(error) => Err(unreadable(format!("The document is not valid YAML: {error}."))),
    }
}

/// What a document of that length may make the parser do. Aliases may repeat only a part of what is written.
fn yaml_options(length: usize) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: None,
            max_events: 2 * MAX_YAML_NODES,
            max_nodes: MAX_YAML_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            max_total_scalar_bytes: 2 * length.max(1024),
        },
        strict_booleans: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
    }
}

fn is_web_page(start: &str) -> bool {
    let head: String = start.chars().take(512).collect::<String>().to_ascii_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with('<') && head.contains("<html"))
}

fn unreadable(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::DocumentUnreadable, message)
}
