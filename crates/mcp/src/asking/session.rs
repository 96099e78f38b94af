//! Asking within a session: the client's user answers while the client's request waits.

use executor_core::Failure;
use executor_engine::Workspace;
use rmcp::model::{ClientResult, ElicitRequest, ElicitResult, ServerRequest};
use rmcp::service::{PeerRequestOptions, RequestHandle, ServiceError};
use rmcp::{Peer, RoleServer};
use tokio::time::Instant;

use super::question::{self, Answered, Question};
use crate::waiting::{PROGRESS_INTERVAL, Wait};

/// How asking a user ended.
pub(crate) enum Asked {
    /// With an answer, or because it needed none any more.
    Answered(Answered),
    /// The client's patience is over, or it cannot ask after all.
    Unanswered,
    /// The client wants no answer to its request any more.
    Abandoned,
}

/// Asks one question, for as long as the client is patient and nobody else has decided.
pub(crate) async fn ask(wait: &mut Wait<'_>, question: Question) -> Result<Asked, Failure> {
    let (workspace, context) = (wait.workspace.clone(), wait.context);
    let (approval, was_form) = (question.approval, question.is_form());
    let mut handle = match send(&context.peer, question).await {
        Ok(handle) => handle,
        Err(error) => {
            tracing::debug!(%error, "a client could not be asked");
            return Ok(Asked::Unanswered);
        }
    };
    let deadline = wait.deadline(true);
    let decided = workspace.wait_for_decision(approval);
    tokio::pin!(decided);
    let gone = |ended| (ended, "The request that this belongs to has ended.");
    let (ended, why) = loop {
        let beat = (Instant::now() + PROGRESS_INTERVAL).min(deadline);
        tokio::select! {
            answer = &mut handle.rx => return receive(&workspace, approval, was_form, answer.ok()).await,
            closed = &mut decided => {
                closed?;
                break (Asked::Answered(Answered::Decided), "It is decided.");
            }
            () = context.ct.cancelled() => break gone(Asked::Abandoned),
            () = tokio::time::sleep_until(beat) => {}
        }
        if Instant::now() >= deadline {
            break gone(Asked::Unanswered);
        }
        wait.tell("Waiting for a person's decision.".to_owned()).await;
    };
    if let Err(error) = handle.cancel(Some(why.to_owned())).await {
        tracing::debug!(%error, "a client was not told that a question is over");
    }
    Ok(ended)
}

async fn send(
    peer: &Peer<RoleServer>,
    question: Question,
) -> Result<RequestHandle<RoleServer>, ServiceError> {
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(question.params));
    peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await
}

async fn receive(
    workspace: &Workspace,
    approval: executor_core::ApprovalId,
    was_form: bool,
    answer: Option<Result<ClientResult, ServiceError>>,
) -> Result<Asked, Failure> {
    let answer: ElicitResult = match answer {
        Some(Ok(ClientResult::ElicitResult(answer))) => answer,
        Some(Ok(_)) | Some(Err(_)) | None => return Ok(Asked::Unanswered),
    };
    Ok(Asked::Answered(question::settle(workspace, approval, was_form, answer).await?))
}
