//! One message of the client, as far as handing it on needs to know it.

use serde_json::{Value, json};

/// Where a request of the stateless generation says which version of the protocol it speaks.
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Tools that only look or wait, so that calling them twice is calling them once.
const REPEATABLE_TOOLS: [&str; 2] = ["search_tools", "resume"];

/// The protocol's code for a failure inside of who answers.
const INTERNAL_ERROR: i32 = -32603;

/// One message of the client.
#[derive(Debug, Clone)]
pub(super) struct Message {
    text: String,
    value: Value,
}

impl Message {
    /// Reads one line.
    pub(super) fn parse(line: String) -> Result<Self, serde_json::Error> {
        Ok(Self { value: serde_json::from_str(&line)?, text: line })
    }

    /// The line as it came.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether an answer is expected.
    pub(super) fn is_request(&self) -> bool {
        self.value["method"].is_string() && !self.value["id"].is_null()
    }

    /// Whether it opens a session.
    pub(super) fn is_initialize(&self) -> bool {
        self.value["method"] == "initialize"
    }

    /// Whether it may be sent again although the first may have had its effect.
    pub(super) fn is_repeatable(&self) -> bool {
        let tool = &self.value["params"]["name"];
        self.value["method"] != "tools/call" || REPEATABLE_TOOLS.iter().any(|name| tool == name)
    }

    /// The headers that a request of the stateless generation repeats from its body.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        let params = &self.value["params"];
        let Some(version) = params["_meta"][VERSION].as_str() else { return Vec::new() };
        let method = self.value["method"].as_str().unwrap_or_default();
        let name = match method {
            "tools/call" | "prompts/get" => params["name"].as_str(),
            "resources/read" | "resources/subscribe" | "resources/unsubscribe" => params["uri"].as_str(),
            "tasks/get" | "tasks/update" | "tasks/cancel" => params["taskId"].as_str(),
            _ => None,
        };
        let mut headers =
            vec![("mcp-protocol-version", version.to_owned()), ("mcp-method", method.to_owned())];
        headers.extend(name.map(|name| ("mcp-name", name.to_owned())));
        headers
    }

    /// Whether this is the answer to it, and not a message by the way.
    pub(super) fn is_answered_by(&self, text: &str) -> bool {
        let answer: Value = serde_json::from_str(text).unwrap_or_default();
        answer["method"].is_null() && answer["id"] == self.value["id"]
    }

    /// The answer to give where nobody else can.
    pub(super) fn failure(&self, message: &str) -> String {
        let error = json!({ "code": INTERNAL_ERROR, "message": message });
        json!({ "jsonrpc": "2.0", "id": self.value["id"], "error": error }).to_string()
    }
}

/// Whether a text is a message of the protocol, and no page or problem document of something in between.
pub(super) fn is_message(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value["jsonrpc"] == "2.0" || value.is_array())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(value: Value) -> Message {
        Message::parse(value.to_string()).unwrap()
    }

    #[test]
    fn only_what_starts_work_is_not_repeated() {
        let call =
            |tool: &str| message(json!({ "id": 1, "method": "tools/call", "params": { "name": tool } }));
        assert!(!call("execute").is_repeatable());
        assert!(!call("something_new").is_repeatable());
        assert!(call("search_tools").is_repeatable() && call("resume").is_repeatable());
        assert!(message(json!({ "id": 1, "method": "tools/list" })).is_repeatable());
    }

    #[test]
    fn a_request_is_told_from_a_notification_and_from_an_answer() {
        assert!(message(json!({ "id": 0, "method": "ping" })).is_request());
        assert!(!message(json!({ "method": "notifications/initialized" })).is_request());
        assert!(!message(json!({ "id": 1, "result": {} })).is_request());
    }

    #[test]
    fn the_stateless_generation_repeats_itself_in_headers() {
        let params = json!({ "name": "execute", "_meta": { VERSION: "2026-07-28" } });
        let headers = message(json!({ "id": 1, "method": "tools/call", "params": params })).headers();
        let header = |name: &'static str, value: &str| (name, value.to_owned());
        assert_eq!(
            headers,
            [
                header("mcp-protocol-version", "2026-07-28"),
                header("mcp-method", "tools/call"),
                header("mcp-name", "execute"),
            ]
        );
        assert_eq!(message(json!({ "id": 1, "method": "tools/list" })).headers(), []);
    }

    #[test]
    fn a_failure_carries_the_id_of_its_request() {
        let failure = message(json!({ "id": "a", "method": "ping" })).failure("gone");
        assert!(is_message(&failure));
        assert!(failure.contains(r#""id":"a""#), "{failure}");
        assert!(!is_message("<html>") && !is_message(r#"{"code":"unauthorized"}"#));
    }
}
