//! What a server asks a person (elicitation), and what it is answered.
//!
//! Only what the protocol lets a form be is shown as one: an object of simple members. All else that a server could want,
//! as a model's answer or our folders, we do not declare, and it gets none.

use std::collections::BTreeMap;

use executor_core::Json;
use rmcp::model::{ElicitRequestParams, ElicitResult, ElicitationAction};
use serde_json::{Map, Value, json};
use url::Url;

use crate::dialogue::{Answers, Asked, Input, Reply, Wanted};

/// The code of the error by which servers before 2026-07-28 say that a page has to be visited before the call.
pub(super) const VISIT_FIRST: i32 = -32_042;

/// The most questions at once.
const MOST_QUESTIONS: usize = 20;

/// What a result of the type `input_required` wants. The error says why it cannot be had, as the end of a sentence.
pub(super) fn required(result: &mut Map<String, Value>) -> Result<Input, String> {
    let state = match result.get_mut("requestState").map(Value::take) {
        None | Some(Value::Null) => None,
        Some(Value::String(state)) => Some(state),
        Some(_) => return Err("with a state that is no text".to_owned()),
    };
    let requests: BTreeMap<String, Value> = match result.get_mut("inputRequests").map(Value::take) {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(requests)) => requests.into_iter().collect(),
        Some(_) => return Err("in a way that cannot be read".to_owned()),
    };
    if requests.is_empty() && state.is_none() {
        return Err("and does not say what".to_owned());
    }
    if requests.len() > MOST_QUESTIONS {
        return Err(format!("{} times at once", requests.len()));
    }
    let questions = requests.into_iter().map(|(key, request)| question(key, request));
    Ok(Input { questions: questions.collect::<Result<_, _>>()?, state })
}

fn question(key: String, mut request: Value) -> Result<Asked, String> {
    match request["method"].as_str() {
        Some("elicitation/create") => {}
        Some(other) => return Err(format!("by `{}`, which is not offered", super::trouble::short(other))),
        None => return Err("in a way that cannot be read".to_owned()),
    }
    let params = serde_json::from_value(request["params"].take());
    asked(key, params.map_err(|error| format!("by a form that may not be ({error})"))?)
}

/// What one request of a server asks.
pub(super) fn asked(key: String, params: ElicitRequestParams) -> Result<Asked, String> {
    let (message, wanted) = match params {
        ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } => {
            let mut schema = serde_json::to_value(&requested_schema).map_err(|error| error.to_string())?;
            schema["additionalProperties"] = json!(false);
            (message, Wanted::Form(Json::from(&schema)))
        }
        ElicitRequestParams::UrlElicitationParams { message, url, .. } => match Url::parse(&url) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => (message, Wanted::Visit(url)),
            _ => return Err("on a page whose address is none".to_owned()),
        },
        _ => return Err("in a way that is not known".to_owned()),
    };
    Ok(Asked { key, message, wanted })
}

/// The pages that an error names which have to be visited before the call.
pub(super) fn visits(data: Option<&Value>) -> Option<Input> {
    let all =
        data?.get("elicitations")?.as_array().filter(|all| (1..=MOST_QUESTIONS).contains(&all.len()))?;
    let questions = all.iter().enumerate().map(|(number, params)| {
        let params: ElicitRequestParams = serde_json::from_value(params.clone()).ok()?;
        asked(number.to_string(), params).ok().filter(|asked| matches!(asked.wanted, Wanted::Visit(_)))
    });
    Some(Input { questions: questions.collect::<Option<_>>()?, state: None })
}

/// What a server is answered to one request.
pub(super) fn answer(reply: Reply) -> ElicitResult {
    match reply {
        Reply::Accepted(content) => {
            let accepted = ElicitResult::new(ElicitationAction::Accept);
            match content.read::<Value>() {
                Ok(content @ Value::Object(_)) => accepted.with_content(content),
                _ => accepted,
            }
        }
        Reply::Declined => ElicitResult::new(ElicitationAction::Decline),
        Reply::Cancelled => ElicitResult::new(ElicitationAction::Cancel),
    }
}

/// The members of a request that is sent again with answers.
pub(super) fn join(params: &mut Value, answers: Answers) {
    let replies = answers.replies.into_iter().filter_map(|(key, reply)| {
        // It has only texts and JSON in it, so it can be written.
        serde_json::to_value(answer(reply)).ok().map(|answer| (key, answer))
    });
    let replies: Map<_, _> = replies.collect();
    if !replies.is_empty() {
        params["inputResponses"] = replies.into();
    }
    if let Some(state) = answers.state {
        params["requestState"] = state.into();
    }
}
