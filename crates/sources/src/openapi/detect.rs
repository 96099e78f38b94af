//! Whether a document is OpenAPI, and what it holds at a glance.

use executor_core::tool::SourceKind;

use super::reference::References;
use super::security::Security;
use super::{naming, operations, servers};
use crate::document::{Document, Node};
use crate::import::Detection;

/// Words of a title that say nothing about what the API is.
const EMPTY_WORDS: [&str; 11] =
    ["api", "apis", "rest", "the", "v1", "v2", "v3", "openapi", "swagger", "spec", "specification"];

pub(super) fn detect(document: &Document) -> Option<Detection> {
    let root = document.root();
    let references = References::new(document)?;
    let (routes, _) = operations::all(&references);
    let title =
        root.get("info").and_then(|info| info.get("title")).and_then(Node::as_text).unwrap_or_default();
    // A document that names no server is relative to itself, which says nothing yet.
    let servers = servers::all(&references);
    let base_url = servers.iter().find_map(|server| servers::filled(server, &Default::default()));
    let base_url = base_url.filter(|url| url != "/");
    Some(Detection {
        kind: SourceKind::Openapi,
        confidence: if root.get("paths").is_some() { 1.0 } else { 0.8 },
        suggested_name: suggested_name(&title),
        title: title.into_owned(),
        base_url: base_url.map(|url| if url.starts_with("//") { format!("https:{url}") } else { url }),
        servers,
        operations: routes.len() as u64,
        methods: Security::read(&references, None).methods(),
    })
}

/// `GitHub v3 REST API` as `github`.
fn suggested_name(title: &str) -> String {
    let words = title.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<_> = words.map(str::to_ascii_lowercase).filter(|word| !word.is_empty()).collect();
    let telling: Vec<_> =
        words.iter().filter(|word| !EMPTY_WORDS.contains(&word.as_str())).take(2).cloned().collect();
    naming::segment(&telling.join("_")).unwrap_or_else(|| "api".to_owned())
}
