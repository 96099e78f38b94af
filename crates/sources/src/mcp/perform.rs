//! Sending a planned call, once.

use std::sync::Arc;

use executor_core::{ErrorCode, ToolError};
use executor_egress::Injection;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::endpoint::Endpoint;
use super::opening::Generation;
use super::pool::{Key, Pool};
use super::session::Session;
use super::transport::Planned;
use super::trouble::Trouble;
use super::{failure, result};
use crate::kind::Sending;
use crate::perform::Performed;

/// Sends the call in the session of its connection and reads what came of it.
///
/// It goes out a second time only where the server says that it knows the session no more: then it has not happened.
pub(super) async fn perform(pool: &Pool, sending: Sending<'_>) -> Performed {
    let Sending { path, plan, files, side_effect, kept_for, injection, timeout } = sending;
    let internal = |what: String| Performed::Failed(ToolError::new(ErrorCode::Internal, path.as_str(), what));
    let deadline = Instant::now() + timeout;
    let endpoint = match Endpoint::of_url(&plan.url) {
        Ok(endpoint) => endpoint,
        Err(failure) => return internal(failure.message),
    };
    let method = plan.route.split(' ').next().unwrap_or_default();
    let body = plan.body.as_ref().and_then(|body| body.bytes(&files)).unwrap_or_default();
    let params: Value = match serde_json::from_slice(&body) {
        Ok(params) => params,
        Err(error) => return internal(format!("The planned request cannot be read: {error}.")),
    };
    let key = (Endpoint::text_of(&plan.url), kept_for);
    let mut is_first = true;
    loop {
        let session = timeout_at(deadline, session(pool, &key, &endpoint, injection.clone())).await;
        let session = match session {
            Ok(Ok(session)) => session,
            Ok(Err(trouble)) => return Performed::Failed(trouble.before_the_call(path)),
            Err(_) => {
                let message = format!("The MCP server did not greet back within {} ms.", timeout.as_millis());
                return Performed::Failed(ToolError::new(
                    ErrorCode::UpstreamUnreachable,
                    path.as_str(),
                    message,
                ));
            }
        };
        match timeout_at(deadline, session.request(method, params.clone(), Planned::of(&plan.headers))).await
        {
            Ok(Ok(result)) => return result::read(path, method, result),
            Ok(Err(trouble)) => {
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
            Err(_) => return failure::timed_out(path, timeout.as_millis(), side_effect),
        }
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
