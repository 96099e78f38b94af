//! Performing a plan over HTTP, for every kind that speaks it.
//!
//! What holds: a request that must not be repeated is sent once, and is [`Performed::Unknown`] if it may have left and the
//! API has not said what became of it. Any other is sent up to three times within the call's time.

mod answer;
mod failure;
mod file_name;
pub(crate) mod media_type;
mod retry;

use bytes::Bytes;
use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, ToolError, ToolPath};
use executor_egress::{
    Client, HeaderMap, HeaderName, HeaderValue, Injection, Limits, Method, Request, Response,
};

use tokio::time::Instant;

use crate::body::Files;
use crate::kind::Sending;
use crate::perform::Performed;
use crate::plan::Plan;

/// Sends the request and reads what came of it.
pub(crate) async fn perform(client: &Client, sending: Sending<'_>) -> Performed {
    let Sending { path, plan, files, side_effect, injection, timeout, .. } = sending;
    let (url, is_file, digest) = (plan.url.clone(), plan.answer_is_file, plan.digest());
    let request = match request(plan, &files, injection) {
        Ok(request) => request,
        Err(message) => {
            return Performed::Failed(ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message));
        }
    };
    let is_head = request.method == Method::HEAD;
    let deadline = Instant::now() + timeout;
    let mut attempts = 0;
    let outcome = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let outcome = client.send(request.clone(), Limits { timeout: left, ..Limits::default() }).await;
        attempts += 1;
        let pause = if side_effect.may_repeat() { retry::pause(&outcome, attempts, &digest) } else { None };
        match pause {
            Some(pause) if pause < deadline.saturating_duration_since(Instant::now()) => {
                tokio::time::sleep(pause).await;
            }
            _ => break outcome,
        }
    };
    match outcome {
        Ok(response) if response.status.is_success() => {
            match answer::read(path, &url, response, is_head, is_file) {
                // The API has done it, whatever it says of it.
                Performed::Failed(error) if !side_effect.may_repeat() => {
                    Performed::Failed(ToolError { retryable: false, ..error })
                }
                read => read,
            }
        }
        Ok(response) => Performed::Failed(failure::answered(path, &response, side_effect)),
        Err(error) => failure::unanswered(path, &error, side_effect),
    }
}

/// An answer as a hostile API may give it, through everything that reads it.
pub(crate) fn fuzz_answer(path: &ToolPath, response: Response) -> Performed {
    match response.status.is_success() {
        true => answer::read(path, &response.final_url.clone(), response, false, false),
        false => Performed::Failed(failure::answered(path, &response, SideEffect::Write)),
    }
}

fn request(plan: Plan, files: &Files, injection: Option<Injection>) -> Result<Request, String> {
    let method =
        Method::from_bytes(plan.method.as_bytes()).map_err(|_| "The method is not one.".to_owned())?;
    let mut headers = HeaderMap::with_capacity(plan.headers.len() + 1);
    let content_type = plan.body.iter().map(|body| ("content-type", body.content_type.as_str()));
    let own = plan.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in own.chain(content_type) {
        let refuse = || format!("The header `{name}` cannot be sent as it is.");
        let header = HeaderName::try_from(name).map_err(|_| refuse())?;
        headers.append(header, HeaderValue::from_str(value).map_err(|_| refuse())?);
    }
    let body = match plan.body {
        Some(body) => body.bytes(files).ok_or("A file of the request is not at hand.")?,
        None => Bytes::new(),
    };
    Ok(Request { method, url: plan.url, headers, body, injection })
}
