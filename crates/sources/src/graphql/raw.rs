//! A document that a call gives whole.
//!
//! What holds: one operation is sent, written anew from what was understood, with the fragments that it uses and nothing
//! else. Each root field that it reaches, by whatever way, is named: the call goes only where calls of all of their tools
//! would. What cannot be resolved is refused.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::OperationType;
use apollo_compiler::executable::Operation;
use apollo_compiler::parser::Parser;

use super::api::Api;
use super::operation::Kind;
use super::{problem, reached};

/// The deepest nesting of a document or selection.
pub(super) const MAX_DEPTH: usize = 64;
/// The most tokens of a document or selection.
pub(super) const MAX_TOKENS: usize = 20_000;
/// The most bytes of a document.
const MAX_TEXT: usize = 256 * 1024;

/// What is sent of a document.
pub(super) struct Sent {
    /// The operation and its fragments.
    pub(super) query: String,
    /// The operation's name, if it has one.
    pub(super) name: Option<String>,
    /// The tools of the root fields that it reaches.
    pub(super) tools: Vec<String>,
}

/// Reads a document. What is wrong with it is a sentence.
pub(super) fn read(api: &Api, kind: Kind, text: &str, name: Option<&str>) -> Result<Sent, String> {
    const WHAT: &str = "The document";
    if text.len() > MAX_TEXT {
        return Err(format!("The document is longer than {} KiB.", MAX_TEXT / 1024));
    }
    let mut parser = Parser::new().recursion_limit(MAX_DEPTH).token_limit(MAX_TOKENS);
    let document = parser.parse_executable(api.schema(), text, "query");
    let document = document.map_err(|invalid| problem::first(api, &invalid.errors, WHAT, 0))?;
    let document = document.validate(api.schema());
    let document = document.map_err(|invalid| problem::first(api, &invalid.errors, WHAT, 0))?;
    let operation = document.operations.get(name).map_err(|_| which(&document, name))?;
    check_kind(operation, kind)?;
    let reached = reached::by(api, &operation.selection_set, &document.fragments)?;
    let mut alone = ExecutableDocument::new();
    alone.operations.insert(operation.clone());
    let used = document.fragments.iter().filter(|(name, _)| reached.fragments.contains(*name));
    alone.fragments.extend(used.map(|(name, fragment)| (name.clone(), fragment.clone())));
    Ok(Sent {
        query: alone.serialize().no_indent().to_string(),
        name: operation.name.as_ref().map(ToString::to_string),
        tools: reached.tools.into_iter().map(str::to_owned).collect(),
    })
}

fn which(document: &ExecutableDocument, name: Option<&str>) -> String {
    let names: Vec<_> = document.operations.named.keys().map(|name| format!("`{name}`")).collect();
    match (name, names.as_slice()) {
        (None, []) => "The document has no operation.".to_owned(),
        (None, _) => format!(
            "The document has several operations; say with `operationName` which: {}.",
            names.join(", ")
        ),
        (Some(name), []) => format!("The document has no operation called `{name}`."),
        (Some(name), _) => {
            format!("The document has no operation called `{name}`, but {}.", names.join(", "))
        }
    }
}

fn check_kind(operation: &Operation, kind: Kind) -> Result<(), String> {
    match (operation.operation_type, kind) {
        (OperationType::Subscription, _) => {
            Err("A subscription cannot be called: it sends one answer after another.".to_owned())
        }
        (OperationType::Mutation, Kind::Query) => {
            Err("The operation is a mutation; send it with the tool for mutations.".to_owned())
        }
        (OperationType::Query, Kind::Mutation) => {
            Err("The operation is a query; send it with the tool for queries.".to_owned())
        }
        _ => Ok(()),
    }
}
