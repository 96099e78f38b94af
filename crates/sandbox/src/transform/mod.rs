//! From TypeScript as people and models write it to one JavaScript expression: an async function that is the program.
//!
//! Runs in the jailed worker only: the parser is recursive, and text that is nested deeply enough overflows its stack.
//! That kills the worker, and nothing else.

mod fence;
mod form;
mod mapping;

use std::path::Path;

use executor_core::task::Location;
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::{SourceType, Span};
use oxc_transformer::{TransformOptions, Transformer};

pub(crate) use mapping::Mapping;

use crate::output::CompileError;
use crate::program::{CompiledProgram, REPLAY_VERSION};

/// What stands before the program's statements, one line, and after them.
const BEFORE: &str = "(async () => {\n";
const AFTER: &str = "\n})";
/// The lines of [`BEFORE`].
const LINES_BEFORE: usize = 1;

/// Compiles a program as submitted.
pub(crate) fn compile(submitted: &str) -> Result<CompiledProgram, CompileError> {
    let source = fence::remove(submitted);
    match compile_text(&source, 0) {
        Ok(program) => Ok(program),
        // A function without a name and an object are no statements, but they are expressions.
        Err(error) => compile_text(&format!("({source}\n)"), 1).map_err(|_| error),
    }
}

/// Compiles `source`, whose first `inserted` bytes are not the user's.
fn compile_text(source: &str, inserted: u32) -> Result<CompiledProgram, CompileError> {
    let allocator = Allocator::default();
    let mut program = parse(&allocator, source)?;
    form::make_body(&allocator, &mut program).map_err(|refusal| CompileError {
        message: refusal.message.to_owned(),
        location: Some(location_of(source, refusal.span.start)),
        hint: Some(refusal.hint.to_owned()),
    })?;
    strip_types(&allocator, source, &mut program)?;
    let options = CodegenOptions {
        comments: CommentOptions::disabled(),
        source_map_path: Some("program".into()),
        ..CodegenOptions::default()
    };
    let generated = Codegen::new().with_options(options).build(&program);
    let mappings = generated.map.map(|map| map.to_json().mappings).unwrap_or_default();
    let mapping = Mapping::encode(&mappings, inserted);
    let code = format!("{BEFORE}{}{AFTER}", generated.code);
    Ok(CompiledProgram { replay_version: REPLAY_VERSION, code, mapping })
}

/// The code without the Markdown around it. Lines keep their numbers.
pub(crate) fn without_fence(text: &str) -> std::borrow::Cow<'_, str> {
    fence::remove(text)
}

fn parse<'a>(allocator: &'a Allocator, source: &'a str) -> Result<Program<'a>, CompileError> {
    let source_type = SourceType::ts().with_module(true);
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(allocator, source, source_type).with_options(options).parse();
    match parsed.diagnostics.errors().next() {
        Some(diagnostic) => Err(error_of(
            source,
            diagnostic.message.as_ref(),
            diagnostic.labels.first().map(|label| label.offset()),
        )),
        None if parsed.panicked => Err(error_of(source, "the code cannot be parsed", None)),
        None => Ok(parsed.program),
    }
}

fn strip_types<'a>(
    allocator: &'a Allocator,
    source: &'a str,
    program: &mut Program<'a>,
) -> Result<(), CompileError> {
    // Early errors are found here rather than by the engine: here they have their place in the user's own text.
    let semantic = SemanticBuilder::new().with_check_syntax_error(true).with_enum_eval(true).build(program);
    if let Some(diagnostic) = semantic.diagnostics.errors().next() {
        let offset = diagnostic.labels.first().map(|label| label.offset());
        return Err(error_of(source, diagnostic.message.as_ref(), offset));
    }
    let scoping = semantic.semantic.into_scoping();
    let options = TransformOptions::default();
    let transformed =
        Transformer::new(allocator, Path::new("program.ts"), &options).build_with_scoping(scoping, program);
    match transformed.diagnostics.errors().next() {
        Some(diagnostic) => Err(error_of(
            source,
            diagnostic.message.as_ref(),
            diagnostic.labels.first().map(|label| label.offset()),
        )),
        None => Ok(()),
    }
}

fn error_of(source: &str, message: &str, offset: Option<u32>) -> CompileError {
    CompileError {
        message: message.to_owned(),
        location: offset.map(|offset| location_of(source, offset)),
        hint: None,
    }
}

fn location_of(source: &str, offset: u32) -> Location {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(source.len());
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Location {
        line: count(before.matches('\n').count() + 1),
        column: count(before[line_start..].encode_utf16().count() + 1),
    }
}

/// Why a program that parses is refused.
struct Refusal {
    span: Span,
    message: &'static str,
    hint: &'static str,
}

#[cfg(test)]
mod tests;
