//! The stored files that calls send.
//!
//! A plan knows them by their digests, which the arguments name and an approval binds. A file is found only in the
//! workspace in which a call gave it: elsewhere it is as if there were none, whoever knows its digest.

use executor_core::{ErrorCode, ToolError, ToolPath, WorkspaceId};
use executor_sources::{Body, Files, Plan, StoredFile};
use executor_store::Error;

use crate::Inner;
use crate::gate::Refusal;

/// The most bytes of stored files that one request sends. They are in memory meanwhile.
const MOST_BYTES: u64 = 64 << 20;

/// Sees that the files of a plan are there, and tells it their sizes.
pub(crate) async fn find(
    engine: &Inner,
    workspace: WorkspaceId,
    path: &ToolPath,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let refuse = |message: String| ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message);
    let mut all = 0;
    for file in plan.body.iter_mut().flat_map(Body::stored_mut) {
        let size = match engine.blobs.size(workspace, file.blob).await {
            Err(Error::NotFound(_)) => return Err(missing(path, file).into()),
            size => size?,
        };
        if let Some(said) = file.size.filter(|said| *said != size) {
            let message = format!("The file in `{}` has {size} bytes, and not {said}.", file.argument);
            return Err(refuse(message).with_hint("Give the file as the call gave it.").into());
        }
        file.size = Some(size);
        all += size;
        if all > MOST_BYTES {
            let message = format!("The files of one call may have {} MiB together.", MOST_BYTES >> 20);
            return Err(refuse(message).into());
        }
    }
    Ok(())
}

/// The contents of a plan's files.
pub(crate) async fn read(
    engine: &Inner,
    workspace: WorkspaceId,
    path: &ToolPath,
    plan: &Plan,
) -> Result<Files, Refusal> {
    let mut files = Files::new();
    for file in plan.body.iter().flat_map(Body::stored) {
        if files.contains_key(&file.blob) {
            continue;
        }
        let bytes = match engine.blobs.get(workspace, file.blob).await {
            Err(Error::NotFound(_)) => return Err(missing(path, file).into()),
            bytes => bytes?,
        };
        files.insert(file.blob, bytes.into());
    }
    Ok(files)
}

fn missing(path: &ToolPath, file: &StoredFile) -> ToolError {
    let message = format!("The file in `{}` is none of this workspace.", file.argument);
    ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message)
        .with_hint("Give a file that a call of this workspace gave, or its content as `base64` or `text`.")
}
