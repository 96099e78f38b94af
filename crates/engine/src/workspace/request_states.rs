//! What a client carries from one round of a request to the next.
//!
//! The client holds it and could change it, keep it, or give it away. So it is authenticated by the vault, bound to who
//! it was made for and what they had asked, and it counts once and for a day.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use executor_core::{AccountId, ErrorCode, Failure, Json, KeyId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::Workspace;
use crate::failure::StoreResult;

/// How long a state counts, in milliseconds.
const LIFETIME_MS: i64 = 24 * 3_600_000;

/// What is sealed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    state: Json,
    nonce: String,
    expires_at: Timestamp,
}

/// What the seal covers: the body, and what only fits where it was made.
#[derive(Serialize)]
struct Bound<'a> {
    account: AccountId,
    key: Option<KeyId>,
    workspace: WorkspaceId,
    request: &'a str,
    body: &'a str,
}

impl Workspace {
    /// Seals a state for the principal's next round of the same `request`.
    pub fn seal_request_state(&self, request: &str, state: &Json) -> Result<String, Failure> {
        let now = self.engine.clock.now();
        let body = Body {
            state: state.clone(),
            nonce: self.engine.ids.next_uuid(now).simple().to_string(),
            expires_at: now.plus_millis(LIFETIME_MS),
        };
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&body).map_err(|error| internal(&error))?);
        let tag = self.engine.vault.ring().authenticate(&self.bound(request, &body)?);
        Ok(format!("{body}.{}", tag.map_err(|error| internal(&error))?))
    }

    /// Opens a state that was sealed for this principal and `request`, once. [`ErrorCode::RequestStateInvalid`] for
    /// anything else.
    pub async fn open_request_state(&self, request: &str, sealed: &str) -> Result<Json, Failure> {
        let foreign = || invalid("The request's state was not given to this sender for this request.");
        let (body, tag) = sealed.split_once('.').ok_or_else(foreign)?;
        if !matches!(self.engine.vault.ring().is_authentic(&self.bound(request, body)?, tag), Ok(true)) {
            return Err(foreign());
        }
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| foreign())?;
        let Body { state, nonce, expires_at } = serde_json::from_slice(&body).map_err(|_| foreign())?;
        let now = self.engine.clock.now();
        if expires_at <= now {
            return Err(invalid("The request's state counted for a day, which is over."));
        }
        let organization = self.principal.organization;
        match self.engine.store.use_request_state(organization, nonce, expires_at, now).await.shown()? {
            true => Ok(state),
            false => Err(invalid("The request's state was used before.")),
        }
    }

    fn bound(&self, request: &str, body: &str) -> Result<String, Failure> {
        let (account, key, workspace) = (self.principal.account, self.principal.key, self.id);
        serde_json::to_string(&Bound { account, key, workspace, request, body })
            .map_err(|error| internal(&error))
    }
}

fn invalid(message: &str) -> Failure {
    Failure::new(ErrorCode::RequestStateInvalid, message)
}

fn internal(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::Internal, error.to_string())
}
