//! The tools that are ours: `tools.search`, `tools.describe` and `tools.executor.*`.
//!
//! They are numbered, judged and recorded like all others, since their answers may be different ones by the time of a
//! resume. They only read what the caller may see anyway, so no policy is asked.

use base64::Engine as _;
use executor_core::call::Outcome;
use executor_core::journal::CallIssued;
use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{Digest, ErrorCode, Json, Principal, ToolError};
use serde::Deserialize;

use crate::Inner;
use crate::calls::Interruption;
use crate::directory::Snapshot;
use crate::gate::{self, Refusal};
use crate::tools;
use crate::view::ToolQuery;

/// The largest piece of a file that is read at once.
const MOST_PIECE_BYTES: u64 = 4 << 20;

/// Answers a call of a tool of ours; nothing if the path is not one.
pub(crate) async fn answer(
    engine: &Inner,
    principal: &Principal,
    snapshot: &Snapshot,
    call: &CallIssued,
) -> Result<Option<Outcome>, Interruption> {
    let answered = match call.path.as_str() {
        "search" => search(engine, principal, snapshot, call).await,
        "describe" => describe(engine, principal, snapshot, call).await,
        "executor.files.read" => read_file(engine, snapshot, call).await,
        path if path == "executor" || path.starts_with("executor.") => {
            let error = ToolError::new(ErrorCode::ToolNotFound, path, format!("There is no tool `{path}`."));
            Err(error
                .with_hint("Executor's own tools are executor.ask, executor.files.read, search and describe.")
                .into())
        }
        _ => return Ok(None),
    };
    match answered {
        Ok(value) => Ok(Some(Outcome::Completed(value))),
        Err(Refusal::Tool(error)) => Ok(Some(Outcome::Failed(error))),
        Err(Refusal::Storage(error)) => Err(error.into()),
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SearchOptions {
    limit: Option<u32>,
    source: Option<String>,
    kind: Option<SourceKind>,
    side_effect: Option<SideEffect>,
}

async fn search(
    engine: &Inner,
    principal: &Principal,
    snapshot: &Snapshot,
    call: &CallIssued,
) -> Result<Json, Refusal> {
    let usage = "tools.search(\"what it should do\", { limit: 5, source: \"github\" })";
    let query = read(call, &call.arguments, usage)?;
    let options: Option<SearchOptions> = read(call, &call.options, usage)?;
    let SearchOptions { limit, source, kind, side_effect } = options.unwrap_or_default();
    let query = ToolQuery { query, limit, source, kind, side_effect };
    let found = tools::search(engine, principal, snapshot, &query).await?;
    to_json(call, &found)
}

async fn describe(
    engine: &Inner,
    principal: &Principal,
    snapshot: &Snapshot,
    call: &CallIssued,
) -> Result<Json, Refusal> {
    let path: String = read(call, &call.arguments, "tools.describe(\"github.issues.create\")")?;
    let (_, tool) = gate::find(engine, snapshot, principal, &path).await?;
    if gate::is_hidden(snapshot, principal, tool.path.as_str()) {
        return Err(
            ToolError::new(ErrorCode::ToolNotFound, &path, format!("There is no tool `{path}`.")).into()
        );
    }
    to_json(call, &tools::declaration(&tool, &path))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Piece {
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    length: Option<u64>,
}

async fn read_file(engine: &Inner, snapshot: &Snapshot, call: &CallIssued) -> Result<Json, Refusal> {
    let usage = "tools.executor.files.read(file.blob, { offset: 0, length: 65536 })";
    let blob: String = read(call, &call.arguments, usage)?;
    let piece: Option<Piece> = read(call, &call.options, usage)?;
    let Piece { offset, length } = piece.unwrap_or(Piece { offset: 0, length: None });
    let missing = || ToolError::new(ErrorCode::NotFound, &call.path, "There is no file with this `blob`.");
    let digest: Digest = blob.parse().map_err(|_| missing())?;
    let bytes = match engine.blobs.get(snapshot.workspace, digest).await {
        Ok(bytes) => bytes,
        Err(executor_store::Error::NotFound(_)) => return Err(missing().into()),
        Err(error) => return Err(error.into()),
    };
    let size = bytes.len() as u64;
    let start = offset.min(size);
    let end = start.saturating_add(length.unwrap_or(MOST_PIECE_BYTES).min(MOST_PIECE_BYTES)).min(size);
    let piece = &bytes[start as usize..end as usize];
    let base64 = base64::engine::general_purpose::STANDARD.encode(piece);
    let answer = match std::str::from_utf8(piece) {
        Ok(text) => serde_json::json!({ "text": text, "base64": base64, "size": size, "end": end == size }),
        Err(_) => serde_json::json!({ "base64": base64, "size": size, "end": end == size }),
    };
    Ok((&answer).into())
}

fn read<'a, T: Deserialize<'a>>(call: &CallIssued, json: &'a Json, usage: &str) -> Result<T, Refusal> {
    json.read().map_err(|error| {
        let message = format!("The arguments of `{}` do not fit: {error}.", call.path);
        Refusal::Tool(
            ToolError::new(ErrorCode::InvalidArguments, &call.path, message)
                .with_hint(format!("Write it as {usage}.")),
        )
    })
}

fn to_json<T: serde::Serialize>(call: &CallIssued, value: &T) -> Result<Json, Refusal> {
    Json::from_serialize(value)
        .map_err(|error| ToolError::new(ErrorCode::Internal, &call.path, error.to_string()).into())
}
