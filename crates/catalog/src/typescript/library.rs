//! All tools as one file of declarations, for editors and for the TypeScript compiler.
//!
//! Each source is a namespace, in which its shared types are declared once; `tools` is put together from them. Nothing is
//! cut short here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use executor_core::tool::Tool;
use serde_json::Value;

use super::declaration::{declaration, parameter};
use super::literal::{comment, property};
use super::types::{Layout, Types, Wanted};
use crate::Resolve;
use crate::schema::Way;

/// What is there without any source.
const GLOBALS: &str = concat!(
    include_str!("file.d.ts"),
    "\n",
    include_str!("file_argument.d.ts"),
    "\n",
    include_str!("globals.d.ts")
);

/// Stands for the tools that are not declared.
const ANYTHING: &str = "[name: string]: any;";

/// The longest comment on a tool, in bytes.
const MAX_SUMMARY: usize = 300;

/// The file as it is written, source by source.
#[derive(Debug, Default)]
pub struct Library {
    text: String,
    /// By its name, the namespace of each source.
    sources: Vec<(String, String)>,
    is_open: bool,
}

/// Tools by the segments of their paths.
#[derive(Default)]
struct Branch {
    /// The type of the tool that is called as the branch is, and what is said of it.
    tool: Option<(String, String)>,
    members: BTreeMap<String, Branch>,
}

impl Library {
    /// Nothing but what is there without any source.
    #[must_use]
    pub fn new() -> Self {
        Self { text: GLOBALS.to_owned(), sources: Vec::new(), is_open: false }
    }

    /// The same, where there are more tools than those that are added: they take and give anything.
    #[must_use]
    pub fn open() -> Self {
        Self { is_open: true, ..Self::new() }
    }

    /// Adds a source with its tools.
    pub fn add(&mut self, source: &str, tools: &[Tool], schemas: Resolve<'_>) {
        let namespace = format!("source_{source}");
        let nothing = Value::Null;
        let mut types = Types::new(Layout::Lines, &nothing, schemas, usize::MAX);
        types.reserve("tools");
        let mut root = Branch::default();
        let mut declared = Vec::new();
        for tool in tools {
            let of = signature(tool, &mut types, &mut declared);
            let branch = tool
                .name
                .split('.')
                .fold(&mut root, |branch, segment| branch.members.entry(segment.to_owned()).or_default());
            branch.tool = Some((of, note(tool)));
        }
        while !types.wanted.is_empty() {
            for Wanted { name, unique, way } in std::mem::take(&mut types.wanted) {
                let schema = types.definition(&name).unwrap_or(Value::Bool(true));
                declared.push(types.going(way, |types| declaration(types, &unique, &schema)));
            }
        }
        let _ = writeln!(self.text, "\ndeclare namespace {namespace} {{");
        for one in declared {
            indented(&mut self.text, &one);
        }
        let mut all = String::from("interface Tools ");
        write_members(&mut all, &root, 0, self.is_open);
        indented(&mut self.text, &all);
        self.text.push_str("}\n");
        self.sources.push((source.to_owned(), namespace));
    }

    /// How long the file is, in bytes, so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.text.push_str("\ndeclare const tools: ExecutorTools & {\n");
        for (source, namespace) in &self.sources {
            let _ = writeln!(self.text, "  {}: {namespace}.Tools;", property(source));
        }
        if self.is_open {
            let _ = writeln!(self.text, "  {ANYTHING}");
        }
        self.text.push_str("};\n");
        self.text
    }
}

/// `Tool<CreateArgs, Issue>`. The arguments are declared apart.
fn signature(tool: &Tool, types: &mut Types<'_>, declared: &mut Vec<String>) -> String {
    let input: Value = tool.input.read().unwrap_or(Value::Bool(true));
    let output: Option<Value> = tool.output.as_ref().and_then(|output| output.read().ok());
    let result = output.map_or_else(|| "any".to_owned(), |output| types.of(&output, 0, 0));
    // What nobody has described may be used as anything.
    let result = if result == "unknown" { "any".to_owned() } else { result };
    let arguments = types.reserve(&format!("{}-args", tool.name.replace('.', "-")));
    match parameter(&input, &arguments) {
        none if none.is_empty() => format!("OptionalTool<{{}}, {result}>"),
        written => {
            declared.push(types.going(Way::Sent, |types| declaration(types, &arguments, &input)));
            let kind = if written.starts_with("args?") { "OptionalTool" } else { "Tool" };
            format!("{kind}<{arguments}, {result}>")
        }
    }
}

fn note(tool: &Tool) -> String {
    let deprecated = if tool.deprecated { " @deprecated" } else { "" };
    format!("/** {}{deprecated} */", comment(&tool.summary, MAX_SUMMARY))
}

fn write_members(text: &mut String, branch: &Branch, level: usize, is_open: bool) {
    let indent = "  ".repeat(level + 1);
    text.push_str("{\n");
    for (name, inner) in &branch.members {
        if let Some((_, note)) = &inner.tool {
            let _ = writeln!(text, "{indent}{note}");
        }
        let _ = write!(text, "{indent}{}: ", property(name));
        if let Some((of, _)) = &inner.tool {
            text.push_str(of);
        }
        if !inner.members.is_empty() {
            text.push_str(if inner.tool.is_some() { " & " } else { "" });
            write_members(text, inner, level + 1, is_open);
        }
        text.push_str(";\n");
    }
    if is_open {
        let _ = writeln!(text, "{indent}{ANYTHING}");
    }
    let _ = write!(text, "{}}}", "  ".repeat(level));
}

fn indented(text: &mut String, block: &str) {
    for line in block.lines() {
        let _ = writeln!(text, "  {line}");
    }
}
