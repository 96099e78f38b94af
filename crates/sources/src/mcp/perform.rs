//! Sending a planned call, once.

use std::sync::Arc;
use std::time::Duration;

use executor_core::{ErrorCode, ToolError};
use executor_egress::Injection;
use rmcp::model::ProgressNotificationParam;
use serde_json::{Number, Value};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::endpoint::Endpoint;
use super::inbox::{self, Said};
use super::opening::Generation;
use super::pool::{Key, Pool};
use super::session::Session;
use super::transport::Planned;
use super::trouble::Trouble;
use super::{asking, failure, result};
use crate::dialogue::{Answers, Attendant, Input, Progress, Reply};
use crate::kind::Sending;
use crate::perform::Performed;

/// How often a server may want to be asked again without asking anything itself, and the pause before the first time.
const MOST_ROUNDS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Sends the call in the session of its connection and reads what came of it.
///
/// It goes out a second time only where the server says that it knows the session no more, or that it wants to be asked
/// again: then it has not happened.
pub(super) async fn perform(pool: &Pool, sending: Sending<'_>) -> Performed {
    let Sending { path, plan, files, side_effect, kept_for, injection, timeout, mut answers, attendant } =
        sending;
    let failed = |code, what: String| Performed::Failed(ToolError::new(code, path.as_str(), what));
    let mut deadline = Instant::now() + timeout;
    let endpoint = match Endpoint::of_url(&plan.url) {
        Ok(endpoint) => endpoint,
        Err(failure) => return failed(ErrorCode::Internal, failure.message),
    };
    let method = plan.route.split(' ').next().unwrap_or_default();
    let body = plan.body.as_ref().and_then(|body| body.bytes(&files)).unwrap_or_default();
    let planned: Value = match serde_json::from_slice(&body) {
        Ok(params) => params,
        Err(error) => {
            return failed(ErrorCode::Internal, format!("The planned request cannot be read: {error}."));
        }
    };
    let key = (Endpoint::text_of(&plan.url), kept_for);
    let (mut is_first, mut rounds) = (true, 0);
    loop {
        let session = timeout_at(deadline, session(pool, &key, &endpoint, injection.clone())).await;
        let session = match session {
            Ok(Ok(session)) => session,
            Ok(Err(trouble)) => return Performed::Failed(trouble.before_the_call(path)),
            Err(_) => {
                let message = format!("The MCP server did not greet back within {} ms.", timeout.as_millis());
                return failed(ErrorCode::UpstreamUnreachable, message);
            }
        };
        let mut params = planned.clone();
        match answers.clone() {
            Some(answers) if session.takes_answers() => asking::join(&mut params, answers),
            Some(answers) if !is_agreed(&answers) => {
                let message = "A person does not want to do what the MCP server asks before the call.";
                return failed(ErrorCode::ApprovalDenied, message.to_owned());
            }
            _ => {}
        }
        let request = Request { method, params, planned: Planned::of(&plan.headers) };
        let trouble = match attended(&session, request, attendant, &mut deadline).await {
            Some(Ok(result)) => match result::read(path, method, result) {
                Performed::NeedsInput(_) if !session.takes_answers() => {
                    let message = "The MCP server asks in the way of another version than it speaks.";
                    return failed(ErrorCode::UpstreamInvalid, message.to_owned());
                }
                Performed::NeedsInput(Input { questions, state }) if questions.is_empty() => {
                    rounds += 1;
                    let pause = Instant::now() + FIRST_PAUSE * 2u32.pow(rounds);
                    if rounds > MOST_ROUNDS || pause > deadline {
                        let message = "The MCP server wants to be asked again and again, and does nothing.";
                        return failed(ErrorCode::UpstreamTimeout, message.to_owned());
                    }
                    sleep_until(pause).await;
                    answers = Some(Answers { replies: Vec::new(), state });
                    continue;
                }
                performed => return performed,
            },
            Some(Err(trouble)) => trouble,
            None => return failure::timed_out(path, timeout.as_millis(), side_effect),
        };
        if let Trouble::Answered { code: asking::VISIT_FIRST, data, .. } = &trouble
            && let Some(input) = asking::visits(data.as_ref())
        {
            return Performed::NeedsInput(input);
        }
        if matches!(trouble, Trouble::SessionLost) {
            pool.discard(&key, &session).await;
            if std::mem::take(&mut is_first) {
                continue;
            }
        }
        if trouble.is_unknown_name() {
            session.listener().changed();
        }
        return trouble.of_the_call(path, side_effect);
    }
}

/// A request of a session.
struct Request<'a> {
    method: &'a str,
    params: Value,
    planned: Planned,
}

/// Sends a request, and attends to what the server says until it has answered. Nothing if the time is up; that of people
/// does not count.
async fn attended(
    session: &Session,
    request: Request<'_>,
    attendant: &dyn Attendant,
    deadline: &mut Instant,
) -> Option<Result<Value, Trouble>> {
    let (said, mut inbox) = inbox::channel();
    let Request { method, params, planned } = request;
    let request = session.request(method, params, planned, Some(said));
    tokio::pin!(request);
    loop {
        let said = tokio::select! {
            biased;
            result = &mut request => {
                while let Ok(Said::Progress(said)) = inbox.try_recv() {
                    attendant.progress(progress(said));
                }
                return Some(result);
            }
            Some(said) = inbox.recv() => said,
            () = sleep_until(*deadline) => return None,
        };
        let (params, mut reply) = match said {
            Said::Progress(said) => {
                attendant.progress(progress(said));
                continue;
            }
            Said::Question(params, reply) => (params, reply),
        };
        // What cannot be asked is cancelled, as the sender of the answer is dropped.
        let Ok(asked) = asking::asked(String::new(), params) else { continue };
        let since = Instant::now();
        tokio::select! {
            biased;
            result = &mut request => return Some(result),
            () = reply.closed() => {}
            answer = attendant.ask(asked) => {
                let _ = reply.send(asking::answer(answer));
            }
        }
        *deadline += since.elapsed();
    }
}

/// Whether people have done all that they were asked to do.
fn is_agreed(answers: &Answers) -> bool {
    answers.replies.iter().all(|(_, reply)| matches!(reply, Reply::Accepted(_)))
}

fn progress(said: ProgressNotificationParam) -> Progress {
    // JSON has one kind of numbers, and a count looks like one.
    let number = |number: f64| match number as i64 {
        whole if whole as f64 == number => Some(Number::from(whole)),
        _ => Number::from_f64(number),
    };
    let ProgressNotificationParam { progress, total, message, .. } = said;
    Progress {
        progress: number(progress).unwrap_or_else(|| 0.into()),
        total: total.and_then(number),
        message,
    }
}

/// The session of a connection; one of its own where a credential has none.
async fn session(
    pool: &Pool,
    key: &Key,
    endpoint: &Endpoint,
    injection: Option<Injection>,
) -> Result<Arc<Session>, Trouble> {
    if key.1.is_none() && injection.is_some() {
        return pool.open(key, endpoint, injection, Generation::Any).await.map(Arc::new);
    }
    pool.session(key, endpoint, injection).await
}
