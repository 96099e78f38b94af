//! The forms in which a program may be written, all made into the body of one async function: statements, of which the
//! last returns the program's value where the program is an expression, a function, or exports a default.

use oxc_allocator::{Allocator, ArenaVec, TakeIn};
use oxc_ast::ast::{
    ExportDefaultDeclarationKind, Expression, Function, FunctionType, ImportOrExportKind, ModuleDeclaration,
    Program, Statement,
};
use oxc_ast::builder::AstBuilder;
use oxc_span::{GetSpan, SPAN};

use super::Refusal;

/// Rewrites the program's statements to those of its body.
pub(super) fn make_body<'a>(allocator: &'a Allocator, program: &mut Program<'a>) -> Result<(), Refusal> {
    let builder = AstBuilder::new(allocator);
    program.hashbang = None;
    refuse_modules(program)?;
    if let Some(value) = sole_value(&builder, program) {
        program.body = ArenaVec::from_array_in([returned(value, &builder)], &builder);
        return Ok(());
    }
    let mut default = None;
    let statements = program.body.take_in(&builder);
    let mut body = ArenaVec::with_capacity_in(statements.len() + 1, &builder);
    for statement in statements {
        match statement {
            Statement::ExportDefaultDeclaration(export) => {
                default = exported(export.unbox().declaration, &builder)
            }
            other => body.push(other),
        }
    }
    if let Some(value) = default {
        body.push(returned(value, &builder));
    }
    program.body = body;
    Ok(())
}

/// The value of a program that is nothing but an expression, or one function.
fn sole_value<'a>(builder: &AstBuilder<'a>, program: &mut Program<'a>) -> Option<Expression<'a>> {
    // A text alone parses as a directive.
    if program.body.is_empty() && program.directives.len() == 1 {
        let directive = program.directives.pop()?;
        return Some(Expression::new_string_literal(
            directive.expression.span,
            directive.expression.value,
            None,
            builder,
        ));
    }
    if program.body.len() != 1 {
        return None;
    }
    match program.body.first_mut()? {
        Statement::ExpressionStatement(statement) => {
            Some(called_if_function(statement.expression.take_in(builder), builder))
        }
        Statement::FunctionDeclaration(function) if function.r#type == FunctionType::FunctionDeclaration => {
            Some(called(function_expression(function.take_in(builder), builder), builder))
        }
        _ => None,
    }
}

/// The value of `export default`.
fn exported<'a>(
    declaration: ExportDefaultDeclarationKind<'a>,
    builder: &AstBuilder<'a>,
) -> Option<Expression<'a>> {
    match declaration {
        ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
            Some(called(function_expression(function.unbox(), builder), builder))
        }
        ExportDefaultDeclarationKind::ClassDeclaration(_)
        | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => None,
        expression => Some(called_if_function(expression.into_expression(), builder)),
    }
}

fn function_expression<'a>(mut function: Function<'a>, builder: &AstBuilder<'a>) -> Expression<'a> {
    function.r#type = FunctionType::FunctionExpression;
    Expression::FunctionExpression(oxc_allocator::Box::new_in(function, builder))
}

fn called_if_function<'a>(expression: Expression<'a>, builder: &AstBuilder<'a>) -> Expression<'a> {
    match expression.get_inner_expression() {
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => {
            called(expression, builder)
        }
        _ => expression,
    }
}

fn called<'a>(function: Expression<'a>, builder: &AstBuilder<'a>) -> Expression<'a> {
    let callee = Expression::new_parenthesized_expression(function.span(), function, builder);
    Expression::new_call_expression(SPAN, callee, None, ArenaVec::new_in(builder), false, builder)
}

fn returned<'a>(value: Expression<'a>, builder: &AstBuilder<'a>) -> Statement<'a> {
    Statement::new_return_statement(value.span(), Some(value), builder)
}

/// Takes away the imports and exports that are types only, and refuses the others but for `export default`.
fn refuse_modules(program: &mut Program<'_>) -> Result<(), Refusal> {
    program.body.retain(|statement| !is_types_only(statement));
    for statement in &program.body {
        let Some(declaration) = statement.as_module_declaration() else { continue };
        let (message, hint) = match declaration {
            ModuleDeclaration::ExportDefaultDeclaration(_) => continue,
            ModuleDeclaration::ImportDeclaration(_) => {
                ("`import` is not available here: there are no modules", TOOLS_INSTEAD)
            }
            _ => ("`export` is not available here: the code is no module", "Give the result with `return`."),
        };
        return Err(Refusal { span: declaration.span(), message, hint });
    }
    Ok(())
}

const TOOLS_INSTEAD: &str =
    "Everything outside is a tool: `await tools.<source>.<tool>(…)`; find one with `tools.search(\"…\")`.";

fn is_types_only(statement: &Statement<'_>) -> bool {
    match statement.as_module_declaration() {
        Some(ModuleDeclaration::ImportDeclaration(import)) => import.import_kind == ImportOrExportKind::Type,
        Some(ModuleDeclaration::ExportNamedDeclaration(export)) => {
            export.export_kind == ImportOrExportKind::Type || export.specifiers.is_empty()
        }
        Some(ModuleDeclaration::ExportDeclaration(export)) => export.declaration.is_type(),
        _ => false,
    }
}
