//! A failure as a user is told of it.

use executor_core::ErrorCode;
use serde_json::Value;

/// A failure as a user is told of it, by whichever surface.
#[derive(Debug)]
pub(super) struct Told {
    code: String,
    sentence: String,
    hint: String,
    /// The HTTP status, where the API answered with it.
    status: Option<u16>,
}

impl Told {
    /// By a problem document.
    pub(super) fn by_problem((status, problem): (u16, Value)) -> Self {
        let told = Self::by_members(&problem, "detail");
        Self { status: Some(status), ..told }
    }

    /// By the end of a task.
    pub(super) fn by_task(task: &Value) -> Self {
        Self::by_members(&task["error"], "message")
    }

    /// By what the code of a task caught and returned.
    pub(super) fn by_code(task: &Value) -> Self {
        Self::by_members(&task["result"], "message")
    }

    /// By a command: `error[code]: sentence`, and on the next line what to do.
    pub(super) fn by_command(stderr: &[u8]) -> Self {
        let text = String::from_utf8_lossy(stderr).into_owned();
        let found = text.split_once("error[").and_then(|(_, rest)| rest.split_once("]: "));
        let (code, rest) = found.unwrap_or_else(|| panic!("no code in {text:?}"));
        let (sentence, hint) = rest.split_once("\n  next: ").unwrap_or((rest, ""));
        let [code, sentence, hint] = [code, sentence, hint].map(|part| part.trim().to_owned());
        Self { code, sentence, hint, status: None }
    }

    fn by_members(failure: &Value, sentence: &str) -> Self {
        let text = |name: &str| failure[name].as_str().unwrap_or_default().to_owned();
        let told = Self { code: text("code"), sentence: text(sentence), hint: text("hint"), status: None };
        assert!(!told.code.is_empty(), "nobody was told of a failure: {failure}");
        told
    }

    /// It is this code, which the table has, with a sentence and a next step.
    pub(super) fn check(&self, expected: ErrorCode) {
        let code = ErrorCode::from_name(&self.code).unwrap_or_else(|| panic!("not in the table: {self:?}"));
        assert_eq!(code, expected, "{self:?}");
        assert!(!self.sentence.is_empty() && !self.hint.is_empty(), "{self:?}");
        if let Some(status) = self.status {
            assert_eq!(status, expected.http_status(), "{self:?}");
        }
    }
}
