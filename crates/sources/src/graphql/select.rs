//! The selection that a call gives, which may be any text.
//!
//! What holds: what comes of it is one selection set of the field's own type, written anew from what was understood. So
//! nothing in the text can end the field that it is meant for and reach another.

use apollo_compiler::ast::{Definition, NamedType};
use apollo_compiler::executable::SelectionSet;
use apollo_compiler::parser::{Parser, SourceMap};

use super::api::Api;
use super::problem;
use super::raw::{MAX_DEPTH, MAX_TOKENS};

/// The most bytes of a selection.
const MAX_TEXT: usize = 64 * 1024;
/// What is not valid.
pub(super) const WHAT: &str = "The selection";

/// Reads a selection, which may be without its outer braces. What is wrong with it is a sentence.
pub(super) fn read(api: &Api, ty: &NamedType, text: &str) -> Result<(SelectionSet, SourceMap), String> {
    if text.len() > MAX_TEXT {
        return Err(format!("The selection is longer than {} KiB.", MAX_TEXT / 1024));
    }
    // It gets its own lines, so that a comment in it ends and its lines are counted.
    let document = match text.trim_start().starts_with('{') {
        true => format!("fragment selection on {ty}\n{text}\n"),
        false => format!("fragment selection on {ty} {{\n{text}\n}}"),
    };
    let mut parser = Parser::new().recursion_limit(MAX_DEPTH).token_limit(MAX_TOKENS);
    let parsed = parser.parse_ast(document, "select");
    let parsed = parsed.map_err(|invalid| problem::first(api, &invalid.errors, WHAT, LINES_BEFORE))?;
    let [Definition::FragmentDefinition(_)] = parsed.definitions.as_slice() else {
        return Err("The selection is not one selection set: something follows its last brace.".to_owned());
    };
    let typed = parsed.to_executable(api.schema());
    let typed = typed.map_err(|invalid| problem::first(api, &invalid.errors, WHAT, LINES_BEFORE))?;
    let fragment = typed.fragments.into_values().next();
    let set = fragment.map(|fragment| fragment.selection_set.clone());
    Ok((set.unwrap_or_else(|| SelectionSet::new(ty.clone())), typed.sources))
}

/// How many lines stand before the text, for whoever says where in it something is.
pub(super) const LINES_BEFORE: usize = 1;
