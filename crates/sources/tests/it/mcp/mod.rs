//! MCP servers: what they list, and what comes of calls of their tools.

mod calling;
mod everything;
mod generations;
mod importing;
mod listing;
mod mock;
mod programs;
mod sessions;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use executor_core::tool::{SideEffect, SourceKind, Tool};
use executor_core::{ConnectionId, Failure, ToolError};
use executor_egress::Injection;
use executor_sources::{
    Address, Answers, Attendant, Call, Document, Fetched, Import, ImportOptions, Kind, Kinds, Payload,
    Performed, Plan, Sending, Unattended,
};
use serde_json::{Value, json};

use crate::support::{arguments, options, path};

/// What imports and plans, and dials nothing. Made once: to read the machine's certificates takes a while.
static PURE: LazyLock<Kinds> = LazyLock::new(crate::support::kinds);

pub(super) fn mcp(kinds: &Kinds) -> Arc<dyn Kind> {
    kinds.get(SourceKind::Mcp).unwrap().clone()
}

/// What a server lists, as a document.
pub(super) async fn fetch(kinds: &Kinds, address: &str) -> Result<Value, Failure> {
    match mcp(kinds).fetch(&Address::new(address, &|_, _| ())).await? {
        Fetched::Document { bytes, .. } => Ok(serde_json::from_slice(&bytes).unwrap()),
        Fetched::Unchanged => panic!("nothing was known"),
    }
}

pub(super) fn import_at(document: &Value, address: &str, trusted: bool) -> Result<Import, Failure> {
    let options = ImportOptions { document_url: Some(address), trusted, ..options() };
    mcp(&PURE).import(&Document::read(document.to_string().as_bytes())?, &options)
}

/// A document with these lists.
pub(super) fn document(lists: Value) -> Value {
    let mut document = json!({
        "mcp": { "protocolVersion": "2025-11-25", "serverInfo": { "name": "mock-mcp-server", "version": "1" } },
        "tools": [], "prompts": [], "resources": [], "resourceTemplates": [],
    });
    for (key, list) in lists.as_object().unwrap() {
        document[key] = list.clone();
    }
    document
}

pub(super) fn plan(tool: &Tool, address: &str, given: Value) -> Result<Plan, ToolError> {
    let (path, arguments) = (path(), arguments(given));
    let call = Call {
        path: &path,
        operation: &tool.operation,
        base_url: address,
        context: None,
        arguments: &arguments,
        cursor: None,
    };
    mcp(&PURE).plan(&call)
}

/// A call of a server's tool by its own name.
pub(super) struct Calling<'a> {
    pub(super) kinds: &'a Kinds,
    pub(super) address: &'a str,
    pub(super) side_effect: SideEffect,
    pub(super) connection: Option<ConnectionId>,
    pub(super) injection: Option<Injection>,
    pub(super) timeout: Duration,
    pub(super) answers: Option<Answers>,
    pub(super) attendant: &'a dyn Attendant,
}

impl<'a> Calling<'a> {
    pub(super) fn new(kinds: &'a Kinds, address: &'a str) -> Self {
        let timeout = Duration::from_secs(20);
        Self {
            kinds,
            address,
            side_effect: SideEffect::Write,
            connection: None,
            injection: None,
            timeout,
            answers: None,
            attendant: &Unattended,
        }
    }

    pub(super) async fn tool(&self, name: &str, given: Value) -> Performed {
        let listed = document(json!({ "tools": [{ "name": name, "inputSchema": { "type": "object" } }] }));
        let import = import_at(&listed, self.address, false).unwrap();
        self.perform(&import.tools[0], given).await
    }

    pub(super) async fn perform(&self, tool: &Tool, given: Value) -> Performed {
        let plan = plan(tool, self.address, given).unwrap();
        let sending = Sending {
            files: executor_sources::Files::new(),
            path: &path(),
            plan,
            side_effect: self.side_effect,
            kept_for: self.connection.map(|connection| connection.uuid()),
            injection: self.injection.clone(),
            timeout: self.timeout,
            answers: self.answers.clone(),
            attendant: self.attendant,
        };
        mcp(self.kinds).perform(sending).await
    }
}

pub(super) fn payload(performed: Performed) -> Payload {
    match performed {
        Performed::Completed(answer) => answer.payload,
        other => panic!("{other:?}"),
    }
}

pub(super) fn value(performed: Performed) -> Value {
    match payload(performed) {
        Payload::Json(json) => json.read().unwrap(),
        Payload::Text(text) => Value::from(text),
        other => panic!("{other:?}"),
    }
}

pub(super) fn failure(performed: Performed) -> ToolError {
    match performed {
        Performed::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

/// A connection of its own for each number.
pub(super) fn connection(number: u16) -> Option<ConnectionId> {
    Some(format!("con_0190a1b2000070008000000000000{number:03}").parse().unwrap())
}
