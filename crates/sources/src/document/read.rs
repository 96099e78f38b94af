//! From bytes to a document: JSON by its first character, GraphQL SDL by its first word, else YAML.

use executor_core::{ErrorCode, Failure};
use serde::de::DeserializeSeed as _;

use super::arena::{Arena, Cell};
use super::builder::{Builder, ValueSeed};
use super::{Content, MAX_DEPTH, MAX_NODES, sdl};

/// The most events that aliases may repeat. An honest document writes a few blocks once and uses them often.
const MAX_REPEATED: usize = 500_000;
/// The most text in bytes that a YAML document may come to with what its aliases repeat, however short it is.
const MAX_REPEATED_TEXT: usize = 64 * 1024 * 1024;
/// The stack for reading YAML: [`MAX_DEPTH`] levels need about 3 MiB of it unoptimised.
const YAML_STACK: usize = 32 * 1024 * 1024;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("The document is not text in UTF-8."))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(unreadable("The document is empty."));
    }
    if is_web_page(start) {
        return Err(unreadable("This is a web page, not a document that describes an API."));
    }
    if sdl::is_sdl(start) {
        return sdl::read(text).map(Content::Sdl);
    }
    let (arena, root) = if start.starts_with(['{', '[']) { json(text) } else { yaml(text) }?;
    Ok(Content::Tree(arena, root))
}

fn json(text: &str) -> Result<(Arena, Cell), Failure> {
    let mut builder = Builder::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let root = ValueSeed { builder: &mut builder, depth: 0 }.deserialize(&mut deserializer);
    match root.and_then(|root| deserializer.end().map(|()| root)) {
        Ok(root) => Ok((builder.arena, root)),
        Err(error) => Err(failure(builder, "JSON", &error)),
    }
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
        Ok(_) => Err(unreadable("The document is neither JSON nor YAML nor GraphQL SDL.")),
        Err(error) => Err(failure(builder, "YAML", &error)),
    }
}

/// What the builder says of a document that it stopped at, else what the parser does.
fn failure(builder: Builder, format: &str, error: &dyn std::error::Error) -> Failure {
    let invalid = || unreadable(format!("The document is not valid {format}: {error}."));
    builder.refusal.unwrap_or_else(invalid)
}

/// What a document of that length may make the parser do: as much as it likes of what is written, and so much of what
/// aliases repeat. How often an anchor is used, and how much of the document is comments, says nothing about it.
fn yaml_options(length: usize) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: None,
            max_events: 4 * MAX_NODES,
            max_nodes: 2 * MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            max_total_scalar_bytes: (2 * length).max(MAX_REPEATED_TEXT),
            max_aliases: MAX_REPEATED,
            max_anchors: MAX_REPEATED,
            max_merge_keys: MAX_REPEATED,
            max_recorded_anchor_events: 2 * MAX_NODES,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPEATED,
        },
        emit_comments: false,
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

pub(super) fn unreadable(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::DocumentUnreadable, message)
}
