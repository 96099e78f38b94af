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
    let references = References::new(document).ok_or_else(|| unsupported(root))?;
    let (routes, mut skipped) = operations::all(&references);
    if routes.is_empty() && skipped.is_empty() {
        return Err(Failure::new(ErrorCode::NoOperations, "The document has no operations."));
    }
    let offered = servers::all(&references);
    let (base_url, server) = servers::chosen(&offered, options)?;
    let security = Security::read(&references, options.document_url);
    let named = included(&routes, options)?;
    let mut shared = Shared::new(references);
    let total = named.len();
    let mut tools = Vec::with_capacity(total);
    let mut workshop = Workshop { shared: &mut shared, security: &security, options, base_url: &base_url };
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
    skipped.extend(operations::incoming(&shared.references, &routes));
    let schemas = shared.finish();
    (options.progress)(total as u64, total as u64);
    let info = root.get("info");
    let about = |key: &str| info.and_then(|info| info.get(key)).and_then(Node::as_text).map(String::from);
    Ok(Import {
        title: about("title").unwrap_or_default(),
        description: about("description").unwrap_or_default(),
        version: about("version"),
        base_url,
        servers: offered,
        server,
        tools,
        schemas,
        context: None,
        skipped,
        methods: security.methods(),
    })
}

/// The operations that are wanted, with their names, which do not depend on what is wanted.
fn included<'r, 'd>(
    routes: &'r [Route<'d>],
    options: &ImportOptions<'_>,
) -> Result<Vec<(&'r Route<'d>, String)>, Failure> {
    let is_included = |(route, _): &(&Route<'_>, String)| options.includes(route.path, route.tag());
    let included: Vec<_> = routes.iter().zip(names(routes)).filter(is_included).collect();
    if included.is_empty() && !routes.is_empty() {
        let message = format!("None of the document's {} operations is included.", routes.len());
        return Err(Failure::new(ErrorCode::NoOperations, message)
            .with_hint("`include` takes the beginnings of paths, as `/me/messages`, or of tags."));
    }
    Ok(included)
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
    let version = |key: &str| root.get(key).and_then(Node::as_text);
    let message = match (version("swagger"), version("openapi")) {
        (Some(version), _) => format!("This is a Swagger {version} document, and only 2.0 can be imported."),
        (_, Some(version)) => {
            format!("This is an OpenAPI {version} document, and only 3.0 to 3.2 can be imported.")
        }
        _ => "This is not an OpenAPI document.".to_owned(),
    };
    Failure::new(ErrorCode::DocumentUnsupported, message)
}
