//! What is stored with a tool, so that a call of it can be planned without the document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::headers::{self, Repeated};

/// What a tool of ours asks a server for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Operation {
    /// A tool of the server's, by its own name.
    Tool {
        /// Its name.
        name: String,
        /// The arguments that it declares.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        arguments: Vec<String>,
        /// The arguments that it wants repeated in headers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<Repeated>,
    },
    /// A prompt of the server's, by its own name.
    Prompt {
        /// Its name.
        name: String,
        /// The arguments that it declares.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        arguments: Vec<String>,
    },
    /// Any resource.
    ReadResource,
    /// The list of resources as it is now.
    ListResources,
}

impl Operation {
    /// The method of MCP.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Tool { .. } => "tools/call",
            Self::Prompt { .. } => "prompts/get",
            Self::ReadResource => "resources/read",
            Self::ListResources => "resources/list",
        }
    }

    /// The method and what it is asked of: `tools/call echo`.
    pub(super) fn route(&self) -> String {
        match self {
            Self::Tool { name, .. } | Self::Prompt { name, .. } => format!("{} {name}", self.method()),
            _ => self.method().to_owned(),
        }
    }

    /// The parameters of the method.
    pub(super) fn params(&self, arguments: &Map<String, Value>) -> Value {
        match self {
            Self::Tool { name, .. } => json!({ "name": name, "arguments": arguments }),
            Self::Prompt { name, .. } => {
                // The arguments of a prompt are texts.
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let texts: Map<_, _> =
                    arguments.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
                json!({ "name": name, "arguments": texts })
            }
            Self::ReadResource | Self::ListResources => json!(arguments),
        }
    }

    /// The headers of a call.
    pub(super) fn headers(&self, arguments: &Map<String, Value>) -> Vec<(String, String)> {
        match self {
            Self::Tool { headers, .. } => headers::of(headers, arguments),
            _ => Vec::new(),
        }
    }

    /// The arguments that are declared.
    pub(super) fn arguments(&self) -> Vec<String> {
        match self {
            Self::Tool { arguments, .. } | Self::Prompt { arguments, .. } => arguments.clone(),
            Self::ReadResource => vec!["uri".to_owned()],
            Self::ListResources => vec!["cursor".to_owned()],
        }
    }
}
