//! Performing a plan over HTTP, for every kind that speaks it.
//!
//! What holds: a request is sent once. What may have left and must not be repeated is [`Performed::Unknown`] unless the
//! API has said what became of it.

mod answer;
mod failure;
mod file_name;
pub(crate) mod media_type;

use executor_core::{ErrorCode, ToolError, ToolPath};
use executor_egress::{
    Client, HeaderMap, HeaderName, HeaderValue, Injection, Limits, Method, Request, Response,
};

use crate::kind::Sending;
use crate::perform::Performed;
use crate::plan::Plan;

/// Sends the request and reads what came of it.
pub(crate) async fn perform(client: &Client, sending: Sending<'_>) -> Performed {
    let Sending { path, plan, side_effect, injection, timeout, .. } = sending;
    let (url, is_file) = (plan.url.clone(), plan.answer_is_file);
    let request = match request(plan, injection) {
        Ok(request) => request,
        Err(message) => {
            return Performed::Failed(ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message));
        }
    };
    let is_head = request.method == Method::HEAD;
    let limits = Limits { timeout, ..Limits::default() };
    match client.send(request, limits).await {
        Ok(response) if response.status.is_success() => answer::read(path, &url, response, is_head, is_file),
        Ok(response) => Performed::Failed(failure::answered(path, &response)),
        Err(error) => failure::unanswered(path, &error, side_effect),
    }
}

/// An answer as a hostile API may give it, through everything that reads it.
pub(crate) fn fuzz_answer(path: &ToolPath, response: Response) -> Performed {
    match response.status.is_success() {
        true => answer::read(path, &response.final_url.clone(), response, false, false),
        false => Performed::Failed(failure::answered(path, &response)),
    }
}

fn request(plan: Plan, injection: Option<Injection>) -> Result<Request, String> {
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
    let body = plan.body.map(|body| body.bytes).unwrap_or_default();
    Ok(Request { method, url: plan.url, headers, body, injection })
}
