//! What an MCP server answers: the method on a line, and the result.

use executor_core::ToolPath;
use executor_sources::{Payload, Performed, fuzz_mcp_result};

use super::first_line;
use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "mcp_result", run, deep };

const METHODS: [&str; 4] = ["tools/call", "prompts/get", "resources/read", "resources/list"];

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (method, result) = first_line(&text);
    let Ok(result) = serde_json::from_str(result) else { return };
    let method = METHODS.into_iter().find(|known| *known == method).unwrap_or(METHODS[0]);
    let path = ToolPath::new("server", "tool").expect("a path");
    match fuzz_mcp_result(&path, method, result) {
        Performed::Completed(answer) => {
            if let Payload::Binary { name, .. } = answer.payload {
                assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']), "{name:?}");
            }
        }
        Performed::NeedsInput(input) => {
            assert!(!input.questions.is_empty() || input.state.is_some(), "it wants something");
        }
        Performed::Failed(error) => assert!(!error.message.is_empty()),
        Performed::Unknown(_) => panic!("an answer that came is no unknown outcome"),
    }
}

fn deep() -> Vec<Vec<u8>> {
    let answers = nested::json().into_iter();
    nested::seeds(answers.flat_map(|result| METHODS.map(|method| format!("{method}\n{result}"))))
}
