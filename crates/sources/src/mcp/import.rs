//! A server's document as tools: its tools by their own names, its prompts under `prompts`, its resources under
//! `resources`.

use std::collections::HashSet;

use executor_core::tool::{SharedSchema, Tool};
use executor_core::{ErrorCode, Failure};

use super::endpoint::Endpoint;
use super::{names, prompt, resources, signing, tool};
use crate::document::{Document, Node};
use crate::import::{Import, ImportOptions, Skipped};
use crate::openapi::text;

/// How many items pass between two reports of progress.
const STEP: usize = 100;
/// The most tools of one source.
const MAX_TOOLS: usize = 20_000;

/// What all tools of an import have in common.
#[derive(Default)]
pub(super) struct Workshop {
    pub(super) trusted: bool,
    /// The names of the schemas so far, which no other may have.
    pub(super) names: HashSet<String>,
    pub(super) schemas: Vec<SharedSchema>,
}

/// Something that becomes a tool, before it has its name.
pub(super) enum Item<'d> {
    Tool(Node<'d>),
    Prompt(Node<'d>),
    ReadResource,
    ListResources,
}

/// Makes tools of all that is listed.
pub(super) fn import(document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
    let root = document.root();
    let Some(about) = root.get("mcp").filter(|about| about.is_object()) else {
        return Err(Failure::new(ErrorCode::DocumentUnsupported, "This is not what an MCP server lists."));
    };
    let address = options.base_url.or(options.document_url).ok_or_else(|| {
        Failure::new(ErrorCode::BaseUrlRequired, "What an MCP server lists does not say where it is.")
    })?;
    let endpoint = Endpoint::parse(address);
    let endpoint = endpoint.map_err(|failure| Failure::new(ErrorCode::BaseUrlRequired, failure.message))?;
    let items = items(root);
    if items.len() > MAX_TOOLS {
        let message = format!("The server lists more than {MAX_TOOLS} tools.");
        return Err(Failure::new(ErrorCode::DocumentTooLarge, message));
    }
    let mut workshop = Workshop { trusted: options.trusted, ..Workshop::default() };
    let (mut tools, mut skipped) = (Vec::with_capacity(items.len()), Vec::new());
    for (done, (item, name)) in items.iter().zip(names::all(&items)).enumerate() {
        if done % STEP == 0 {
            (options.progress)(done as u64, items.len() as u64);
        }
        match make(&mut workshop, root, item, name) {
            Ok(tool) => tools.push(tool),
            Err(reason) => skipped.push(Skipped { operation: item.route(), reason }),
        }
    }
    if tools.is_empty() {
        let reason = skipped.first().map(|first| format!(" {}: {}", first.operation, first.reason));
        let message =
            format!("The MCP server offers nothing that could become a tool.{}", reason.unwrap_or_default());
        return Err(Failure::new(ErrorCode::NoOperations, message));
    }
    (options.progress)(items.len() as u64, items.len() as u64);
    let mut schemas = workshop.schemas;
    schemas.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Import {
        title: title(about).to_owned(),
        description: text::bounded(about.text("instructions").unwrap_or_default()),
        version: about.get("serverInfo").and_then(|info| info.text("version")).map(str::to_owned),
        base_url: Endpoint::normal(address)?,
        tools,
        schemas,
        context: None,
        skipped,
        servers: Vec::new(),
        server: None,
        methods: signing::methods(Some(&endpoint)),
    })
}

/// What a server calls itself.
pub(super) fn title(about: Node<'_>) -> &str {
    let Some(info) = about.get("serverInfo") else { return "" };
    info.text("title").or_else(|| info.text("name")).unwrap_or_default()
}

/// All that is listed, in the order of the document.
fn items(root: Node<'_>) -> Vec<Item<'_>> {
    let list = |key: &str| root.get(key).into_iter().flat_map(Node::items);
    let mut items: Vec<_> = list("tools").map(Item::Tool).collect();
    items.extend(list("prompts").map(Item::Prompt));
    if list("resources").next().is_some() {
        items.push(Item::ListResources);
    }
    if list("resources").chain(list("resourceTemplates")).next().is_some() {
        items.push(Item::ReadResource);
    }
    items
}

/// How many tools a document would make.
pub(super) fn count(root: Node<'_>) -> u64 {
    items(root).len() as u64
}

fn make(workshop: &mut Workshop, root: Node<'_>, item: &Item<'_>, name: String) -> Result<Tool, String> {
    match item {
        Item::Tool(node) => tool::tool(workshop, *node, name),
        Item::Prompt(node) => prompt::tool(*node, name),
        Item::ReadResource => resources::read(root, name),
        Item::ListResources => resources::list(name),
    }
}

impl Item<'_> {
    /// The name that the server gives it.
    pub(super) fn own_name(&self) -> &str {
        match self {
            Self::Tool(node) | Self::Prompt(node) => node.text("name").unwrap_or_default(),
            Self::ReadResource => "read",
            Self::ListResources => "list",
        }
    }

    fn route(&self) -> String {
        match self {
            Self::Tool(_) => format!("tools/call {}", self.own_name()),
            Self::Prompt(_) => format!("prompts/get {}", self.own_name()),
            Self::ReadResource => "resources/read".to_owned(),
            Self::ListResources => "resources/list".to_owned(),
        }
    }
}
