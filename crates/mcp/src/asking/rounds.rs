//! Asking in rounds: a stateless client is told what to ask its user, and sends its request again with the answers.
//!
//! What it brings back beside the answers is sealed by the engine: it belongs to who it was given to, to the same
//! request, and counts once.

use std::collections::BTreeSet;

use executor_core::{ApprovalId, Digest, ErrorCode, Failure, Json, TaskId};
use executor_engine::Workspace;
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitResult, InputRequest, InputRequests, InputRequiredResult,
    InputResponses, JsonObject,
};
use serde::{Deserialize, Serialize};

use super::question::{self, Answered, Question};

/// What is carried from one round to the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Round {
    /// The task that the request began or waits for.
    pub(crate) task: TaskId,
    /// What the user was asked, by whether the answer decides.
    asked: Vec<(ApprovalId, bool)>,
}

impl Round {
    pub(crate) fn first(task: TaskId) -> Self {
        Self { task, asked: Vec::new() }
    }

    /// What the user was asked in this round or before.
    pub(crate) fn asked(&self) -> BTreeSet<ApprovalId> {
        self.asked.iter().map(|(approval, _)| *approval).collect()
    }

    /// The answer that wants these questions answered.
    pub(crate) fn ask(
        mut self,
        workspace: &Workspace,
        request: &str,
        questions: Vec<Question>,
    ) -> Result<InputRequiredResult, Failure> {
        self.asked.extend(questions.iter().map(|question| (question.approval, question.is_form())));
        let state = Json::from_serialize(&self).map_err(|error| internal(&error))?;
        let sealed = workspace.seal_request_state(request, &state)?;
        Ok(InputRequiredResult::new(Some(requests(questions)), Some(sealed)))
    }
}

/// The questions as the protocol carries them, each under its approval's id.
pub(crate) fn requests(questions: Vec<Question>) -> InputRequests {
    let named = questions.into_iter().map(|question| {
        let request = InputRequest::Elicitation(ElicitRequest::new(question.params));
        (question.approval.to_string(), request)
    });
    named.collect()
}

/// What a request is bound by: the tool and its arguments, which are the same in each round.
pub(crate) fn binding(tool: &str, arguments: Option<&JsonObject>) -> Result<String, Failure> {
    Digest::of_canonical(&(tool, arguments))
        .map(|digest| digest.to_string())
        .map_err(|error| internal(&error))
}

/// Opens what a client has brought back and does what its user answered. Nothing if this is its first round.
pub(crate) async fn continued(
    workspace: &Workspace,
    binding: &str,
    request: &CallToolRequestParams,
) -> Result<Option<(Round, Vec<Answered>)>, Failure> {
    let Some(sealed) = &request.request_state else {
        return match request.input_responses {
            None => Ok(None),
            Some(_) => Err(Failure::new(
                ErrorCode::InvalidRequest,
                "`inputResponses` came without the `requestState` that they belong to.",
            )),
        };
    };
    let state = workspace.open_request_state(binding, sealed).await?;
    let round: Round = state.read().map_err(|error| internal(&error))?;
    let empty = InputResponses::new();
    let responses = request.input_responses.as_ref().unwrap_or(&empty);
    let mut answered = Vec::new();
    for (approval, was_form) in &round.asked {
        if let Some(response) = responses.get(&approval.to_string()) {
            let response = read(response)?;
            answered.push(question::settle(workspace, *approval, *was_form, response).await?);
        }
    }
    Ok(Some((round, answered)))
}

/// A user's answer as the protocol carries it.
pub(crate) fn read(response: &serde_json::Value) -> Result<ElicitResult, Failure> {
    ElicitResult::deserialize(response).map_err(|error| {
        Failure::new(
            ErrorCode::InvalidRequest,
            format!("An answer in `inputResponses` cannot be read: {error}."),
        )
    })
}

fn internal(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::Internal, error.to_string())
}
