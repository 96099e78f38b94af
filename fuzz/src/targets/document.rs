//! A document of whatever kind, as JSON and as YAML.

use executor_core::ErrorCode;
use executor_sources::Document;

use crate::Target;
use crate::kinds::KINDS;
use crate::nested::{LEVELS, json, nested, seeds};

pub(super) const JSON: Target = Target { name: "document_json", run: read, deep: || seeds(json()) };
pub(super) const YAML: Target = Target { name: "document_yaml", run: run_yaml, deep: deep_yaml };

fn read(bytes: &[u8]) {
    match Document::read(bytes) {
        Ok(document) => KINDS.iter().for_each(|kind| drop(kind.detect(&document))),
        Err(failure) => {
            assert_ne!(failure.code, ErrorCode::Internal, "{failure:?}");
            assert!(failure.message.len() < 4_000, "{}", failure.message.len());
        }
    }
}

/// What begins like JSON is read as JSON, so a comment goes before it.
fn run_yaml(bytes: &[u8]) {
    read(&[b"#\n", bytes].concat());
}

fn deep_yaml() -> Vec<Vec<u8>> {
    let nestings = [
        nested("[", "", "]"),
        nested("{a: ", "b", "}"),
        nested("[{a: ", "b", "}]"),
        "- ".repeat(LEVELS),
        "? ".repeat(LEVELS),
        "a: &a\n".repeat(LEVELS),
        "!!map ".repeat(LEVELS),
        format!("a: {}", "[".repeat(LEVELS)),
        format!("a: &a {}\nb: *a", nested("[", "", "]")),
    ];
    seeds(nestings.into_iter().chain(json()))
}
