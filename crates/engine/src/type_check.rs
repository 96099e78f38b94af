//! A program against the declarations of the tools that it uses, before it runs.

use std::collections::{BTreeMap, BTreeSet};

use executor_catalog::typescript::{Library, signature};
use executor_core::path::fold;
use executor_core::task::Warning;
use executor_core::tool::Tool;
use executor_core::{ErrorCode, Failure, Json, Principal};
use executor_sandbox::type_check::{CheckError, TypeError};

use crate::Inner;
use crate::directory::Snapshot;
use crate::gate::{self, Refusal};

/// The most tools that are declared for a program, and whose signatures are told with its errors.
const MOST_TOOLS: usize = 100;
const MOST_SIGNATURES: usize = 5;

/// What becomes of a program that does not fit the tools that it uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TypeCheck {
    /// Nobody looks.
    #[default]
    Off,
    /// It runs, and the answer warns.
    Warn,
    /// It is refused.
    Strict,
}

impl Inner {
    /// Checks a program: the warnings that go with its answer, or its refusal.
    pub(crate) async fn check_types(
        &self,
        principal: &Principal,
        snapshot: &Snapshot,
        code: &str,
    ) -> Result<Vec<Warning>, Failure> {
        let Some(checker) = self.type_checker.as_ref().filter(|_| self.settings.type_check != TypeCheck::Off)
        else {
            return Ok(Vec::new());
        };
        let used = self.used_tools(principal, snapshot, code).await?;
        let errors = match checker.check(code, &used.declarations).await {
            Ok(errors) => errors,
            Err(error) => {
                if !matches!(error, CheckError::Timeout) {
                    tracing::warn!(%error, "code is not checked before it runs");
                }
                return Ok(Vec::new());
            }
        };
        if errors.is_empty() || self.settings.type_check == TypeCheck::Warn {
            return Ok(errors.iter().map(warning).collect());
        }
        let told: Vec<_> = errors.iter().map(told).collect();
        let hint = match used.signatures.as_slice() {
            [] => "Correct it and send it again.".to_owned(),
            signatures => format!("It uses {}.", signatures.join("; ")),
        };
        Err(Failure::new(ErrorCode::TypeError, told.join("\n")).with_hint(hint))
    }

    async fn used_tools(
        &self,
        principal: &Principal,
        snapshot: &Snapshot,
        code: &str,
    ) -> Result<Used, Failure> {
        let mut by_source: BTreeMap<String, OfSource> = BTreeMap::new();
        let mut signatures = Vec::new();
        let mut seen = BTreeSet::new();
        for path in paths(code).into_iter().take(MOST_TOOLS) {
            let (source, tool) = match gate::find(self, snapshot, principal, &path).await {
                Ok(found) => found,
                // The call says so itself when it is made.
                Err(Refusal::Tool(_)) => continue,
                Err(Refusal::Storage(error)) => return Err(crate::failure::of_store(&error)),
            };
            // By an old path it is declared under that, since that is what the code says.
            let mut declared = tool.tool.clone();
            match path.split_once('.') {
                Some((_, name)) if fold(name) != fold(&declared.name) => declared.name = name.to_owned(),
                _ => {}
            }
            let is_new = seen.insert((source.name.clone(), declared.name.clone()));
            if gate::is_hidden(snapshot, principal, tool.path.as_str()) || !is_new {
                continue;
            }
            if signatures.len() < MOST_SIGNATURES {
                signatures
                    .push(format!("`{}`", signature(&tool.path, &tool.tool, &|name| tool.schema(name))));
            }
            let of_source = by_source.entry(source.name.clone()).or_default();
            of_source.tools.push(declared);
            of_source.schemas.extend(tool.schemas.clone());
        }
        let mut library = Library::open();
        for (source, OfSource { tools, schemas }) in by_source {
            library.add(&source, &tools, &|name| schemas.get(name).cloned());
        }
        Ok(Used { declarations: library.finish(), signatures })
    }
}

/// What a program uses of a source.
#[derive(Default)]
struct OfSource {
    tools: Vec<Tool>,
    schemas: BTreeMap<String, Json>,
}

/// The tools that a program uses.
struct Used {
    declarations: String,
    signatures: Vec<String>,
}

fn told(error: &TypeError) -> String {
    let place = error.location;
    format!("Line {}, column {}: {}", place.line, place.column, error.message)
}

fn warning(error: &TypeError) -> Warning {
    Warning { code: ErrorCode::TypeError.as_str().to_owned(), call: None, message: told(error) }
}

/// The paths that stand after `tools` in a text: `tools.github.issues.create`. It is a look at the text, no parse of it: one
/// that is missed is checked against anything, and one too many only declared.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("tools") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|before| is_part(before) || before == '.') {
            continue;
        }
        let mut segments: Vec<&str> = Vec::new();
        let mut rest = &code[at + "tools".len()..];
        while let Some((segment, after)) = next_segment(rest) {
            segments.push(segment);
            rest = after;
            if segments.len() > 1 {
                found.insert(segments.join("."));
            }
        }
    }
    found
}

/// `.name`, or `["name"]`, with space around it.
fn next_segment(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('.').or_else(|| text.strip_prefix("?.")) {
        let rest = rest.trim_start();
        let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        return (end > 0).then(|| rest.split_at(end));
    }
    let rest = text.strip_prefix('[')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (name, rest) = rest[1..].split_once(quote)?;
    Some((name, rest.trim_start().strip_prefix(']')?))
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn paths_are_found_where_they_stand_after_tools() {
        let cases: [(&str, &[&str]); 6] = [
            ("await tools.a.b({})", &["a.b"]),
            ("tools\n  .a\n  .b.c()", &["a.b", "a.b.c"]),
            (r#"tools["a"]['b']() + tools?.c.d"#, &["a.b", "c.d"]),
            ("mytools.a.b; x.tools.a.b; toolsets.a.b", &[]),
            ("const { a } = tools; tools[name].b; tools.", &[]),
            ("tools.a.b(tools.c.d())", &["a.b", "c.d"]),
        ];
        for (code, expected) in cases {
            assert_eq!(paths(code).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{code}");
        }
    }
}
