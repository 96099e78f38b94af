//! The client of our own server's API.
#![expect(clippy::disallowed_types, reason = "it dials its own server only")]

use std::time::Duration;

use reqwest::{Method, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Refused;
use crate::owner::Published;

/// A connection to a server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    workspace: String,
}

impl Client {
    /// A client of the server at that place, acting in that workspace.
    pub(crate) fn new(server: &Published, workspace: &str) -> anyhow::Result<Self> {
        // A server elsewhere may speak TLS. Only the first call in the process has an effect.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A connection of its own for each request: one that is kept may be found dead only by a request that is lost
        // on it, and then nobody knows whether that had its effect.
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(5))
            .build()?;
        Ok(Self {
            http,
            base: server.url.trim_end_matches('/').to_owned(),
            token: server.token.clone(),
            workspace: workspace.to_owned(),
        })
    }

    /// Whether the server answers, and knows the token.
    pub(crate) async fn answers(&self) -> bool {
        let ask = self.request(Method::GET, "/api/v1/workspaces").timeout(Duration::from_secs(2)).send();
        ask.await.is_ok_and(|response| response.status().is_success())
    }

    /// The path of something in the workspace.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/workspaces/{}/{rest}", self.workspace)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        Ok(self.send(Method::GET, path, None).await?.json().await?)
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        Ok(self.send(Method::POST, path, Some(body)).await?.json().await?)
    }

    pub(crate) async fn patch<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        Ok(self.send(Method::PATCH, path, Some(body)).await?.json().await?)
    }

    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        Ok(self.send(Method::PUT, path, Some(body)).await?.json().await?)
    }

    /// An answer that is too long to be held.
    pub(crate) async fn download(&self, path: &str) -> anyhow::Result<Response> {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.send(Method::DELETE, path, None).await.map(|_| ())
    }

    /// All items of a list, page after page.
    pub(crate) async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        self.list_some(path, usize::MAX).await
    }

    /// The first items of a list.
    pub(crate) async fn list_some(&self, path: &str, most: usize) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let page: Value = match &cursor {
                Some(cursor) => self.get(&format!("{path}{mark}cursor={}", encode(cursor))).await?,
                None => self.get(path).await?,
            };
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["nextCursor"].as_str() {
                Some(next) if items.len() < most => cursor = Some(next.to_owned()),
                _ => {
                    items.truncate(most);
                    return Ok(items);
                }
            }
        }
    }

    /// A request whose answer is a stream of events.
    pub(crate) async fn events(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Response> {
        let request = self.request(method, path).header("accept", "text/event-stream");
        check(match body {
            Some(body) => request.json(body).send().await?,
            None => request.send().await?,
        })
        .await
    }

    /// One JSON-RPC message to the MCP endpoint, with the headers of its session.
    pub(crate) async fn mcp(&self, message: String, headers: &[(&str, String)]) -> anyhow::Result<Response> {
        let mut request = self
            .request(Method::POST, &format!("/mcp?workspaceId={}", encode(&self.workspace)))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(message);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(request.send().await?)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Response> {
        let request = self.request(method, path);
        check(match body {
            Some(body) => request.json(body).send().await?,
            None => request.send().await?,
        })
        .await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }
}

/// Percent-encodes one value of a path or a query.
pub(crate) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

async fn check(response: Response) -> anyhow::Result<Response> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().to_string();
    let problem: Value = response.json().await.unwrap_or_default();
    Err(Refused::from_problem(&problem, &status).into())
}
