//! Whether a document is what an MCP server lists, and what it holds at a glance.

use executor_core::tool::SourceKind;

use super::{import, signing};
use crate::document::Document;
use crate::import::Detection;
use crate::openapi::naming;

/// Words of a name that say nothing about what the server is.
const EMPTY_WORDS: [&str; 4] = ["mcp", "server", "servers", "the"];

pub(super) fn detect(document: &Document) -> Option<Detection> {
    let root = document.root();
    let about = root.get("mcp").filter(|about| about.is_object())?;
    root.get("tools").filter(|tools| tools.is_list())?;
    let title = import::title(about);
    let name = about.get("serverInfo").and_then(|info| info.text("name")).unwrap_or(title);
    Some(Detection {
        kind: SourceKind::Mcp,
        confidence: 1.0,
        title: title.to_owned(),
        suggested_name: suggested_name(name),
        base_url: about.text("address").map(str::to_owned),
        operations: import::count(root),
        servers: Vec::new(),
        methods: signing::methods(None),
    })
}

/// `mcp-servers/everything` as `everything`.
fn suggested_name(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words = words.map(str::to_ascii_lowercase).filter(|word| !word.is_empty());
    let telling: Vec<_> = words.filter(|word| !EMPTY_WORDS.contains(&word.as_str())).take(2).collect();
    naming::segment(&telling.join("_")).unwrap_or_else(|| "mcp".to_owned())
}
