//! The three tools that a client sees: their names, descriptions, schemas and arguments.
//!
//! They stand in the context of every conversation, so together they cost at most 600 tokens, not counting the list
//! of sources, which has at most [`MOST_SOURCES`] names.

use std::collections::BTreeMap;
use std::sync::Arc;

use executor_core::approval::Verdict;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The most sources that are named.
pub(crate) const MOST_SOURCES: usize = 50;

const EXECUTE: &str = "Run TypeScript in a sandbox that can only call tools.\n\
    `await tools.<source>.<tool>(args, {connection?})` returns the payload or throws ToolError {code, message, status, hint}; \
    `args` is one flat object. `await tools.search(\"intent\", {limit?})` finds tools; \
    `await tools.describe(\"source.tool\")` gives their TypeScript. `return` a small JSON value: filter and join in code, \
    run independent calls with Promise.all. `emit(text)` shows text to the user; \
    `await tools.executor.ask({title, details?, schema?})` asks them. No fetch, no modules. \
    Writes may wait for a person: the answer then has status and taskId; call `resume`, never execute again.";
const SEARCH: &str = "Find tools by intent. Gives paths with TypeScript signatures to use in `execute`.";
const RESUME: &str = "Wait for a task that `execute` left running or waiting, and get its result.";

/// What `execute` takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExecuteArguments {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) timeout_ms: Option<u64>,
    #[serde(default)]
    pub(crate) wait_ms: Option<u64>,
}

/// What `search_tools` takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SearchArguments {
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) limit: Option<u32>,
}

/// What `resume` takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ResumeArguments {
    pub(crate) task_id: String,
    #[serde(default)]
    pub(crate) wait_ms: Option<u64>,
    /// By approval; taken only where a rule lets the agent decide.
    #[serde(default)]
    pub(crate) decisions: Option<BTreeMap<String, Verdict>>,
}

/// Reads a tool's arguments. The error is a sentence for the model.
pub(crate) fn arguments<T: DeserializeOwned>(given: Option<&JsonObject>) -> Result<T, String> {
    let given = Value::Object(given.cloned().unwrap_or_default());
    serde_json::from_value(given).map_err(|error| error.to_string())
}

/// The three tools, in their fixed order; `sources` are the names that the caller may see.
pub(crate) fn definitions(sources: &[String]) -> Vec<Tool> {
    let execute = tool(
        "execute",
        format!("{EXECUTE}\n{}", source_line(sources)),
        json!({
            "code": {"type": "string", "description": "TypeScript, run as the body of an async function"},
            "timeoutMs": {"type": "integer", "minimum": 1},
            "waitMs": {"type": "integer", "minimum": 0, "description": "Longest wait for the answer; default 45000"},
        }),
        &["code"],
    );
    let search = tool(
        "search_tools",
        SEARCH.to_owned(),
        json!({
            "query": {"type": "string"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        }),
        &["query"],
    );
    let resume = tool(
        "resume",
        RESUME.to_owned(),
        json!({
            "taskId": {"type": "string"},
            "waitMs": {"type": "integer", "minimum": 0},
            "decisions": {
                "type": "object",
                "additionalProperties": {"enum": ["approve", "deny"]},
                "description": "By approval id, only where its modelMayDecide is true",
            },
        }),
        &["taskId"],
    );
    vec![
        execute.with_annotations(ToolAnnotations::from_raw(
            None,
            Some(false),
            Some(true),
            Some(false),
            Some(true),
        )),
        search.with_annotations(ToolAnnotations::from_raw(None, Some(true), None, None, None)),
        // Where a rule lets the agent decide, it may let a write leave.
        resume.with_annotations(ToolAnnotations::from_raw(
            None,
            Some(false),
            Some(false),
            Some(true),
            Some(true),
        )),
    ]
}

/// What the server says about itself; the older clients show it to the model.
pub(crate) fn instructions(sources: &[String]) -> String {
    format!(
        "Executor runs code against all connected APIs under the owner's policies. Find tools with `search_tools`, then \
         do the whole job in one `execute`. {}",
        source_line(sources)
    )
}

fn source_line(sources: &[String]) -> String {
    if sources.is_empty() {
        return "No sources are connected yet.".to_owned();
    }
    let named = sources.iter().take(MOST_SOURCES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match sources.len().saturating_sub(MOST_SOURCES) {
        0 => format!("Sources: {named}."),
        more => format!("Sources: {named}, and {more} more."),
    }
}

fn tool(name: &'static str, description: String, properties: Value, required: &[&str]) -> Tool {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let schema = match schema {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    };
    Tool::new(name, description, Arc::new(schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_together_cost_at_most_600_tokens() {
        let text = serde_json::to_string(&definitions(&[])).unwrap();
        let tokens = text.chars().count().div_ceil(4);
        assert!(tokens <= 600, "{tokens} tokens: {text}");
    }

    #[test]
    fn at_most_fifty_sources_are_named_and_the_rest_is_counted() {
        let sources: Vec<String> = (0..53).map(|number| format!("api{number}")).collect();
        let execute = definitions(&sources)[0].description.clone().unwrap();
        assert!(execute.contains("api0, api1,") && execute.contains("api49, and 3 more."));
        assert!(!execute.contains("api50"));
        assert!(instructions(&sources).contains("and 3 more."));
        assert!(instructions(&[]).contains("No sources"));
    }

    #[test]
    fn wrong_arguments_are_named() {
        let given = |value: Value| value.as_object().cloned().unwrap();
        let error =
            arguments::<ExecuteArguments>(Some(&given(json!({"code": "1", "timeout": 5})))).unwrap_err();
        assert!(error.contains("timeout") && error.contains("timeoutMs"), "{error}");
        assert!(arguments::<ResumeArguments>(None).unwrap_err().contains("taskId"));
        assert_eq!(arguments::<SearchArguments>(Some(&given(json!({"query": "q"})))).unwrap().limit, None);
    }
}
