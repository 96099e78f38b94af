//! What is stored with a tool, so that a call of it can be planned without the document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::openapi::operation::Operation;

/// One method: the request that it is, and what is Google's own about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stored {
    /// How its arguments become a request.
    pub(super) request: Operation,
    /// By the name of an argument whose slashes stay in the path, what it has to look like: `projects/*/topics/*`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) resource_names: BTreeMap<String, String>,
    /// How a file is sent with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upload: Option<Upload>,
}

/// How a file is sent with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Upload {
    /// The argument that is the file.
    pub(super) argument: String,
    /// Where the request goes then, from the host's root.
    pub(super) path: String,
}
