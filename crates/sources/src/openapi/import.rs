//! A whole document as tools.

use executor_core::{ErrorCode, Failure};

use super::naming::{Naming, unique};
use super::reference::References;
use super::security::Security;
use super::shared::Shared;
use super::tool::{Route, Workshop};
use super::{operations, servers};
use crate::document::{Document, Node};
use crate::import::{Import, ImportOptions, Skipped};

/// How many operations pass between two reports of progress.
const STEP: usize = 100;

/// Makes each operation of the document a tool.
pub(super) fn import(document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
    let root = document.root();
    let is_3_0 = match operations::version(root) {
        Some(version) => version.starts_with("3.0"),
        None => return Err(unsupported(root)),
    };
    let references = References::new(document);
    let (routes, mut skipped) = operations::all(&references, root);
    if routes.is_empty() && skipped.is_empty() {
        return Err(Failure::new(ErrorCode::NoOperations, "The document has no operations."));
    }
    let base_url = servers::base_url(root, options)?;
    let security = Security::read(&references, root);
    let named: Vec<_> = routes.iter().zip(names(&routes)).collect();
    let named: Vec<_> =
        named.into_iter().filter(|(route, _)| options.includes(route.path, route.tag())).collect();
    if named.is_empty() && !routes.is_empty() {
        let message = format!("None of the document's {} operations is included.", routes.len());
        return Err(Failure::new(ErrorCode::NoOperations, message)
            .with_hint("`include` takes the beginnings of paths, as `/me/messages`, or of tags."));
    }
    let mut shared = Shared::new(references);
    let total = named.len();
    let mut tools = Vec::with_capacity(total);
    let mut workshop =
        Workshop { shared: &mut shared, security: &security, is_3_0, options, base_url: &base_url };
    for (done, (route, name)) in named.into_iter().enumerate() {
        if done % STEP == 0 {
            (options.progress)(done as u64, total as u64);
        }
        match workshop.tool(route, name) {
            Ok(tool) => tools.push(tool),
            Err(reason) => skipped.push(Skipped { operation: route.to_string(), reason }),
        }
    }
    if tools.is_empty() {
        let reason = skipped.first().map(|first| format!(" {}: {}", first.operation, first.reason));
        let message = format!("No operation could become a tool.{}", reason.unwrap_or_default());
        return Err(Failure::new(ErrorCode::NoOperations, message));
    }
    let schemas = shared.finish(is_3_0);
    (options.progress)(total as u64, total as u64);
    let info = root.get("info");
    let about = |key: &str| info.and_then(|info| info.get(key)).and_then(Node::as_text).map(String::from);
    Ok(Import {
        title: about("title").unwrap_or_default(),
        description: about("description").unwrap_or_default(),
        version: about("version"),
        base_url,
        tools,
        schemas,
        context: None,
        skipped,
        methods: security.methods(),
    })
}

fn names(routes: &[Route<'_>]) -> Vec<String> {
    let named = routes.iter().map(|route| {
        let naming = Naming {
            tag: route.tag(),
            operation_id: route.node.text("operationId"),
            method: route.method,
            path: route.path,
        };
        // The path comes first, so that methods of one path stay together when routes are compared.
        (naming.name(), format!("{} {}", route.path, route.method))
    });
    unique(&named.collect::<Vec<_>>())
}

fn unsupported(root: Node<'_>) -> Failure {
    let message = match (root.get("swagger"), root.get("openapi").and_then(Node::as_text)) {
        (Some(_), _) => "This is a Swagger 2.0 document.".to_owned(),
        (_, Some(version)) => format!("This is an OpenAPI {version} document."),
        _ => "This is not an OpenAPI document.".to_owned(),
    };
    Failure::new(ErrorCode::DocumentUnsupported, message)
}
