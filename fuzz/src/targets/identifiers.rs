//! Ids and digests, which are also what cursors and keys are made of.

use std::fmt::Display;
use std::str::FromStr;

use executor_core::{AccountId, ApprovalId, ConnectionId, Digest, Json, SourceId, TaskId, WorkspaceId};

use crate::Target;

pub(super) const TARGET: Target = Target { name: "identifiers", run, deep: Vec::new };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    survives::<TaskId>(&text);
    survives::<SourceId>(&text);
    survives::<AccountId>(&text);
    survives::<ApprovalId>(&text);
    survives::<ConnectionId>(&text);
    survives::<WorkspaceId>(&text);
    survives::<Digest>(&text);
    if let Ok(json) = Json::parse(text.into_owned()) {
        let _ = json.read::<TaskId>();
    }
}

/// Whatever is read says the same when it is written.
fn survives<T: FromStr + Display>(text: &str) {
    if let Ok(read) = text.parse::<T>() {
        assert_eq!(read.to_string(), text.to_ascii_lowercase());
    }
}
