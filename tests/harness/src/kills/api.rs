//! The HTTP API as a client of it uses it.
#![allow(clippy::disallowed_types, reason = "it is a client of the server under test")]

use std::time::Duration;

use serde_json::Value;

use super::server::Access;

/// The API, wherever it is.
#[derive(Clone)]
pub(super) struct Api(reqwest::Client);

/// Why there is no answer: the server's status, if there is a server.
pub(super) type Refused = Option<u16>;

impl Api {
    pub(super) fn new() -> Self {
        // Somebody else may have been first; there is one provider a process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A paused server answers late or never, and a client does not wait for ever.
        let patience = Duration::from_secs(35);
        Self(reqwest::Client::builder().no_proxy().timeout(patience).build().unwrap())
    }

    pub(super) async fn post(&self, url: &str, path: &str, body: &Value) -> Result<Value, Refused> {
        self.answer(self.0.post(format!("{url}{path}")).json(body)).await
    }

    /// As the server's owner, who may decide.
    pub(super) async fn post_as_owner(
        &self,
        server: &Access,
        path: &str,
        body: &Value,
    ) -> Result<Value, Refused> {
        let request = self.0.post(format!("{}{path}", server.url)).bearer_auth(&server.token);
        self.answer(request.json(body)).await
    }

    pub(super) async fn get(&self, url: &str, path: &str) -> Result<Value, Refused> {
        self.answer(self.0.get(format!("{url}{path}")).timeout(Duration::from_secs(5))).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, Refused> {
        let response = request.send().await.map_err(|_| None)?;
        let status = response.status();
        // An answer that is cut short is none.
        let body = response.json().await.map_err(|_| None)?;
        if status.is_success() { Ok(body) } else { Err(Some(status.as_u16())) }
    }
}
