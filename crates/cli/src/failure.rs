//! How commands fail: what people read, and the code that the process ends with.

use std::process::ExitCode;

use executor_config::Problems;
use executor_core::ErrorCode;
use serde_json::Value;

/// The process's code for a command line or a configuration that cannot be used.
pub(crate) const USAGE: u8 = 2;

/// What the server refused, as it said it.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refused {
    code: String,
    detail: String,
    hint: String,
}

impl Refused {
    /// From the server's problem document; `status` stands in where something else has answered.
    pub(crate) fn from_problem(problem: &Value, status: &str) -> Self {
        let text = |name: &str| problem[name].as_str().map(str::to_owned);
        Self {
            code: text("code").unwrap_or_else(|| "unexpected_answer".to_owned()),
            detail: text("detail").unwrap_or_else(|| format!("The server answered {status}.")),
            hint: text("hint")
                .unwrap_or_else(|| "Check that the address is that of an Executor; see its log.".to_owned()),
        }
    }
}

/// Whether a request failed because its server went away or is about to. It may have been accepted before.
pub(crate) fn is_server_lost(error: &anyhow::Error) -> bool {
    let is_going = |refused: &Refused| refused.code == ErrorCode::ShuttingDown.as_str();
    let is_cut = |error: &reqwest::Error| {
        error.is_connect() || error.is_request() || error.is_body() || error.is_decode()
    };
    error.downcast_ref().is_some_and(is_going) || error.downcast_ref().is_some_and(is_cut)
}

/// What the command line asks for cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Tells a person what went wrong and what to do next, and gives the code to end with.
#[expect(clippy::print_stderr, reason = "this is where a person reads it")]
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("{}", describe(error));
    if error.is::<Usage>() || error.is::<Problems>() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

fn describe(error: &anyhow::Error) -> String {
    if let Some(Refused { code, detail, hint }) = error.downcast_ref() {
        return format!("error[{code}]: {detail}\n  next: {hint}");
    }
    if let Some(executor_core::Failure { code, message, hint, .. }) = error.downcast_ref() {
        return format!("error[{code}]: {message}\n  next: {hint}");
    }
    format!("error: {error:#}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_is_told_with_its_code_and_its_next_step() {
        let problem = json!({ "code": "not_found", "detail": "There is no task.", "hint": "List them." });
        let error = anyhow::Error::from(Refused::from_problem(&problem, "404"));
        assert_eq!(describe(&error), "error[not_found]: There is no task.\n  next: List them.");
    }

    #[test]
    fn an_answer_of_something_else_is_told_by_its_status() {
        let error = anyhow::Error::from(Refused::from_problem(&Value::Null, "502 Bad Gateway"));
        assert!(
            describe(&error).starts_with("error[unexpected_answer]: The server answered 502 Bad Gateway.")
        );
    }
}
